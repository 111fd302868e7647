/**
 * Electron as `npm install` and the packagers download it, from this machine: each asked-for version is the stand-in, made when it is
 * asked for. So projects that templates made are built as they are, whatever version of Electron they name.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDistribution } from '../../test/standin/distribution.ts';

/** A running mirror. */
export interface ElectronMirror {
  /** Variables that make `electron`, Forge and electron-builder download from it. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => void;
}

/** Serve stand-ins; they are kept in `folder`. */
export async function startElectronMirror(folder: string): Promise<ElectronMirror> {
  const zips = new Map<string, Promise<Buffer>>();
  const zipOf = (version: string, arch: string): Promise<Buffer> => {
    const key = `${version}-${arch}`;
    const known = zips.get(key);
    if (known !== undefined) return known;
    const made = makeDistribution({ out: path.join(folder, key), version, arch, zip: true }).then(({ zip }) =>
      readFile(zip ?? ''),
    );
    zips.set(key, made);
    return made;
  };
  const answer = async (url: string): Promise<Buffer | string | null> => {
    const [, version = '', file = ''] = /^\/v?([^/]+)\/([^/]+)$/.exec(url) ?? [];
    const arch = /^electron-v.+-linux-(x64|arm64)\.zip$/.exec(file)?.[1];
    if (arch !== undefined) return zipOf(version, arch);
    if (file !== 'SHASUMS256.txt') return null;
    const lines = ['x64', 'arm64'].map(async (one) => {
      const digest = createHash('sha256')
        .update(await zipOf(version, one))
        .digest('hex');
      return `${digest} *electron-v${version}-linux-${one}.zip\n`;
    });
    return (await Promise.all(lines)).join('');
  };
  const server = createServer((request, response) => {
    answer(request.url ?? '').then(
      (body) => response.writeHead(body === null ? 404 : 200).end(body ?? ''),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    env: {
      ELECTRON_MIRROR: `http://127.0.0.1:${port}/`,
      electron_use_remote_checksums: '1',
      electron_config_cache: path.join(folder, 'downloads'),
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
