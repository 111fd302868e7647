import * as fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArchiveEntry } from '../../../src/bundle/archive/archive.js';
import { readArchive, type Archive } from '../../../src/bundle/index.js';
import { temporaryFolder } from '../../support/files.js';
import { sampleProgram } from '../sample-program.js';

const program = sampleProgram(Buffer.alloc(100_000, 0x90), {
  modules: { 'fastapi.': 1200, 'fastapi.routing': 5000, main: 300 },
  entries: { server: ['s', Buffer.from('code')], 'numpy.libs/libopenblas.so': ['b', Buffer.alloc(9000, 7)] },
  options: ['pyi-contents-directory _internal'],
});

async function read(bytes: Uint8Array): Promise<{ file: string; archive: Archive | null }> {
  const file = path.join(await temporaryFolder(), 'engine');
  await writeFile(file, bytes);
  return { file, archive: await readArchive(file) };
}

describe('readArchive', () => {
  it('lists entries, modules and options', async () => {
    const { file, archive } = await read(program);
    expect(archive).toMatchObject({
      fileBytes: program.length,
      python: '3.12',
      options: ['pyi-contents-directory _internal'],
    });
    expect(archive?.entries.map(({ name, type, fullBytes }) => [name, type, fullBytes])).toEqual([
      ['server', 'script', 4],
      ['numpy.libs/libopenblas.so', 'binary', 9000],
      ['PYZ.pyz', 'pyz', expect.any(Number)],
    ]);
    expect(archive?.modules).toEqual([
      { name: 'fastapi', bytes: 1200, isPackage: true },
      { name: 'fastapi.routing', bytes: 5000, isPackage: false },
      { name: 'main', bytes: 300, isPackage: false },
    ]);
    const entry = archive?.entries[1];
    expect(entry && (await readArchiveEntry(file, entry)).equals(Buffer.alloc(9000, 7))).toBe(true);
  });

  it('finds the archive in front of a signature', async () => {
    const { archive } = await read(Buffer.concat([program, Buffer.alloc(80_000, 0xcc)]));
    expect(archive?.modules).toHaveLength(3);
  });

  it('is null for a program that PyInstaller did not make', async () => {
    expect((await read(Buffer.alloc(200_000, 0x90))).archive).toBeNull();
    expect((await read(Buffer.alloc(0))).archive).toBeNull();
    expect(await readArchive(process.execPath)).toBeNull();
  });

  it('never fails and never hangs on damaged ones', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'engine');
    const tail = program.length - 100_000;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(tail - 1), value: fc.nat(255) }), { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat(program.length), { nil: null }),
        async (changes, length) => {
          const copy = Buffer.from(program);
          for (const { at, value } of changes) copy[copy.length - 1 - at] = value;
          await writeFile(file, length === null ? copy : copy.subarray(0, length));
          const archive = await readArchive(file);
          expect(archive === null || Array.isArray(archive.entries)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
