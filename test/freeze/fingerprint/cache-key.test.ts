import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacheKey } from '../../../src/freeze/index.js';
import { hostTarget, targetName } from '../../../src/target.js';
import { temporaryFolder } from '../../support/files.js';
import { makeBackend } from '../support/project.js';

const files = { 'backend/main.py': 'x = 1\n', 'requirements.txt': 'fastapi==0.142.2\n' };
const config = { entry: { asgi: 'main:app' }, requirements: 'requirements.txt' };

test('the key for a CI cache changes with sources, requirements and configuration, not with the folder', async () => {
  const cacheDir = await temporaryFolder();
  const backend = await makeBackend(files, config);
  const key = await cacheKey([backend], cacheDir);
  expect(key).toMatch(new RegExp(`^electron-pyinstaller-${targetName(hostTarget())}-[0-9a-f]{32}$`));
  expect(await cacheKey([await makeBackend(files, config)], cacheDir)).toBe(key);
  const others = await Promise.all([
    makeBackend({ ...files, 'backend/main.py': 'x = 2\n' }, config),
    makeBackend({ ...files, 'requirements.txt': 'fastapi==0.142.3\n' }, config),
    makeBackend(files, { ...config, hiddenImports: ['x'] }),
    makeBackend(files, { ...config, python: { version: '>=3.11' } }),
  ]);
  const keys = await Promise.all(others.map((other) => cacheKey([other], cacheDir)));
  expect(new Set([key, ...keys]).size).toBe(5);
  await writeFile(path.join(backend.projectDir, 'README.md'), 'x');
  expect(await cacheKey([backend], cacheDir)).toBe(key);
});
