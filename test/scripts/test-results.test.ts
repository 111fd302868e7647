import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { failuresOf, retriedOf, type Report } from '../../scripts/test-results.js';
import { temporaryFolder } from '../support/files.js';

const root = path.resolve(import.meta.dirname, '..', '..');

it('names what failed and what passed only at the second try, as vitest itself reports them', async () => {
  const folder = await temporaryFolder();
  await writeFile(
    path.join(folder, 'vitest.config.mjs'),
    "export default { test: { include: ['*.test.mjs'] } };\n",
  );
  await writeFile(
    path.join(folder, 'three.test.mjs'),
    `let tries = 0;
describe('a group', () => {
  test('is unlucky once', { retry: 1 }, () => { if ((tries += 1) === 1) throw new Error('too slow'); });
  test('always fails', { retry: 1 }, () => { throw new Error('wrong'); });
  test('passes', { retry: 1 }, () => undefined);
});
`,
  );
  await writeFile(path.join(folder, 'broken.test.mjs'), "throw new Error('cannot be loaded');\n");
  const program = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { stdout } = await execa(
    process.execPath,
    [program, 'run', '--root', folder, '--globals', '--reporter=json', '--outputFile=report.json'],
    { cwd: folder, reject: false, env: { VITEST: undefined } },
  );
  const { default: report } = (await import(path.join(folder, 'report.json'), {
    with: { type: 'json' },
  })) as {
    default: Report;
  };
  expect(retriedOf(report, folder), stdout).toEqual([
    'three.test.mjs > a group is unlucky once: Error: too slow',
  ]);
  expect(failuresOf(report, folder).toSorted()).toEqual([
    'broken.test.mjs',
    'three.test.mjs > a group always fails: Error: wrong',
  ]);
});
