import { chmod, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestBundle } from '../../../src/bundle/index.js';
import { failOnProblems, findPlacementProblems } from '../../../src/hosts/shared/check-placed.js';
import type { Manifest } from '../../../src/runtime/manifest.js';
import { writeFiles } from '../../support/files.js';
import { windowsProgram } from '../../support/foreign.js';
import { fatFile, javaClass, machFile, signMach } from '../../support/mach.js';
import { fakeFile, fakeFrozen } from './fakes.js';
import { notOnWindows } from '../../support/windows.js';

/** An app for Windows has neither links nor execute permissions, and there is no making them there. */
const onWindows = process.platform === 'win32';
const platform = onWindows ? 'win32' : 'linux';

const files = [
  fakeFile('engine', { executable: true }),
  fakeFile('_internal/libpython.so'),
  ...(onWindows ? [] : [{ type: 'link', path: '_internal/lib.so', target: 'libpython.so' } as const]),
];
const manifest: Manifest = { version: 1, backends: { engine: fakeFrozen('/bundle', files).manifest } };

async function placed(): Promise<string> {
  const resources = await writeFiles({ 'engine/engine': '', 'engine/_internal/libpython.so': '' });
  await chmod(path.join(resources, 'engine/engine'), 0o755);
  if (!onWindows) await symlink('libpython.so', path.join(resources, 'engine/_internal/lib.so'));
  return resources;
}

test('a backend that arrived whole has no problems', async () => {
  expect(await findPlacementProblems(await placed(), manifest, platform)).toEqual([]);
});

test('a missing file is found', async () => {
  const resources = await placed();
  await rm(path.join(resources, 'engine/_internal/libpython.so'));
  const problems = await findPlacementProblems(resources, manifest, platform);
  expect(problems.map(({ problem }) => problem)).toEqual(['is missing']);
  expect(() => failOnProblems(problems, 'Look there.')).toThrow(/is missing\nLook there/);
});

test.each([
  [
    'a program that lost its permission',
    (dir: string) => chmod(path.join(dir, 'engine/engine'), 0o644),
    'is not executable',
  ],
  [
    'a link that was followed',
    async (dir: string) => {
      await unlink(path.join(dir, 'engine/_internal/lib.so'));
      await writeFiles({ 'engine/_internal/lib.so': '' }, dir);
    },
    'is no longer a symbolic link',
  ],
  [
    'a link that was rewritten',
    async (dir: string) => {
      await unlink(path.join(dir, 'engine/_internal/lib.so'));
      await symlink('/build/libpython.so', path.join(dir, 'engine/_internal/lib.so'));
    },
    'points to /build/libpython.so instead of libpython.so',
  ],
])('%s is found', notOnWindows('it is about links and permissions'), async (_name, damage, expected) => {
  const resources = await placed();
  await damage(resources);
  const problems = await findPlacementProblems(resources, manifest, 'linux');
  expect(problems.map(({ problem }) => problem)).toEqual([expected]);
});

describe('contents', () => {
  /** A bundle of a library and data, as digested, and a placed copy. */
  async function digested(integrity: 'exe' | 'off' = 'exe') {
    const text = { 'engine/engine': 'program', 'engine/_internal/data.bin': 'abc' };
    const bundle = await writeFiles(text);
    const list = await digestBundle(path.join(bundle, 'engine'), { executable: 'engine', platform });
    const { manifest: backend } = fakeFrozen('/bundle', list);
    const settings = { ...backend.settings, integrity };
    const resources = await writeFiles(text);
    await chmod(path.join(resources, 'engine/engine'), 0o755);
    const found = () =>
      findPlacementProblems(
        resources,
        { version: 1, backends: { engine: { ...backend, settings } } },
        platform,
      );
    return { resources, found };
  }

  test.each([
    ['engine/engine', 'changed', 'is not the file that was frozen'],
    ['engine/engine', 'longer than before', 'has 18 bytes; 7 were frozen'],
    ['engine/_internal/data.bin', 'ab', 'has 2 bytes; 3 were frozen'],
  ])('%s with %j is found', async (file, text, problem) => {
    const { resources, found } = await digested();
    expect(await found()).toEqual([]);
    await writeFile(path.join(resources, file), text);
    expect((await found()).map((one) => one.problem)).toEqual([problem]);
  });

  test('are not looked at when the app will not look at them either', async () => {
    const { resources, found } = await digested('off');
    await writeFile(path.join(resources, 'engine/engine'), 'altered');
    expect(await found()).toEqual([]);
  });
});

