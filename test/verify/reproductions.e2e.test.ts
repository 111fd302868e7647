import { execa } from 'execa';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { copyBundle } from '../../src/bundle/copy.js';
import { verifyBundle } from '../../src/verify/index.js';
import { temporaryFolder } from '../support/files.js';
import { frozenBackend, verifyInput } from './frozen.js';
import { misbehavingConfig, misbehavingFiles } from './misbehaving.js';

/** The hash by which the loader compares versions; System V ABI, *Hash Table Section*. */
function elfHash(name: string): number {
  let hash = 0;
  for (const code of Buffer.from(name)) {
    hash = ((hash << 4) + code) >>> 0;
    const high = hash & 0xf0000000;
    if (high !== 0) hash ^= high >>> 24;
    hash = (hash & ~high) >>> 0;
  }
  return hash;
}

const word = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
};

function replaceAll(bytes: Buffer, from: Buffer, to: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + 1)) {
    to.copy(bytes, at);
    count++;
  }
  return count;
}

/** Change a library so that it needs another version of a library it is linked against. */
async function needVersion(file: string, from: string, to: string): Promise<void> {
  const bytes = await readFile(file);
  expect(replaceAll(bytes, Buffer.from(`${from}\0`), Buffer.from(`${to}\0`))).toBeGreaterThan(0);
  expect(replaceAll(bytes, word(elfHash(from)), word(elfHash(to)))).toBeGreaterThan(0);
  await writeFile(file, bytes);
}

