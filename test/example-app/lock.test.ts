import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { repositoryDir } from '../support/paths.ts';

async function readJson(name: string): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(path.join(repositoryDir, name), 'utf8')) as Record<
    string,
    Record<string, unknown>
  >;
}

/** To make it so: `npm install --package-lock-only --save-dev electron-pyinstaller@file:..` in example-app. */
it("example-app's lock file describes this package as it is", async () => {
  const own = await readJson('package.json');
  const lock = await readJson('example-app/package-lock.json');
  const locked = lock['packages']?.['node_modules/electron-pyinstaller'] as
    | Record<string, unknown>
    | undefined;
  expect(locked?.['resolved']).toBe('file:..');
  for (const key of ['version', 'dependencies', 'peerDependencies', 'engines']) {
    expect(locked?.[key], key).toEqual(own[key]);
  }
});

it('the lock file names no registry host', async () => {
  const text = await readFile(path.join(repositoryDir, 'example-app/package-lock.json'), 'utf8');
  expect(text.match(/"resolved": "(?!file:)[^"]*"/g)).toBeNull();
});

it('example-app asks for the versions of Electron and the hosts this repository is tested with', async () => {
  const own = await readJson('package.json');
  const example = await readJson('example-app/package.json');
  expect(example['devDependencies']?.['electron']).toBe(own['devDependencies']?.['electron']);
  expect(example['devDependencies']?.['esbuild']).toBe(own['devDependencies']?.['esbuild']);
  expect(example['devDependencies']?.['electron-builder']).toBe(own['devDependencies']?.['app-builder-lib']);
  const yml = await readFile(path.join(repositoryDir, 'example-app/electron-builder.yml'), 'utf8');
  expect(yml).toContain(`electronVersion: ${String(example['devDependencies']?.['electron'])}\n`);
});
