import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { lend } from '../../src/verify/further/lend.js';
import { temporaryFolder, writeFiles } from '../support/files.js';

test('what is lent is a copy: a program that writes into it does not change the files of the project', async () => {
  const project = await writeFiles({ 'data/state.json': '{"mine":1}', 'uploads/a/b.txt': 'mine' });
  const workingDirectory = await temporaryFolder();
  const lender = {
    interpreter: 'none',
    roots: [project],
    sitePackages: [],
    project: { projectDir: project, source: [project] },
  };
  const parts = ['data/state.json', 'uploads'].map((name) => ({ kind: 'relative', name }) as const);
  const lent = await lend(parts, { contents: workingDirectory, workingDirectory }, 'none', lender);
  expect(lent.map(({ name, folder }) => [name, folder])).toEqual([
    ['data/state.json', false],
    ['uploads', true],
  ]);
  for (const name of ['data/state.json', 'uploads/a/b.txt']) {
    const before = await readFile(path.join(project, name), 'utf8');
    expect(await readFile(path.join(workingDirectory, name), 'utf8')).toBe(before);
    await writeFile(path.join(workingDirectory, name), 'the program');
    expect(await readFile(path.join(project, name), 'utf8')).toBe(before);
  }
});
