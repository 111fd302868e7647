import type { Inventory, Owner, Part } from '../../src/bundle/index.js';

const owner = (
  name: string,
  version: string | null,
  type: Owner['type'],
  bytes: number,
  files: number,
  modules: number,
): Owner => ({
  type,
  name,
  version,
  bytes,
  files,
  modules,
  strippableBytes: 0,
  spoiltByStrip: [],
});

const part = (index: number, path: string, bytes: number, kind: Part['kind']): Part => ({
  owner: index,
  path,
  file: kind === 'module' ? null : `_internal/${path}`,
  kind,
  bytes,
});

/** A small inventory, with names that would break a careless page. */
export const sampleStock: Inventory = {
  totalBytes: 10_000_000,
  fileCount: 6,
  moduleCount: 2,
  distributions: [],
  owners: [
    owner('numpy', '2.2.4', 'distribution', 6_000_000, 2, 2),
    owner('Python', '3.12', 'python', 3_000_000, 2, 0),
    owner('Your code and data', null, 'own', 1_000_000, 2, 0),
  ],
  parts: [
    part(0, 'numpy.libs/libopenblas.so', 3_500_000, 'library'),
    part(0, 'numpy/_core/_multiarray_umath.so', 2_000_000, 'extension'),
    part(0, 'numpy/_core/numeric.py', 400_000, 'module'),
    part(0, 'numpy/tests/test_all.py', 100_000, 'module'),
    part(1, 'libpython3.12.so.1.0', 2_500_000, 'library'),
    part(1, 'base_library.zip', 500_000, 'data'),
    part(2, 'data/größe & <!--<script>.json', 900_000, 'data'),
    part(2, 'data/constructor', 100_000, 'data'),
  ],
};
