import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listUnpacked, removeAbandoned, unpackedBy } from '../../../src/runtime/process/unpacked-folder.js';
import { temporaryFolder } from '../../support/files.js';

test.each([
  ['_MEI000064d21jrHEQ', 0x64d2],
  // Windows adds a digit or more.
  ['_MEI0000d8822', 0xd882],
  // Before PyInstaller 6.22.1.
  ['_MEIa8Xk2Q', null],
  ['_MEI123452', null],
  ['_MEI000064d2', null],
  ['other', null],
])('the name %s tells who unpacked: %s', (name, pid) => {
  expect(unpackedBy(name)).toBe(pid);
});

test("only what bears the ended bootloader's number is removed; another program may be unpacking beside it", async () => {
  const place = await temporaryFolder();
  const make = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await mkdir(path.join(place, name, 'inside'), { recursive: true });
  };
  await make('_MEI0000007bbefore');
  const before = listUnpacked(place);
  await make('_MEI0000007babcdef', '_MEI0000007cabcdef', '_MEIa8Xk2Q', 'mine');
  await removeAbandoned(place, before, 123, false);
  expect((await readdir(place)).toSorted()).toEqual([
    '_MEI0000007bbefore',
    '_MEI0000007cabcdef',
    '_MEIa8Xk2Q',
    'mine',
  ]);
  // A bootloader that failed may be an old one, whose folders have no number.
  await removeAbandoned(place, before, 123, true);
  expect(await readdir(place)).toContain('_MEI0000007cabcdef');
  if (process.platform === 'linux') expect(await readdir(place)).not.toContain('_MEIa8Xk2Q');
});
