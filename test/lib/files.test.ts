import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asRecord, entriesIn, errorCode, isFile, namesIn, readJson, readText } from '../../src/lib/files.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('what cannot be read is nothing instead of an error', async () => {
  const missing = path.join(folder, 'missing');
  expect(await readText(missing)).toBeNull();
  expect(await readJson(missing)).toBeUndefined();
  expect(await namesIn(missing)).toEqual([]);
  expect(await entriesIn(missing)).toEqual([]);
  expect(await isFile(missing)).toBe(false);
  expect(await isFile(folder)).toBe(false);
});

test('a damaged JSON file is nothing, a whole one its value', async () => {
  const file = path.join(folder, 'a.json');
  await writeFile(file, '{"a":');
  expect(await readJson(file)).toBeUndefined();
  await writeFile(file, '{"a":1}');
  expect(await readJson(file)).toEqual({ a: 1 });
});

test('names are in order of their code units', async () => {
  for (const name of ['b', 'a', 'C', 'é']) await writeFile(path.join(folder, name), '');
  expect(await namesIn(folder)).toEqual(['C', 'a', 'b', 'é']);
});

test('only system errors have a code', async () => {
  expect(errorCode(await readThrowing())).toBe('ENOENT');
  for (const value of [null, undefined, 'ENOENT', new Error('x'), { code: 5 }])
    expect(errorCode(value)).toBeUndefined();
});

test('lists and objects have members, other values none', () => {
  expect([null, undefined, 'a', 1].map(asRecord)).toEqual([null, null, null, null]);
  expect(asRecord({ a: 1 })).toEqual({ a: 1 });
});

async function readThrowing(): Promise<unknown> {
  const { readFile } = await import('node:fs/promises');
  return readFile(path.join(folder, 'missing')).catch((error: unknown) => error);
}
