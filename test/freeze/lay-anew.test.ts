import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cleanCache } from '../../src/freeze/cache/clean.js';
import { explainBackend } from '../../src/freeze/index.js';
import { namesIn } from '../../src/lib/files.js';
import { writeFiles } from '../support/files.js';
import { build, makeWorld, type Built, type World } from './support/fake-world.js';
import { makeBackend } from './support/project.js';

const at = (world: World, name: string): string => path.join(world.projectDir, name);
const inside = ({ frozen }: Built, name: string): string => path.join(frozen.bundleDir, '_internal', name);

test('a change of the data needs no PyInstaller, and is told as such', async () => {
  const world = await makeWorld();
  await build(world);
  await writeFile(at(world, 'assets/a.json'), '{"a":1}');
  const backend = await makeBackend({}, world.config, world.projectDir);
  expect(await explainBackend(backend, { cacheDir: world.cacheDir })).toMatchObject({
    cached: false,
    reason: 'data assets/a.json changed; only its data is laid in',
  });
  const events: string[] = [];
  const built = await build(world, world.cacheDir, {
    report: (event) => events.push(event.type === 'done' ? event.summary : event.type),
  });
  expect(built).toMatchObject({ froze: false, checked: true, frozen: { cached: false } });
  expect(events.at(-1)).toMatch(/^engine: program unchanged, data laid in \(/);
  expect(await readFile(inside(built, 'assets/a.json'), 'utf8')).toBe('{"a":1}');
  expect(await build(world)).toMatchObject({ froze: false, checked: false, frozen: { cached: true } });
});

const notData: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'code of the project': (world) => appendFile(at(world, 'backend/main.py'), '# x\n'),
  'a module collected as data': (world) => writeFile(at(world, 'assets/plugin.py'), ''),
  'a program collected as data': (world) => writeFile(at(world, 'assets/tool'), '\x7fELF'),
  'a setting of PyInstaller': (world) =>
    Promise.resolve((world.config = { ...world.config, pyinstaller: { pythonOptions: ['O'] } })),
};

test.each(Object.entries(notData))('%s is frozen again', async (_name, change) => {
  const world = await makeWorld();
  await build(world);
  await change(world);
  expect(await build(world)).toMatchObject({ froze: true });
});

test.each([
  ['one file', { mode: 'onefile' }],
  ['hooks of the project, which may read any file', { hooks: ['hooks'] }],
])('with %s, data goes through PyInstaller', async (_name, pyinstaller) => {
  const world = await makeWorld();
  await writeFiles({ 'hooks/hook-x.py': '' }, world.projectDir);
  world.config = { ...world.config, pyinstaller };
  await build(world);
  await appendFile(at(world, 'assets/a.json'), ' ');
  expect(await build(world)).toMatchObject({ froze: true });
});

test('a program among the data is changed by PyInstaller only, the data beside it is laid in', async () => {
  const world = await makeWorld();
  await writeFile(at(world, 'assets/tool'), '\x7fELF 1');
  await build(world);
  await appendFile(at(world, 'assets/a.json'), ' ');
  expect(await build(world)).toMatchObject({ froze: false });
  await writeFile(at(world, 'assets/tool'), '\x7fELF 2');
  expect(await build(world)).toMatchObject({ froze: true });
});

test('what `excludeFiles` names is not laid in either, and a pattern that fits such a file is not idle', async () => {
  const world = await makeWorld();
  await writeFile(at(world, 'assets/drawing.psd'), 'large');
  world.config = { ...world.config, pyinstaller: { excludeFiles: ['assets/*.psd'] } };
  const built = await build(world);
  expect(await namesIn(inside(built, 'assets'))).not.toContain('drawing.psd');
  expect(await namesIn(inside(built, 'assets'))).toContain('a.json');
});

test('what is in `verify.resources` counts: the check runs again when it changed', async () => {
  const world = await makeWorld();
  await writeFile(at(world, 'model.bin'), '1');
  world.config = { ...world.config, verify: { resources: ['model.bin'] } };
  await build(world);
  expect(await build(world)).toMatchObject({ froze: false, checked: false });
  await writeFile(at(world, 'model.bin'), '22');
  expect(await build(world)).toMatchObject({ froze: false, checked: true });
});

test('a bundle that comes out the same in every byte is not checked again', async () => {
  const world = await makeWorld();
  world.config = { ...world.config, collect: { data: ['pkg'] } };
  await build(world);
  await writeFile(at(world, 'backend/NOTES.md'), 'not collected');
  expect(await build(world)).toMatchObject({ froze: false, checked: false });
  await writeFile(at(world, 'backend/pkg/words.txt'), 'collected');
  expect(await build(world)).toMatchObject({ froze: false, checked: true });
});

test('data of the project that a hook of a package took is not taken for unchanged', async () => {
  const world = await makeWorld();
  world.config = { ...world.config, collect: { data: ['pkg'] } };
  await writeFile(at(world, 'backend/hooked.txt'), 'one');
  await build(world);
  await writeFile(at(world, 'backend/hooked.txt'), 'two');
  const built = await build(world);
  expect(built.froze).toBe(true);
  expect(await readFile(inside(built, 'hooked.txt'), 'utf8')).toBe('two');
});

test('data takes the place of data of a package, never that of a program; other data is then frozen', async () => {
  const world = await makeWorld();
  world.config = { ...world.config, data: [{ from: 'own', to: 'lib' }] };
  await writeFiles({ 'own/own.txt': 'mine', 'own/native': 'not a library' }, world.projectDir);
  const built = await build(world);
  expect(await readFile(inside(built, 'lib/own.txt'), 'utf8')).toBe('mine');
  expect(await readFile(inside(built, 'lib/native'), 'utf8')).toBe('\x7fELF');
  world.config = { ...world.config, data: [] };
  const without = await build(world);
  expect(without.froze).toBe(true);
  expect(await readFile(inside(without, 'lib/own.txt'), 'utf8')).toBe('own');
});

test('a file that would stand where a folder is, is refused with the key that moves it', async () => {
  const world = await makeWorld();
  await writeFiles({ 'own/lib': 'a file' }, world.projectDir);
  world.config = { ...world.config, data: [{ from: 'own', to: '.' }] };
  await expect(build(world)).rejects.toMatchObject({
    code: 'ERR_FREEZE',
    path: 'backends.engine.data',
    message: expect.stringContaining('lib would have to be a file and a folder') as string,
  });
});

test('data of a bundle is no other name of the data of another, and a damaged bundle is no base', async () => {
  const world = await makeWorld();
  const first = await build(world);
  await appendFile(at(world, 'assets/a.json'), ' ');
  const second = await build(world);
  await appendFile(inside(second, 'assets/deep/b.bin'), 'written by the program');
  expect(await readFile(inside(first, 'assets/deep/b.bin'), 'utf8')).toBe('b');
  await rm(inside(second, 'lib/native'));
  await appendFile(at(world, 'assets/a.json'), ' ');
  expect(await build(world)).toMatchObject({ froze: true });
});

test('programs whose bundle is gone are forgotten', async () => {
  const world = await makeWorld();
  await build(world);
  const programs = (): Promise<string[]> => namesIn(path.join(world.cacheDir, 'programs'));
  expect(await programs()).toHaveLength(1);
  await cleanCache(world.cacheDir);
  expect(await programs()).toEqual([]);
  await appendFile(at(world, 'assets/a.json'), ' ');
  expect(await build(world)).toMatchObject({ froze: true });
});
