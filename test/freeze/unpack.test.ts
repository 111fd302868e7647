import { execFileSync } from 'node:child_process';
import { chmod, lstat, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { unpack, unpackAdvice, unpackCommands } from '../../src/freeze/prebuilt/unpack.js';
import { findOnPath, realDisk } from '../../src/python/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { makeBackend, setVariable } from './support/project.js';
import { notOnWindows, onlyOnLinux, noLinks } from '../support/windows.js';

const system = String.raw`D:\Windows\System32\tar.exe`;

test.each<[NodeJS.Platform, string, readonly string[]]>([
  ['win32', 'a.zip', [system, 'unzip']],
  ['win32', 'a.tar.gz', [system, 'tar']],
  ['darwin', 'a.zip', ['tar', 'unzip']],
  ['darwin', 'a.tar.xz', ['tar']],
  ['linux', 'a.ZIP', ['unzip', 'bsdtar']],
  ['linux', 'a.tgz', ['tar', 'bsdtar']],
])(
  'on %s %s is unpacked by what such a system has, never by a tar that cannot read it',
  (platform, archive, expected) => {
    const commands = unpackCommands(archive, 'to', platform, { SystemRoot: String.raw`D:\Windows` });
    expect(commands.map(([command]) => command)).toEqual(expected);
    for (const command of commands) expect(command).toContain(archive);
  },
);

test('each system has its own advice', () => {
  expect(unpackAdvice('win32')).toContain('Windows 10 version 1803');
  expect(unpackAdvice('linux')).toContain('apt install unzip');
  expect(unpackAdvice('darwin')).toContain('/usr/bin');
});

const backend = () => makeBackend({ 'backend/main.py': '' }, { entry: 'backend/main.py' });

/** A folder with a program and a link, archived by real commands. */
async function archived(name: string): Promise<string> {
  const folder = await temporaryFolder();
  const bundle = await writeFiles({ engine: '#!/bin/sh\n', 'lib.so.1': 'x' }, path.join(folder, 'engine'));
  await chmod(path.join(bundle, 'engine'), 0o755);
  await symlink('lib.so.1', path.join(bundle, 'lib.so'));
  const archive = path.join(folder, name);
  const [command, args] = name.endsWith('.zip')
    ? ['zip', ['-qry', archive, 'engine']]
    : ['tar', ['-caf', archive, 'engine']];
  execFileSync(command, args, { cwd: folder });
  return archive;
}

const has = (name: string) => findOnPath(name, process.env, process.platform, realDisk).length > 0;

test.for<[string, readonly string[]]>([
  ['a é.zip', ['zip', 'unzip']],
  ['a é.tar.gz', ['tar', 'gzip']],
  ['a é.tar.xz', ['tar', 'xz']],
])('%s keeps links and permissions', notOnWindows(noLinks), async ([name, needed], { skip }) => {
  if (!needed.every((command) => has(command))) skip(`needs ${needed.join(' and ')}`);
  const to = path.join(await temporaryFolder(), 'to');
  await unpack(await backend(), await archived(name), to);
  expect((await stat(path.join(to, 'engine/engine'))).mode & 0o111).not.toBe(0);
  expect((await lstat(path.join(to, 'engine/lib.so'))).isSymbolicLink()).toBe(true);
  expect(await readFile(path.join(to, 'engine/lib.so'), 'utf8')).toBe('x');
});

test.each([
  ['x.zip', 'unzip or bsdtar'],
  ['x.tar.gz', 'tar or bsdtar'],
])(
  'without a command for %s the error names what is needed and how to get it',
  onlyOnLinux('Windows brings its own'),
  async (name, commands) => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, name), 'x');
    const owner = await backend();
    setVariable('PATH', folder);
    await expect(unpack(owner, path.join(folder, name), path.join(folder, 'to'))).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      path: 'backends.engine.prebuilt',
      message: expect.stringContaining(`${commands} is needed for`) as string,
      hint: expect.stringContaining('apt install') as string,
    });
  },
);

test('a damaged archive says so', notOnWindows('Wine 8 has no tar.exe'), async () => {
  const folder = await writeFiles({ 'x.tar.gz': 'no archive' });
  await expect(
    unpack(await backend(), path.join(folder, 'x.tar.gz'), path.join(folder, 'to')),
  ).rejects.toMatchObject({
    code: 'ERR_NOT_FOUND',
    message: expect.stringContaining('tar failed on') as string,
  });
});
