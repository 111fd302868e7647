import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { foreignBundles } from '../support/foreign.js';
import { runCli } from './support.js';

// Two backends frozen elsewhere: the commands do everything but run Python.
const forMac = ['--target', 'darwin-x64'];

let folder: string;
let cacheDir: string;

beforeEach(async () => {
  cacheDir = path.join(await temporaryFolder(), 'cache');
  folder = await writeFiles({ 'package.json': '{}', 'backend/main.py': '' });
  const one = async (name: string): Promise<object> => ({
    entry: { asgi: 'main:app' },
    source: 'backend',
    prebuilt: await foreignBundles(path.join(folder, 'prebuilt', name), name),
    run: { args: ['--secret={token}'] },
  });
  const config = { cacheDir, backends: { first: await one('first'), second: await one('second') } };
  await writeFiles({ 'pyinstaller.config.json': JSON.stringify(config) }, folder);
});

describe('build', () => {
  test('prints where each bundle is; progress, warnings and results are on standard error', async () => {
    const { exitCode, out, error } = await runCli(['build', ...forMac], folder);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^first {2}.+[\\/]bundle \(1\.7 kB, 4 files\)\nsecond {2}.+[\\/]bundle \(.*\)\n$/);
    expect(error).toContain('backends.first.run.args');
    expect(error).toContain('! first: first was not started');
    expect(error).toContain('✔ second: prebuilt, used as it is');
  });

  test('with names it makes those only', async () => {
    const { out } = await runCli(['build', 'second', ...forMac, '--json'], folder);
    const { backends } = JSON.parse(out) as { backends: { name: string; warnings: string[] }[] };
    expect(backends.map(({ name }) => name)).toEqual(['second']);
    expect(backends[0]?.warnings).toHaveLength(1);
  });

  test('takes it from the cache, and makes it anew with --force', async () => {
    const cached = async (...more: string[]): Promise<unknown> => {
      const { out } = await runCli(['build', 'first', ...forMac, '--json', ...more], folder);
      return (JSON.parse(out) as { backends: { cached: boolean }[] }).backends[0]?.cached;
    };
    expect([await cached(), await cached(), await cached('--force')]).toEqual([false, true, false]);
  });

  test('--out copies into a folder per target and backend', async () => {
    await runCli(['build', ...forMac, '--out', 'out'], folder);
    expect((await readdir(path.join(folder, 'out/darwin-x64'))).sort()).toEqual(['first', 'second']);
    expect(await readdir(path.join(folder, 'out/darwin-x64/first'))).toContain('first');
  });

  test('that is interrupted ends with the exit code of an interruption', async () => {
    let isSent = false;
    const error = (): void => {
      if (!isSent) process.emit('SIGTERM');
      isSent = true;
    };
    const { exitCode } = await runCli(['build', 'first', ...forMac], folder, {
      error: (text) => {
        if (text.includes('Taking the prebuilt')) error();
      },
    });
    expect(isSent).toBe(true);
    expect(exitCode).toBe(130);
  });
});

describe('clean', () => {
  const clean = async (...args: string[]): Promise<object> =>
    JSON.parse((await runCli(['clean', '--json', ...args], folder)).out) as object;

  beforeEach(async () => {
    await runCli(['build', ...forMac], folder);
  });

  test('counts in days and in megabytes', async () => {
    expect(await clean('--older-than', '1')).toMatchObject({ ok: true, removedBundles: 0 });
    expect(await clean('--keep', '1')).toMatchObject({ removedBundles: 0, cacheDir });
    expect(await clean('--keep', '0.002')).toMatchObject({ removedBundles: 1 });
  });

  test('--everything also removes what is remembered about builds', async () => {
    await writeFiles({ 'history/x.json': '{}', 'logs/x.log': '' }, cacheDir);
    expect(await clean()).toMatchObject({ removedBundles: 2, keptBytes: 0 });
    expect(await readdir(cacheDir)).toEqual(expect.arrayContaining(['history', 'logs']));
    await clean('--everything');
    expect(await readdir(cacheDir)).not.toContain('history');
    expect(await readdir(cacheDir)).not.toContain('logs');
  });

  test('with a configuration that is not there it cleans nothing, also not the usual cache', async () => {
    const env = { XDG_CACHE_HOME: cacheDir, LOCALAPPDATA: cacheDir, HOME: cacheDir };
    const { exitCode, error } = await runCli(['clean', '--config', 'missing.json'], folder, { env });
    expect(exitCode).toBe(1);
    expect(error).toContain('missing.json');
  });
});

test('verify of an app with a configuration that is not there says so', async () => {
  const { exitCode, error } = await runCli(['verify', 'app', '--config', 'missing.json'], folder);
  expect(exitCode).toBe(1);
  expect(error).toContain('missing.json');
});
