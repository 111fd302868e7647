/**
 * `npm run test:workflows`: the workflow that `init --ci github` writes for each host and package manager, run step by step on this machine
 * (Linux's lines) in a clone of a project that has the packed package and the stand-in for Electron. `-- <name> …` runs those alone.
 */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tailOf } from './demo/failure.ts';
import { startElectronMirror } from './hosts/electron-mirror.ts';
import { needsOfAll, whatIsMissing } from './hosts/machine.ts';
import { packPackage } from './hosts/packed.ts';
import { playWorkflow } from './workflows/play.ts';
import { workflowRows } from './workflows/rows.ts';

const cache = path.resolve(import.meta.dirname, '..', '.cache', 'workflows');
const wanted = process.argv.slice(2);
const rows = workflowRows.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (rows.length < wanted.length)
  throw new Error(`There are: ${workflowRows.map(({ name }) => name).join(', ')}.`);

const tarball = await packPackage(path.join(cache, 'packed'));
const mirror = await startElectronMirror(path.join(cache, 'electron'));
const work = path.join(tmpdir(), `electron-pyinstaller-workflows-${process.pid}`);
const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const row of rows) {
    const why = await whatIsMissing([...needsOfAll, ...(row.needs ?? [])]);
    if (why !== null) {
      counts.skipped += 1;
      console.log(`- ${row.name}: ${why}`);
      continue;
    }
    const logs = path.join(cache, 'logs');
    try {
      const options = {
        work,
        tools: path.join(cache, 'tools'),
        logs,
        tarball,
        env: { ...mirror.env, CI: '1', NO_COLOR: '1' },
      };
      const steps = await playWorkflow(row, options);
      counts.passed += 1;
      console.log(`✔ ${row.name}\n    ${steps.join('\n    ')}`);
    } catch (error) {
      counts.failed += 1;
      console.log(`✖ ${row.name}: ${error instanceof Error ? error.message : String(error)}`);
      console.log(await tailOf(path.join(logs, `workflow-${row.name}.log`)));
    }
  }
} finally {
  mirror.close();
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
