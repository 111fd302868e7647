import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { prepareElectron, type ElectronChoice } from '../../scripts/demo/electron.ts';
import { makeDistribution } from '../standin/distribution.ts';
import { temporaryFolder, writeFiles } from '../support/files.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function choice(): Promise<ElectronChoice> {
  const folder = await temporaryFolder();
  // An empty cache, so that an Electron of this machine's user does not answer for the test.
  vi.stubEnv('electron_config_cache', path.join(folder, 'cache'));
  vi.stubEnv('ELECTRON_DIST', '');
  return {
    exampleDir: folder,
    out: path.join(folder, 'out'),
    log: path.join(folder, 'log'),
    version: '45.4.1',
  };
}

it('takes the stand-in, with the reason, when the download server has no such version', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wanted = await choice();
  vi.stubEnv('ELECTRON_MIRROR', `http://${host}/mirror`);
  const electron = await prepareElectron(wanted);
  expect(electron).toMatchObject({ kind: 'stand-in', reason: `no download: ${host} answers 404` });
  expect(asked).toEqual([`HEAD /mirror/v45.4.1/electron-v45.4.1-${process.platform}-${process.arch}.zip`]);
  const { stdout } = await execa(path.join(electron.directory, 'electron'), ['--version']);
  expect(stdout).toBe('v45.4.1 (stand-in)');
});

it('takes the stand-in when nobody answers', async () => {
  const wanted = await choice();
  vi.stubEnv('ELECTRON_MIRROR', 'http://127.0.0.1:1/');
  expect(await prepareElectron(wanted)).toMatchObject({
    kind: 'stand-in',
    reason: expect.stringMatching(/^no download: /),
  });
});

it('takes the folder it is given, zips it for Forge, and is not fooled about what it is', async () => {
  const wanted = await choice();
  const { directory } = await makeDistribution({ out: await temporaryFolder() });
  vi.stubEnv('ELECTRON_DIST', directory);
  expect(await prepareElectron(wanted)).toMatchObject({
    kind: 'stand-in',
    directory,
    reason: 'given by ELECTRON_DIST',
  });
  const zip = path.join(wanted.out, `electron-v45.4.1-${process.platform}-${process.arch}.zip`);
  const { stdout } = await execa('unzip', ['-Z1', zip]);
  expect(stdout.split('\n')).toContain('electron');
});

it('refuses a folder with another version, or that is no Electron', async () => {
  const wanted = await choice();
  const { directory } = await makeDistribution({ out: await temporaryFolder(), version: '44.0.0' });
  vi.stubEnv('ELECTRON_DIST', directory);
  await expect(prepareElectron(wanted)).rejects.toThrow(/holds Electron 44\.0\.0; .* asks for 45\.4\.1/);
  vi.stubEnv('ELECTRON_DIST', await writeFiles({ 'readme.txt': '' }));
  await expect(prepareElectron(wanted)).rejects.toThrow(/is not an unpacked Electron/);
});
