import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { recommendedPyInstaller } from '../../src/config/limits.js';
import { repositoryDir } from '../support/paths.js';

test('the recommended version of PyInstaller is written once, so that the next one is nowhere forgotten', async () => {
  const places: string[] = [];
  for await (const file of glob('src/**/*.ts', { cwd: repositoryDir })) {
    const text = await readFile(path.join(repositoryDir, file), 'utf8');
    const code = text.replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
    if (code.includes(recommendedPyInstaller)) places.push(path.basename(file));
  }
  expect(places).toEqual(['limits.ts']);
});
