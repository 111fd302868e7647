/**
 * A temporary folder for each worker that runs slow tests: some of them look at what programs leave in the temporary folder, and two
 * files run at once.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const name = `epy-tests-${process.env['VITEST_POOL_ID'] ?? '1'}`;
if (path.basename(tmpdir()) !== name) {
  process.env['TMPDIR'] = path.join(tmpdir(), name);
  mkdirSync(process.env['TMPDIR'], { recursive: true });
}
