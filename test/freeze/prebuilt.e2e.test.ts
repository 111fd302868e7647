import { execFileSync } from 'node:child_process';
import { open, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listBundle } from '../../src/bundle/index.js';
import { exportBundle } from '../../src/freeze/index.js';
import { hostTarget, targetName } from '../../src/target.js';
import { temporaryFolder } from '../support/files.js';
import { freeze, makeBackend } from './support/project.js';
import { runFrozen } from './support/program.js';

const hello = { 'backend/hello.py': 'import sys\nprint("hello", *sys.argv[1:])\n' };
const job = { kind: 'job', entry: 'backend/hello.py' };
const target = targetName(hostTarget());

/** A bundle as another machine would hand it over. */
async function exported(): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'engine');
  await exportBundle((await freeze(await makeBackend(hello, job))).frozen, folder);
  return folder;
}

const using = (prebuilt: string): ReturnType<typeof makeBackend> =>
  makeBackend(hello, { ...job, prebuilt: { [target]: prebuilt } });

test('a folder and an archive frozen elsewhere are used without freezing, with every link and permission', async () => {
  const folder = await exported();
  const fromFolder = await freeze(await using(folder));
  expect(await runFrozen(fromFolder.frozen, ['folder'])).toBe('hello folder');
  expect(fromFolder.events.some((event) => event.type === 'stage' && event.stage === 'graph')).toBe(false);

  expect(fromFolder.events.at(-1)).toMatchObject({
    type: 'done',
    summary: expect.stringMatching(/^engine: prebuilt, used as it is \(/) as string,
  });

  const archive = path.join(path.dirname(folder), 'engine.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', path.dirname(folder), 'engine']);
  const fromArchive = await freeze(await using(archive));
  expect(await runFrozen(fromArchive.frozen, ['archive'])).toBe('hello archive');
  const own = (await freeze(await makeBackend(hello, job))).frozen;
  expect(await listBundle(fromArchive.frozen.bundleDir)).toEqual(await listBundle(own.bundleDir));
  expect(fromArchive.frozen.manifest.program).toEqual(own.manifest.program);
  expect(fromArchive.frozen.manifest.versions).toEqual(own.manifest.versions);
  expect((await freeze(await using(archive))).frozen.cached).toBe(true);
});

/** The file with the Python library: the first shared library of the bundle. */
async function libraryIn(folder: string): Promise<string> {
  const name = (await readdir(path.join(folder, '_internal'))).find((file) => file.includes('libpython'));
  return path.join(folder, '_internal', name ?? 'none');
}

test.each<[string, (folder: string) => Promise<unknown>, string]>([
  ['a changed byte', async (folder) => flip(await libraryIn(folder), 5000), 'was changed'],
  [
    'a missing file',
    (folder) => rm(path.join(folder, '_internal/base_library.zip')),
    'base_library.zip is missing',
  ],
  [
    'an additional file',
    (folder) => writeFile(path.join(folder, 'evil.so'), ''),
    'evil.so does not belong to it',
  ],
  ['a lost permission', (folder) => chmodAll(folder), 'is not executable any more (archive it with tar)'],
  ['an additional link', (folder) => symlink('engine', path.join(folder, 'x')), 'x does not belong to it'],
])('a prebuilt bundle with %s is refused', async (_, damage, expected) => {
  const folder = await exported();
  await damage(folder);
  await expect(freeze(await using(folder))).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringContaining(expected) as string,
  });
});

test('a program for another architecture is recognised by its header, and one for another backend by its record', async () => {
  const folder = await exported();
  await rm(path.join(folder, 'electron-pyinstaller-bundle.json'));
  // e_machine of the ELF header: 0xB7 is 64-bit ARM.
  await flip(path.join(folder, 'engine'), 18, process.arch === 'arm64' ? 0x3e : 0xb7);
  await expect(freeze(await using(folder))).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringMatching(/arm64|x64/) as string,
  });
  const other = await using(await exported());
  await expect(freeze({ ...other, name: 'other' })).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringContaining(`it is engine for ${target}, wanted is other for ${target}`) as string,
  });
});

async function flip(file: string, position: number, value?: number): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  byte[0] = value ?? (byte[0] ?? 0) ^ 0xff;
  await handle.write(byte, 0, 1, position);
  await handle.close();
}

async function chmodAll(folder: string): Promise<void> {
  execFileSync('chmod', ['-R', 'a-x,a+X', folder]);
  execFileSync('chmod', ['a-x', path.join(folder, 'engine')]);
}
