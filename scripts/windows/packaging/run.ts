/** `npm run test:windows -- packaging`: apps for Windows, packaged, signed and made into installers on Linux, and run under Wine. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { outcomesOf, summary } from '../../outcomes.ts';
import type { Report } from '../../test-results.ts';
import { makeBench } from '../bench.ts';
import { ensureWindowsTools } from '../tools.ts';
import { packagingPage } from './page.ts';
import { makePackagingTools, packagingNeeds } from './tools.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const page = path.join(root, 'docs/windows-packaging.md');

/**
 * Run the tests in test/windows-packaging. The page is written unless vitest got arguments.
 *
 * @param args More arguments for vitest.
 * @returns Exit code.
 */
export async function testPackaging(args: readonly string[]): Promise<number> {
  try {
    await ensureWindowsTools(packagingNeeds);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
  await execa('npm', ['run', '-s', 'build'], { cwd: root, stdio: 'inherit' });
  const bench = await makeBench((line) => console.log(line));
  const tools = await makePackagingTools(bench);
  const temporary = await mkdtemp(path.join(tmpdir(), 'test-windows-packaging-'));
  const file = path.join(temporary, 'report.json');
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${file}`];
  const vitest = [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'windows-packaging'];
  await execa(process.execPath, [...vitest, ...reporters, ...args], {
    cwd: root,
    env: { WINDOWS_BENCH: JSON.stringify(bench), WINDOWS_PACKAGING: JSON.stringify(tools) },
    stdio: 'inherit',
    reject: false,
  });
  const report = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Report;
  await rm(temporary, { recursive: true });
  const outcomes = outcomesOf(report, 'test/windows-packaging', 'left out by the arguments');
  if (args.length === 0) {
    await writeFile(page, packagingPage(outcomes, [...bench.versions, ...(await versions())]));
    console.log(`written: ${path.relative(root, page)}`);
  }
  for (const { test, status, reason } of outcomes)
    if (status !== 'passed') console.log(`${status}: ${test}: ${reason}`);
  console.log(`\n${summary(outcomes)}`);
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}

async function versions(): Promise<readonly string[]> {
  const [nsis, signing] = await Promise.all([
    execa('makensis', ['-VERSION']),
    execa('osslsigncode', ['--version'], { reject: false }),
  ]);
  return [
    `NSIS ${nsis.stdout.replace(/^v/, '')}`,
    /osslsigncode [\d.]+/.exec(signing.stdout)?.[0] ?? 'osslsigncode',
  ];
}
