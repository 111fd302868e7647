import { open, copyFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { copyBundle } from '../../src/bundle/copy.js';
import type { EngineEvent } from '../../src/report.js';
import { verifyBundle } from '../../src/verify/index.js';
import { wheelFolder } from '../bundle/wheels.js';
import { temporaryFolder } from '../support/files.js';
import { frozenBackend, verifyInput } from './frozen.js';

const main = `import sys
if sys.argv[1:]:
    import numpy
    print(numpy.ones(3).sum())
`;

// The smallest program that a stripped library breaks late: it starts and answers, and fails when it calculates.
describe.runIf(process.platform === 'linux')('a bundle whose libraries were stripped', () => {
  let frozen: FrozenBackend;
  beforeAll(async () => {
    await wheelFolder('numpyLinux');
    frozen = await frozenBackend(
      { 'backend/main.py': main },
      {
        kind: 'job',
        entry: 'backend/main.py',
        requirements: ['numpy==2.4.6'],
        pyinstaller: { strip: true },
      },
      // It would not pass, which is what the tests are about.
      () => Promise.resolve({ startupMs: null, warnings: [] }),
    );
  });

  /** A copy with the libraries that `strip` damages as they were, and without digests: the test changes more of it. */
  async function repaired(): Promise<string> {
    const copy = path.join(await temporaryFolder(), 'bundle');
    await copyBundle(frozen.bundleDir, copy);
    const libraries = path.join(await wheelFolder('numpyLinux'), 'numpy.libs');
    for (const name of await readdir(libraries))
      await copyFile(path.join(libraries, name), path.join(copy, '_internal/numpy.libs', name));
    return copy;
  }

  const verifyCopy = (bundleDir: string, report?: (event: EngineEvent) => void) => {
    const input = verifyInput(frozen, { args: ['add'] });
    const { program } = input.manifest;
    if (program.type !== 'frozen') throw new Error('not frozen');
    const manifest = { ...input.manifest, program: { ...program, files: {} } };
    return verifyBundle({ ...input, bundleDir, manifest }, { report });
  };

  it('is refused by its headers when a library cannot be mapped, although it starts', async () => {
    const error: Error = await verifyBundle(verifyInput(frozen, { args: [] })).then(
      () => expect.fail('it passed'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ code: 'ERR_VERIFY' });
    expect(error.message).toMatch(
      /cannot be loaded on any machine[^]*libscipy_openblas64_[^]*Remove `strip: true`/,
    );
  });

  it('passes when every library can still be loaded', async () => {
    const stages: string[] = [];
    const { warnings } = await verifyCopy(await repaired(), (event) => {
      if (event.type === 'stage') stages.push(event.title);
    });
    expect(warnings).toEqual([]);
    expect(stages).toContain('Loading every stripped library once');
  });

  it('is refused when the loader refuses a library whose headers say nothing', async () => {
    const copy = await repaired();
    const modules = path.join(copy, '_internal');
    const name = (await readdir(modules, { recursive: true })).find((file) =>
      /_json\.cpython.*\.so$/.test(file),
    );
    const file = await open(path.join(modules, name ?? ''), 'r+');
    // The version of the format, which nothing but the loader reads.
    await file.write(Buffer.from([9]), 0, 1, 6);
    await file.close();
    await expect(verifyCopy(copy)).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringMatching(
        /stripped libraries cannot be loaded[^]*_json\.[^]*Remove `strip: true`/,
      ) as string,
    });
  });
});
