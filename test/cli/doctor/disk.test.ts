import * as fc from 'fast-check';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { judgeDisks, judgeSpace, type BackendNeed, type DiskPlace } from '../../../src/cli/doctor/disk.js';
import { estimateSizes } from '../../../src/cli/doctor/package-sizes.js';
import { asksForCpu, requirementNames } from '../../../src/cli/doctor/requirement-names.js';
import { writeFiles } from '../../support/files.js';

const gigabyte = 1_000_000_000;
const torch: BackendNeed = {
  name: 'engine',
  environmentBytes: 5.4 * gigabyte,
  bundleBytes: 5 * gigabyte,
  unpacks: false,
  source: 'estimated from torch with CUDA',
};
const place = (id: DiskPlace['id'], device: string, freeGigabytes: number): DiskPlace => ({
  id,
  folder: `/${device}/${id}`,
  device,
  freeBytes: freeGigabytes * gigabyte,
});

describe('the room that a build needs', () => {
  it('is compared with each file system, for all places on it together', () => {
    const disks = judgeDisks(
      [place('cache', 'a', 30), place('temporary', 'ram', 2), place('output', 'a', 30)],
      [torch],
      'linux',
    );
    expect(disks.map(({ id, status }) => [id, status])).toEqual([
      ['disk', 'ok'],
      ['disk:temporary', 'ok'],
    ]);
    expect(disks[0]?.detail).toMatch(
      /^30 GB free at \/a\/cache \(cache, output folder\), 19 GB needed\nengine: /,
    );
    expect(disks[0]?.detail).toContain('environment 5.4 GB and 3.0 GB while it is installed, bundle 5.0 GB');
  });

  it('is too little for PyTorch where a small program has enough', () => {
    const small = {
      ...torch,
      environmentBytes: 0.2 * gigabyte,
      bundleBytes: 0.1 * gigabyte,
      source: 'estimated',
    };
    const at = (needs: readonly BackendNeed[], free: number) =>
      judgeDisks(
        [place('cache', 'a', free), place('temporary', 'a', free), place('output', 'a', free)],
        needs,
        'linux',
      )[0];
    expect(at([small], 2.2)?.status).toBe('ok');
    expect(at([torch], 2.2)).toMatchObject({
      status: 'fail',
      fix: expect.stringMatching(
        /^Free 17 GB more there: .*ELECTRON_PYINSTALLER_CACHE[^]*download\.pytorch\.org\/whl\/cpu/,
      ) as string,
    });
    expect(at([torch], 17)?.status).toBe('warn');
  });

  it('counts what a onefile program unpacks into the temporary folder', () => {
    const disks = judgeDisks(
      [place('cache', 'a', 30), place('temporary', 'ram', 2), place('output', 'a', 30)],
      [{ ...torch, unpacks: true }],
      'linux',
    );
    expect(disks[1]).toMatchObject({
      id: 'disk:temporary',
      status: 'fail',
      fix: expect.stringContaining('TMPDIR') as string,
    });
  });

  test.each([
    [0.2, 'fail'],
    [1, 'warn'],
    [50, 'ok'],
  ])('whatever the project is, %f GB in the cache are: %s', (gigabytes, status) => {
    expect(judgeSpace(gigabytes * gigabyte, 0)).toBe(status);
  });

  it('is judged the milder the more there is', () => {
    const rank = { fail: 0, warn: 1, ok: 2 } as const;
    fc.assert(
      fc.property(fc.nat(50_000), fc.nat(50_000), fc.nat(50_000), (needed, free, more) => {
        const at = (value: number) => rank[judgeSpace(value * 1_000_000, needed * 1_000_000)];
        expect(at(free + more)).toBeGreaterThanOrEqual(at(free));
      }),
    );
  });
});

describe('the estimate', () => {
  it('knows what PyTorch is on each system and from another index', () => {
    const bundle = (platform: 'linux' | 'win32', otherIndex: boolean) =>
      estimateSizes(['fastapi', 'Torch'], platform, otherIndex).bundleBytes / gigabyte;
    expect(bundle('linux', false)).toBeGreaterThan(4.5);
    expect(bundle('linux', true)).toBeLessThan(1);
    expect(bundle('win32', false)).toBeLessThan(1);
  });

  it('counts PyTorch once, also when only a package that requires it is named', () => {
    const both = estimateSizes(['torch', 'peft', 'accelerate'], 'linux', false);
    expect(estimateSizes(['peft'], 'linux', false)).toEqual(both);
    expect(both.giants).toEqual(['torch with CUDA']);
  });

  it('of nothing special is small', () => {
    expect(estimateSizes(['fastapi', 'uvicorn'], 'linux', false)).toMatchObject({
      giants: [],
      bundleBytes: 50_000_000,
    });
  });
});

describe('the names of requirements', () => {
  it('are those of requirement files, of what they include, and of single packages', async () => {
    const folder = await writeFiles({
      'requirements.txt': '# torch\nFastAPI[standard]>=0.110 # web\n-r more/base.txt\n',
      'more/base.txt': '-r ../requirements.txt\nsentence_transformers==5\n',
    });
    await mkdir(path.join(folder, 'x'));
    const files = [path.join(folder, 'requirements.txt')];
    const requirements = { type: 'pip', files, packages: ['peft'], requireHashes: false } as const;
    expect((await requirementNames(requirements)).sort()).toEqual([
      'fastapi',
      'peft',
      'sentence-transformers',
    ]);
  });

  test.each([
    ['uv.lock', '[[package]]\nname = "torch"\nversion = "2.15.0"\n'],
    ['pyproject.toml', '[project]\ndependencies = ["torch>=2", \'fastapi\']\n'],
  ])('stand in %s', async (name, text) => {
    const folder = await writeFiles({ [name]: text });
    const place = { directory: folder, extras: [], groups: [] };
    const names = await requirementNames(
      name === 'uv.lock'
        ? { type: 'lock', tool: 'uv', file: path.join(folder, name), ...place }
        : { type: 'project', ...place },
    );
    expect(names).toContain('torch');
  });

  test.each([
    ['requirements.txt', '--extra-index-url https://download.pytorch.org/whl/cpu\ntorch\n', true],
    ['requirements.txt', 'torch==2.15.0+cpu\n', true],
    ['requirements.txt', 'torch\ncpuinfo\n', false],
    ['uv.lock', '[[package]]\nsource = { registry = "https://download.pytorch.org/whl/cpu" }\n', true],
  ])('ask for wheels without CUDA in %s (%j): %s', async (name, text, expected) => {
    const folder = await writeFiles({ [name]: text });
    const file = path.join(folder, name);
    const asks = await asksForCpu(
      name === 'uv.lock'
        ? { type: 'lock', tool: 'uv', file, directory: folder, extras: [], groups: [] }
        : { type: 'pip', files: [file], packages: [], requireHashes: false },
    );
    expect(asks).toBe(expected);
  });

  it('are none where a file is missing: the other check says so', async () => {
    const requirements = { type: 'pip', files: ['/absent.txt'], packages: [], requireHashes: false } as const;
    expect(await requirementNames(requirements)).toEqual([]);
  });
});
