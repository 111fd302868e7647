import { execa } from 'execa';
import * as fc from 'fast-check';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inspectBinary, inspectBytes } from '../../../src/bundle/index.js';
import type { ElfInfo } from '../../../src/bundle/index.js';
import { temporaryFolder } from '../../support/files.js';
import { wheelFile, wheelFolder } from '../wheels.js';
import { onlyOnLinux } from '../../support/windows.js';

interface SampleSegment {
  readonly type?: number;
  readonly offset: number;
  readonly address: number;
  readonly alignment?: number;
  readonly bytes?: number;
}

/** The headers of a shared library, and nothing else. */
function library(segments: readonly SampleSegment[], bits: 32 | 64 = 64): Promise<ElfInfo> {
  const wide = bits === 64;
  const headerBytes = wide ? 64 : 52;
  const entryBytes = wide ? 56 : 32;
  const file = Buffer.alloc(headerBytes + entryBytes * segments.length);
  file.write('\x7fELF', 'latin1');
  file.set([wide ? 2 : 1, 1, 1], 4);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(wide ? 62 : 3, 18);
  const address = (value: number, at: number): void => {
    if (wide) file.writeBigUInt64LE(BigInt(value), at);
    else file.writeUInt32LE(value, at);
  };
  address(headerBytes, wide ? 32 : 28);
  file.writeUInt16LE(entryBytes, wide ? 54 : 42);
  file.writeUInt16LE(segments.length, wide ? 56 : 44);
  segments.forEach(({ type = 1, offset, address: place, alignment = 4096, bytes = 100 }, index) => {
    const at = headerBytes + entryBytes * index;
    file.writeUInt32LE(type, at);
    const fields = wide ? [8, 16, 32, 40, 48] : [4, 8, 16, 20, 28];
    [offset, place, bytes, bytes, alignment].forEach((value, field) =>
      address(value, at + (fields[field] ?? 0)),
    );
  });
  return inspectBytes(file) as Promise<ElfInfo>;
}

describe('segments of Linux libraries', () => {
  const segment = fc.record({
    offset: fc.oneof(
      fc.nat(0x7fffffff),
      fc.nat(0x7ffff).map((page) => page * 4096),
    ),
    address: fc.oneof(
      fc.nat(0x7fffffff),
      fc.nat(0x7ffff).map((page) => page * 4096),
    ),
    alignment: fc.constantFrom(0, 1, 8, 4096, 16_384, 65_536, 2_097_152),
    bytes: fc.nat(0xffff),
  });

  it('are refused by every loader when they stand at another place of a page than in memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 6 }),
        fc.constantFrom(32, 64),
        async (segments, bits) => {
          const differs =
            (pageBytes: number) =>
            ({ offset, address }: SampleSegment) =>
              (offset - address) % pageBytes !== 0;
          const { misaligned } = await library(segments, bits);
          const never = segments.find(differs(4096));
          const old = segments.find((one) => one.alignment > 4096 && differs(one.alignment)(one));
          const expected = never === undefined ? (old === undefined ? null : 'old') : 'any';
          expect(misaligned?.refusedBy ?? null).toBe(expected);
          if (misaligned !== null) {
            const { offset, address } = (never ?? old) as SampleSegment;
            expect(misaligned).toMatchObject({ offset, address });
          }
        },
      ),
    );
  });

  it('of other kinds stand anywhere', async () => {
    expect((await library([{ type: 4, offset: 100, address: 1 }])).misaligned).toBeNull();
  });

  it('mean nothing in a file of split-off debug information', async () => {
    const split = await library([
      { offset: 0, address: 64 },
      { type: 2, offset: 0, address: 0, bytes: 0 },
    ]);
    expect(split.misaligned).toBeNull();
  });
});

describe('what `strip` does to real libraries', onlyOnLinux('binutils for Windows are not here'), () => {
  beforeAll(async () => {
    await wheelFolder('numpyLinux');
  }, 600_000);

  it('is told before: those that cannot be loaded afterwards do not survive it', async ({ skip }) => {
    const folder = await wheelFolder('numpyLinux');
    const files = (await readdir(folder, { recursive: true })).filter((name) => /\.so(?:\.|$)/.test(name));
    expect(files.length).toBeGreaterThan(15);
    const work = await temporaryFolder();
    const spoilt: string[] = [];
    for (const name of files) {
      const stripped = path.join(work, 'stripped.so');
      const result = await execa('strip', ['-o', stripped, path.join(folder, name)], { reject: false });
      if (result.failed) skip('strip (binutils) is not installed');
      const before = (await inspectBinary(path.join(folder, name))) as ElfInfo;
      const after = (await inspectBinary(stripped)) as ElfInfo;
      expect(before.misaligned, name).toBeNull();
      expect(before.survivesStrip, name).toBe(after.misaligned === null);
      if (!before.survivesStrip) spoilt.push(path.basename(name));
    }
    expect(spoilt.map((name) => name.split('-')[0]).sort()).toEqual(['libgfortran', 'libscipy_openblas64_']);
  });

  it('is not feared for a library that nothing rewrote', async () => {
    const file = await wheelFile('orjsonLinux', 'orjson/orjson.cpython-312-x86_64-linux-gnu.so');
    expect(await inspectBinary(file)).toMatchObject({ survivesStrip: true, misaligned: null });
  });
});