describe.runIf(process.platform === 'linux')('real failures of frozen programs are explained', () => {
  let frozen: FrozenBackend;
  beforeAll(async () => {
    frozen = await frozenBackend(misbehavingFiles, misbehavingConfig);
  });

  const withMode = (mode: string, env: Record<string, string> = {}) =>
    verifyBundle(verifyInput(frozen, {}, { env: { MODE: mode, ...env } }));

  /** Verify a copy that was changed, without digests: the runtime would notice the change before the program shows it. */
  const damaged = async (
    change: (contents: string, program: string) => Promise<void>,
    { mode = '', glibc }: { readonly mode?: string; readonly glibc?: string } = {},
  ) => {
    const copy = path.join(await temporaryFolder(), 'bundle');
    await copyBundle(frozen.bundleDir, copy);
    await change(path.join(copy, '_internal'), path.join(copy, 'engine'));
    const input = verifyInput(frozen, glibc === undefined ? {} : { glibc }, { env: { MODE: mode } });
    const { program } = input.manifest;
    if (program.type !== 'frozen') throw new Error('not frozen');
    return verifyBundle({
      ...input,
      bundleDir: copy,
      manifest: { ...input.manifest, program: { ...program, files: {} } },
    });
  };

  const python = async (contents: string): Promise<string> => {
    const name = (await readdir(contents)).find((candidate) => candidate.startsWith('libpython'));
    return path.join(contents, name ?? 'libpython is missing');
  };

  it('a shared library that is not there', async () => {
    await expect(withMode('shared-library')).rejects.toMatchObject({
      hint: expect.stringContaining('The shared library libnot-there.so.7 is not in the bundle'),
    });
  });

  it('source text that is asked for', async () => {
    await expect(withMode('source')).rejects.toMatchObject({
      hint: expect.stringContaining('moduleCollectionMode'),
    });
  });

  it('a name that is no module', async () => {
    await expect(withMode('missing-name')).rejects.toMatchObject({
      hint: expect.stringContaining("hiddenImports: ['services.absent']"),
    });
  });

  it('a database in its own folder', async () => {
    await expect(withMode('read-only')).rejects.toMatchObject({
      hint: expect.stringContaining('user_data()'),
    });
  });

  it('standard output that is not there', async () => {
    const input = verifyInput(frozen, {}, { env: { MODE: 'no-streams' } });
    const pyinstaller = { ...input.backend.pyinstaller, console: false };
    // A program with a console is not told to get one.
    await expect(withMode('no-streams')).rejects.toMatchObject({ hint: undefined });
    await expect(
      verifyBundle({ ...input, backend: { ...input.backend, pyinstaller } }),
    ).rejects.toMatchObject({
      hint: expect.stringContaining('console: true'),
    });
  });

  it('a certificate that cannot be verified', async ({ skip }) => {
    const folder = await temporaryFolder();
    const made = await execa(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=localhost',
        '-days',
        '2',
        '-keyout',
        'key.pem',
        '-out',
        'cert.pem',
      ],
      { cwd: folder, reject: false },
    );
    if (made.failed) skip('openssl is not installed');
    const server = createHttpsServer({
      key: await readFile(path.join(folder, 'key.pem')),
      cert: await readFile(path.join(folder, 'cert.pem')),
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(withMode('certificate', { SERVER: `https://localhost:${port}/` })).rejects.toMatchObject({
      hint: expect.stringContaining('certifi'),
    });
  });

  it('a library that needs a newer glibc: at run time, and before by its headers', async () => {
    const raise = async (contents: string): Promise<void> => {
      const file = await python(contents);
      // The highest version libpython needs becomes one that no system has.
      const versions = [...(await readFile(file, 'latin1')).matchAll(/GLIBC_2\.(\d\d)\0/g)];
      const highest = Math.max(...versions.map((match) => Number(match[1])));
      await needVersion(file, `GLIBC_2.${highest}`, 'GLIBC_9.99');
    };
    await expect(damaged(raise)).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      hint: expect.stringMatching(/needs GLIBC_9\.99, newer than this system's/),
    });
    await expect(damaged(raise, { glibc: '2.99' })).rejects.toThrow(
      /newer glibc than the allowed 2\.99:\n {2}_internal\/libpython\S+ needs 9\.99/,
    );
  });

  it('a package that needs a newer C++ library', async () => {
    const run = damaged(
      async (contents) => {
        const folder = path.join(contents, 'greenlet');
        const name = (await readdir(folder)).find((candidate) => candidate.startsWith('_greenlet.'));
        await needVersion(path.join(folder, name ?? '_greenlet is missing'), 'CXXABI_1.3', 'CXXABI_9.9');
      },
      { mode: 'compiled' },
    );
    await expect(run).rejects.toMatchObject({
      hint: expect.stringMatching(/needs CXXABI_9\.9 of libstdc\+\+[\s\S]+pyinstaller\.spec/),
    });
  });

  it('an instruction that the processor does not have', async () => {
    await expect(withMode('illegal-instruction')).rejects.toMatchObject({
      hint: expect.stringContaining('uses processor instructions that this processor does not have'),
    });
  });

  it('a Python library that is gone', async () => {
    // Seen before it is started; the program's own words are in a sample of the failure table.
    const run = damaged(async (contents) => rm(await python(contents)));
    await expect(run).rejects.toMatchObject({
      message: expect.stringMatching(/libpython\d/),
      hint: expect.stringContaining('Freeze again'),
    });
  });

  it('a standard library that is gone', async () => {
    const run = damaged((contents) => rm(path.join(contents, 'base_library.zip')));
    await expect(run).rejects.toMatchObject({
      hint: expect.stringContaining('The standard library of the frozen Python'),
    });
  });

  it('a program file that was cut short, a little or a lot', async () => {
    const little = damaged(async (_contents, program) =>
      truncate(
        program,
        (await readFile(program)).lastIndexOf('MEI\x0c\x0b\x0a\x0b\x0e', undefined, 'latin1'),
      ),
    );
    await expect(little).rejects.toMatchObject({
      hint: expect.stringContaining("PyInstaller's archive at the end of the program file is missing"),
    });
    const much = damaged(async (_contents, program) => truncate(program, 20_000));
    await expect(much).rejects.toMatchObject({
      message: expect.stringContaining('The program engine is damaged or cut short'),
      hint: expect.stringContaining('freeze again'),
    });
  });

  it('a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const input = verifyInput(
      frozen,
      {},
      { address: { type: 'port', host: '127.0.0.1', from: port, to: port } },
    );
    await expect(verifyBundle(input)).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining(String(port)),
    });
  });
});
