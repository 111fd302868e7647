import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryDir } from '../../support/paths.js';
import { faultPages, soakNumber } from '../../../scripts/reliability/fault-pages.js';
import { faults } from './catalogue.js';

const sources = await Promise.all(
  (await readdir(import.meta.dirname))
    .filter((name) => name.endsWith('.e2e.test.ts'))
    .map((name) => readFile(path.join(import.meta.dirname, name), 'utf8')),
);
const names = (await readdir(path.join(repositoryDir, 'docs'))).filter((name) =>
  name.startsWith('reliability'),
);
const page = (
  await Promise.all(names.map((name) => readFile(path.join(repositoryDir, 'docs', name), 'utf8')))
).join('\n');

/** The text below the heading of a fault. */
function section(number: number): string {
  const [, after = ''] = page.split(new RegExp(`^## ${number}: .*$`, 'm'));
  return after.split(/^##/m)[0] ?? '';
}

test.each(faults.map(({ number, title }) => [number, title] as const))(
  'fault %i (%s) is tested',
  (number) => {
    const tests = sources.filter((text) => new RegExp(`\\bnumber: ${number},`).test(text));
    expect(tests.length).toBeGreaterThan(0);
  },
);

test('every fault has its place on exactly one page', () => {
  const placed = [...faultPages.flatMap(({ numbers }) => numbers), soakNumber];
  expect(placed.toSorted((a, b) => a - b)).toEqual(faults.map(({ number }) => number));
  expect(names.toSorted()).toEqual(
    ['reliability.md', 'reliability-invariants.md', ...faultPages.map(({ file }) => file)].toSorted(),
  );
});

// The soak has a table of another shape.
test.each(faults.filter(({ number }) => number !== soakNumber))(
  'docs/reliability*.md say what fault $number did to every kind of frozen program',
  ({ number, modes }) => {
    const [head = '', , ...rows] = section(number).trim().split('\n');
    const columns = head.split('|').map((text) => text.trim());
    expect(rows.length).toBeGreaterThan(0);
    for (const mode of modes) {
      const cells = rows.map((row) => row.split(/(?<!\\)\|/)[columns.indexOf(mode)]?.trim() ?? '');
      expect(cells.filter((text) => text !== '' && text !== '—').length).toBeGreaterThan(0);
    }
  },
);

test('docs/reliability*.md have the soak of every kind of program, the figures of readiness and what was not run', () => {
  const soak = page.split('## Soak')[1]?.split('\n## ')[0] ?? '';
  expect(soak).toContain('200 start/stop, then 50 kill -9');
  for (const program of ['development', 'onedir', 'onefile'])
    expect(soak).toMatch(
      new RegExp(`^\\| ${program} \\| descriptors \\d+.*0 zombies, 0 orphans, 0 unpacked folders`, 'm'),
    );
  expect(page).toMatch(/^\| announced, beside other work \| [\d.]+ ms \| [\d.]+ ms \|/m);
  for (let number = 1; number <= 14; number++) expect(page).toContain(`| I${number} |`);
  expect(page).toMatch(/## Not run here\n[^]*Windows[^]*macOS[^]*Genuine Electron/);
});
