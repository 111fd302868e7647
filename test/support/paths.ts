import path from 'node:path';

/** The repository. */
export const repositoryDir = path.resolve(import.meta.dirname, '../..');

/** Cache shared by all tests, so that environments and bundles are made once per machine. */
export const testCacheDir =
  process.env['ELECTRON_PYINSTALLER_TEST_CACHE'] ?? path.join(repositoryDir, '.cache', 'test');
