import * as fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPeDigestPlan } from '../../src/bundle/binary/pe-digest.js';
import { bufferReader } from '../../src/bundle/binary/reader.js';
import { peHeaderBytes, peRanges } from '../../src/runtime/integrity/pe-layout.js';
import { wheelFile, wheelFolder } from './wheels.js';

beforeAll(async () => {
  for (const name of ['pyinstallerWindows', 'orjsonWindows', 'microsoft'] as const) await wheelFolder(name);
}, 600_000);

/** The build writes digests, the runtime compares them, and neither imports the other: they must hash the same bytes. */
describe('build and runtime hash the same bytes of a Windows program', () => {
  const agree = async (bytes: Buffer): Promise<void> => {
    const plan = await readPeDigestPlan(bufferReader(bytes));
    if (plan === null) return;
    const theirs = peRanges(bytes.subarray(0, peHeaderBytes), bytes.length);
    expect(theirs).toEqual({
      ranges: plan.ranges.map(({ start, end }) => [start, end]),
      padding: plan.padding,
    });
  };
  const samples = async (): Promise<Buffer[]> =>
    Promise.all([
      readFile(await wheelFile('pyinstallerWindows', 'PyInstaller/bootloader/Windows-64bit-intel/run.exe')),
      readFile(await wheelFile('orjsonWindows', 'orjson/orjson.cp312-win_amd64.pyd')),
      readFile(await wheelFile('microsoft', 'msvc_runtime-14.51.36231.data/data/msvcp140_1.dll')),
    ]);

  it('in real files', async () => {
    for (const bytes of await samples()) {
      expect(await readPeDigestPlan(bufferReader(bytes))).not.toBeNull();
      await agree(bytes);
      await agree(Buffer.concat([bytes, Buffer.alloc(13, 5)]));
    }
  });

  it('whenever the build takes a file for a Windows program, whatever its headers say', async () => {
    const changes = fc.array(fc.record({ at: fc.nat(1023), value: fc.nat(255) }), { maxLength: 4 });
    for (const bytes of await samples()) {
      await fc.assert(
        fc.asyncProperty(changes, async (list) => {
          const copy = Buffer.from(bytes);
          for (const { at, value } of list) copy[at] = value;
          await agree(copy);
        }),
        { numRuns: 300 },
      );
    }
  });
});