test('execute permission is not asked of an app for Windows', async () => {
  const resources = await placed();
  await chmod(path.join(resources, 'engine/engine'), 0o644);
  expect(await findPlacementProblems(resources, manifest, 'win32')).toEqual([]);
});

describe('programs and libraries that signing changes', () => {
  /** The files of a bundle for a system, as digested, and a placed copy. */
  async function digested(platform: 'darwin' | 'win32', content: Record<string, Uint8Array | string>) {
    const program = platform === 'win32' ? 'engine.exe' : 'engine';
    const bundle = await writeFiles(content);
    await chmod(path.join(bundle, program), 0o755);
    const list = await digestBundle(bundle, { executable: program, platform });
    const resources = await writeFiles(
      Object.fromEntries(Object.entries(content).map(([file, bytes]) => [`engine/${file}`, bytes])),
    );
    await chmod(path.join(resources, 'engine', program), 0o755);
    const app = { version: 1, backends: { engine: fakeFrozen('/bundle', list).manifest } } as const;
    const problems = async () =>
      (await findPlacementProblems(resources, app, platform)).map(({ file, problem }) => [file, problem]);
    return { folder: path.join(resources, 'engine'), problems };
  }
  const extension = '_internal/a.cpython-313-darwin.so';
  const python = '_internal/Python.framework/Versions/3.13/Python';
  const plist = '_internal/Python.framework/Versions/3.13/Resources/Info.plist';
  const said = '<plist version="1.0"><dict><key>A</key><string>B</string></dict></plist>';
  const mac = {
    engine: signMach(machFile({ type: 'executable' }), { kind: 'adhoc' }),
    [extension]: machFile(),
    [python]: fatFile([machFile(), machFile({ arch: 'x64' })], true),
    [plist]: said,
    '_internal/A.class': javaClass(),
  };

  test.each([
    ['engine', Buffer.alloc(0)],
    ['engine', machFile({ type: 'executable', content: Buffer.from('other code') })],
    [python, Buffer.alloc(0)],
    [python, mac[python].subarray(0, 20_000)],
    [extension, Buffer.from('hi')],
    [extension, Buffer.from(mac[extension]).fill(0xff, mac[extension].length - 1)],
    ['_internal/A.class', Buffer.from('cafebabe', 'hex')],
    [plist, Buffer.from(said.replace('B', 'C'))],
  ])('%s of a macOS app is found destroyed', async (file, bytes) => {
    const { folder, problems } = await digested('darwin', mac);
    expect(await problems()).toEqual([]);
    await writeFile(path.join(folder, file), bytes);
    expect(await problems()).toEqual([
      [file, expect.stringMatching(/is not the file|is made for arm64|bytes; \d+ were frozen/)],
    ]);
  });

  test('a signed macOS app, with property lists as joining two architectures leaves them, is whole', async () => {
    const { folder, problems } = await digested('darwin', mac);
    await writeFile(path.join(folder, 'engine'), signMach(mac.engine, { size: 9000 }));
    await writeFile(path.join(folder, extension), signMach(mac[extension]));
    const halves = [signMach(machFile()), signMach(machFile({ arch: 'x64' }))];
    await writeFile(path.join(folder, python), fatFile(halves, true));
    await writeFile(
      path.join(folder, plist),
      '<?xml version="1.0"?>\n<plist version="1.0">\n  <dict>\n    <key>A</key>\n    <string>B</string>\n' +
        '    <key>ElectronAsarIntegrity</key>\n    <dict>\n      <key>f</key>\n      <string>x</string>\n    </dict>\n  </dict>\n</plist>',
    );
    expect(await problems()).toEqual([]);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 600)],
    ['emptied', () => Buffer.alloc(0)],
    ['with a changed byte', (bytes: Buffer) => Buffer.from(bytes).fill(1, 900, 901)],
  ])('a library of a Windows app is found %s', async (_name, damage) => {
    const library = windowsProgram();
    const { folder, problems } = await digested('win32', {
      'engine.exe': library,
      '_internal/b.pyd': library,
    });
    expect(await problems()).toEqual([]);
    await writeFile(path.join(folder, '_internal/b.pyd'), damage(library));
    expect(await problems()).toEqual([['_internal/b.pyd', 'is not the file that was frozen']]);
  });
});
