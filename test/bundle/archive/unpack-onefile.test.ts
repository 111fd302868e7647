import { readFile, readlink, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readArchive } from '../../../src/bundle/index.js';
import { unpackOnefile } from '../../../src/bundle/archive/unpack-onefile.js';
import { temporaryFolder } from '../../support/files.js';
import { sampleProgram } from '../sample-program.js';
import { needsLinks } from '../../support/windows.js';

type Entries = NonNullable<Parameters<typeof sampleProgram>[1]['entries']>;

async function unpacked(
  entries: Entries,
): Promise<{ folder: string; contents: string | null; file: string }> {
  const file = path.join(await temporaryFolder(), 'engine');
  const bytes = sampleProgram(Buffer.alloc(5000, 0x90), {
    modules: { main: 300 },
    entries: { main: ['s', Buffer.from('code')], ...entries },
    options: ['pyi-contents-directory _internal'],
  });
  await writeFile(file, bytes);
  const folder = path.join(await temporaryFolder(), 'unpacked');
  return { folder, contents: await unpackOnefile(file, folder), file };
}

test(
  'what a onefile program unpacks at its start lies beside it, and the program takes it from there',
  needsLinks,
  async () => {
    const { folder, contents, file } = await unpacked({
      'libs/libx.so.1': ['b', Buffer.alloc(9000, 7)],
      'data/words.txt': ['x', Buffer.from('words')],
      'libx.so': ['n', Buffer.from('libs/libx.so.1\0')],
    });
    expect(contents).toBe('_internal');
    const inside = path.join(folder, '_internal');
    expect(await readFile(path.join(inside, 'data/words.txt'), 'utf8')).toBe('words');
    expect((await stat(path.join(inside, 'libs/libx.so.1'))).size).toBe(9000);
    expect(await readlink(path.join(inside, 'libx.so'))).toBe('libs/libx.so.1');
    const before = await readArchive(file);
    const after = await readArchive(path.join(folder, 'engine'));
    expect(before?.entries.map(({ type }) => type)).toContain('binary');
    expect(after?.entries.map(({ type }) => type)).toEqual(['script', 'pyz']);
    expect(after?.modules).toEqual(before?.modules);
  },
);

test('nothing is written outside of the folder, and a program that takes files from another one is left alone', async () => {
  expect((await unpacked({ '../../outside.txt': ['x', Buffer.from('x')] })).contents).toBeNull();
  expect((await unpacked({ 'other:lib.so': ['d', Buffer.from('')] })).contents).toBeNull();
});
