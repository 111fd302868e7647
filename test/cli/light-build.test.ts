import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryDir } from '../support/paths.js';

/** Everything that is loaded with a file, because it says so at its top: files of ours by path, packages by name. */
async function loadedWith(file: string, seen = new Set<string>()): Promise<ReadonlySet<string>> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = await readFile(path.join(repositoryDir, file), 'utf8');
  for (const [, typeOnly, from = ''] of text.matchAll(
    /^(?:import|export) (type )?[^;']*from '([^']+)';/gmu,
  )) {
    if (typeOnly !== undefined) continue;
    if (!from.startsWith('.')) seen.add(from);
    else await loadedWith(path.posix.join(path.posix.dirname(file), from.replace(/\.js$/u, '.ts')), seen);
  }
  return seen;
}

test('a build that has nothing to do loads nothing that starts programs, reads YAML or runs backends', async () => {
  const loaded = new Set<string>();
  for (const file of ['src/cli/run.ts', 'src/cli/commands/build.ts', 'src/freeze/freeze-all.ts'])
    for (const one of await loadedWith(file)) loaded.add(one);
  expect(loaded).toContain('commander');
  expect(loaded).toContain('src/freeze/fingerprint/inputs.ts');
  const heavy = [
    'execa',
    'fs-extra/esm',
    'yaml',
    'jiti',
    'src/runtime/backend.ts',
    'src/verify/verify.ts',
    'src/freeze/drive.ts',
  ];
  expect(heavy.filter((name) => loaded.has(name))).toEqual([]);
});

test("the built command line takes Node's modules without all that they export, and no texts of zod in other languages", async () => {
  const folder = path.join(repositoryDir, 'dist/cli');
  const parts = (await readdir(folder)).filter((name) => name.startsWith('part-'));
  expect(parts.length).toBeGreaterThan(10);
  for (const name of parts) {
    const text = await readFile(path.join(folder, name), 'utf8');
    expect(text, name).not.toMatch(/^import .*["']node:/mu);
    expect(text, name).not.toContain('zod/v4/locales/de.js');
  }
});
