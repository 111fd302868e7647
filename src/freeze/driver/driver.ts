import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { ensureDir, outputJson } from 'fs-extra/esm';
import { formatRecord } from './stages.js';
import { companionDir } from '../../lib/package-root.js';
import type { DriverJob } from '../plan.js';
import { parseRecord, type Audit, type DriverRecord } from './records.js';
import { readText } from '../../lib/files.js';
import { run, type RunResult } from '../../lib/run.js';

/** How to run the driver. */
export interface DriverOptions {
  /** Absolute. */
  readonly interpreter: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The job is written here. */
  readonly jobFile: string;
  readonly logFile: string;
  readonly onRecord: (record: DriverRecord) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How the driver ended. */
export interface DriverOutcome extends Pick<RunResult, 'exitCode' | 'signal' | 'startError' | 'cancelled'> {
  readonly records: readonly DriverRecord[];
  /** Last lines of what libraries printed. */
  readonly output: readonly string[];
  readonly audit: Audit | null;
}

const keptOutputLines = 200;

/**
 * Run the driver to its end. Never rejects for what the driver does; the outcome tells.
 *
 * Its standard input is a pipe whose end (also by our sudden death) makes it end the processes it started by itself.
 */
export async function runDriver(job: DriverJob, options: DriverOptions): Promise<DriverOutcome> {
  await outputJson(options.jobFile, job);
  await ensureDir(path.dirname(options.logFile));
  const log = createWriteStream(options.logFile, { flags: 'a' });
  // A full disk must not take the build down before it says so itself.
  log.on('error', () => undefined);
  const records: DriverRecord[] = [];
  const output: string[] = [];
  const driver = path.join(companionDir, 'freezer', 'driver.py');
  const end = await run(options.interpreter, ['-u', '-X', 'utf8', driver, options.jobFile], {
    cwd: options.cwd,
    env: options.env,
    signal: options.signal,
    lifeline: true,
    onLine(line, from) {
      const record = from === 'stdout' ? parseRecord(line) : null;
      log.write(`${record === null ? line : formatRecord(record)}\n`);
      if (record !== null) {
        records.push(record);
        options.onRecord(record);
      } else if (from === 'stderr') {
        output.push(line);
        if (output.length > keptOutputLines) output.shift();
      }
    },
  });
  log.end();
  await finished(log).catch(() => undefined);
  return { ...end, records, output, audit: end.exitCode === 0 ? await readAudit(job.auditFile) : null };
}

async function readAudit(file: string): Promise<Audit | null> {
  const text = await readText(file);
  return text === null ? null : (JSON.parse(text) as Audit);
}
