import * as fc from 'fast-check';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestFile } from '../../src/bundle/digest.js';
import { machRanges } from '../../src/runtime/integrity/mach-layout.js';
import { sha256 } from '../../src/lib/hash.js';
import { temporaryFolder } from '../support/files.js';
import { fatFile, javaClass, machFile, signMach } from '../support/mach.js';
import { wheelFile, wheelFolder } from './wheels.js';

beforeAll(async () => {
  await wheelFolder('markupsafeMac');
}, 600_000);

async function digest(bytes: Uint8Array): Promise<{ algorithm: string; digest: string; size: number }> {
  const file = path.join(await temporaryFolder(), 'file');
  await writeFile(file, bytes);
  return await digestFile(file, 'darwin');
}

/** What is hashed, in memory: for properties with many runs. */
async function hashed(bytes: Uint8Array): Promise<string | null> {
  const all = Buffer.from(bytes);
  const parts = await machRanges((at, length) => Promise.resolve(all.subarray(at, at + length)), all.length);
  if (parts === null) return null;
  return sha256(
    Buffer.concat([
      ...parts.ranges.map(([start, end]) => all.subarray(start, end)),
      Buffer.alloc(parts.padding),
    ]),
  );
}

const slice = fc.record({
  arch: fc.constantFrom('arm64' as const, 'x64' as const),
  type: fc.constantFrom('executable' as const, 'library' as const, 'bundle' as const),
  content: fc.uint8Array({ minLength: 2, maxLength: 3000 }),
  narrow: fc.boolean(),
});
const signing = fc.record({
  kind: fc.constantFrom('adhoc' as const, 'identity' as const),
  size: fc.integer({ min: 64, max: 40_000 }),
});
/** Thin, universal, universal with offsets of 64 bits. */
const shape = fc.constantFrom('thin' as const, 'fat' as const, 'fat64' as const);
function join(kind: 'thin' | 'fat' | 'fat64', slices: readonly Buffer[]): Buffer {
  return kind === 'thin' ? Buffer.from(slices[0] ?? '') : fatFile(slices, kind === 'fat64');
}

describe('the digest of a Mach-O file', () => {
  it('stays the same however it is signed, and signed again', async () => {
    const half = fc.tuple(slice, fc.option(signing), fc.option(signing), signing);
    await fc.assert(
      fc.asyncProperty(shape, fc.array(half, { minLength: 1, maxLength: 3 }), async (kind, halves) => {
        const plain = halves.map(([options]) => machFile(options));
        const before = plain.map((file, index) => {
          const how = halves[index]?.[1] ?? null;
          return how === null ? file : signMach(file, how);
        });
        const after = before.map((file, index) => {
          const how = halves[index]?.[2] ?? null;
          return how === null ? file : signMach(file, how);
        });
        const last = after.map((file, index) => signMach(file, halves[index]?.[3]));
        const expected = await hashed(join(kind, plain));
        expect(expected).not.toBeNull();
        for (const files of [before, after, last]) expect(await hashed(join(kind, files))).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('changes with any byte that is flipped outside of the signature', async () => {
    await fc.assert(
      fc.asyncProperty(
        slice,
        fc.option(signing),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (options, how, where, bits) => {
          const plain = machFile(options);
          const file = how === null ? plain : signMach(plain, how);
          const expected = await hashed(file);
          const at = where % plain.length;
          if (isCounter(at, options.narrow)) return;
          const damaged = Buffer.from(file);
          damaged[at] = (damaged[at] ?? 0) ^ bits;
          expect(await hashed(damaged), `byte ${at}`).not.toBe(expected);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('changes when a file is cut short, or part of it is overwritten', async () => {
    await fc.assert(
      fc.asyncProperty(
        slice,
        signing,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (options, how, share) => {
          const plain = machFile(options);
          for (const file of [plain, signMach(plain, how)]) {
            const expected = await hashed(file);
            const cut = file.subarray(0, Math.floor(plain.length * share));
            expect(await hashed(cut)).not.toBe(expected);
            const erased = Buffer.from(file);
            erased.fill(0xa5, cut.length, plain.length);
            if (!erased.equals(file)) expect(await hashed(erased)).not.toBe(expected);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never fails, whatever the headers say', async () => {
    const change = fc.record({ at: fc.nat(700), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(shape, slice, fc.array(change, { maxLength: 6 }), async (kind, options, changes) => {
        const file = join(kind, [signMach(machFile(options)), machFile(options)]);
        for (const { at, value } of changes) if (at < file.length) file[at] = value;
        const answer = await hashed(file);
        expect(answer === null || answer.length === 64).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('is that of all bytes when the file is none, like a Java class, a text or an archive of objects', async () => {
    const archive = fatFile([machFile()]);
    archive.write('!<arch>\n', 16384, 'latin1');
    for (const bytes of [
      javaClass(),
      Buffer.from('hi'),
      archive,
      Buffer.alloc(0),
      machFile().subarray(0, 40),
    ])
      expect(await digest(bytes)).toEqual({ algorithm: 'sha256', digest: sha256(bytes), size: bytes.length });
  });

  it('is taken of a real library, also after it was signed again', async () => {
    const real = await readFile(
      await wheelFile('markupsafeMac', 'markupsafe/_speedups.cpython-312-darwin.so'),
    );
    const built = await digest(real);
    expect(built.algorithm).toBe('mach-o-sha256');
    expect(built.size).toBeLessThanOrEqual(real.length);
    expect(await hashed(real)).toBe(built.digest);
    for (const position of [4, 200, 0x400, 0.3, 0.6, 0.8].map((at) =>
      at < 1 ? Math.floor(real.length * at) : at,
    )) {
      const damaged = Buffer.from(real);
      damaged[position] = (damaged[position] ?? 0) ^ 1;
      expect((await digest(damaged)).digest, `byte ${position}`).not.toBe(built.digest);
    }
  });
});

/** The counters that a signature raises, and the place for its load command. */
function isCounter(at: number, narrow: boolean): boolean {
  const linkEdit = narrow ? 28 + 56 : 32 + 72;
  const sizes = narrow ? [28, 36] : [32, 48];
  const command = linkEdit + (narrow ? 56 : 72) + 24;
  return (
    (at >= 16 && at < 24) ||
    (at >= command && at < command + 16) ||
    sizes.some((size) => at >= linkEdit + size && at < linkEdit + size + 4)
  );
}
