/**
 * A temporary folder for each worker that runs slow tests: some of them look at what programs leave in the temporary folder, and two
 * files run at once.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { workersFolderVariable } from './workers-folder.js';

const folder = path.join(
  process.env[workersFolderVariable] ?? tmpdir(),
  process.env['VITEST_POOL_ID'] ?? '1',
);
mkdirSync(folder, { recursive: true });
process.env['TMPDIR'] = folder;
