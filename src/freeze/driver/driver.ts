import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { killTree } from '../../lib/kill-tree.js';
import { formatRecord } from './stages.js';
import { companionDir } from '../../lib/package-root.js';
import type { DriverJob } from '../plan.js';
import { parseRecord, type Audit, type DriverRecord } from './records.js';
import { readText } from '../../lib/files.js';

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
  readonly signal?: AbortSignal;
}

/** How the driver ended. */
export interface DriverOutcome {
  /** The process's exit code; null: ended by `signalName` or never started. */
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
  /** Set when the interpreter could not be started. */
  readonly startError: Error | null;
  readonly records: readonly DriverRecord[];
  /** Last lines of what libraries printed. */
  readonly output: readonly string[];
  readonly audit: Audit | null;
  readonly cancelled: boolean;
}

const keptOutputLines = 200;

/**
 * Run the driver to its end. Never rejects for what the driver does; the outcome tells.
 *
 * The child leads a process group of its own, so that cancelling ends everything it started; its standard input is a
 * pipe whose end (also by our sudden death) makes it end the group by itself.
 */
export async function runDriver(job: DriverJob, options: DriverOptions): Promise<DriverOutcome> {
  await writeFile(options.jobFile, JSON.stringify(job));
  await mkdir(path.dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  // A full disk must not take the build down before it says so itself.
  log.on('error', () => undefined);
  const records: DriverRecord[] = [];
  const output: string[] = [];
  const child = spawn(
    options.interpreter,
    ['-u', '-X', 'utf8', path.join(companionDir, 'freezer', 'driver.py'), options.jobFile],
    {
      cwd: options.cwd,
      env: options.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      detached: process.platform !== 'win32',
    },
  );
  // The pipe ends with the child; that is no error.
  child.stdin.on('error', () => undefined);
  const abort = (): void => killTree(child);
  if (options.signal?.aborted === true) abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const record = parseRecord(line);
    if (record === null) {
      log.write(`${line}\n`);
      return;
    }
    records.push(record);
    log.write(`${formatRecord(record)}\n`);
    options.onRecord(record);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.write(`${line}\n`);
    output.push(line);
    if (output.length > keptOutputLines) output.shift();
  });
  const end = await new Promise<Pick<DriverOutcome, 'exitCode' | 'signalName' | 'startError'>>((resolve) => {
    child.once('error', (startError) => resolve({ exitCode: null, signalName: null, startError }));
    child.once('close', (exitCode, signalName) => resolve({ exitCode, signalName, startError: null }));
    // A grandchild that keeps the pipes open must not keep the build waiting.
    child.once('exit', (exitCode, signalName) => {
      setTimeout(() => {
        killTree(child);
        resolve({ exitCode, signalName, startError: null });
      }, 2_000).unref();
    });
  });
  options.signal?.removeEventListener('abort', abort);
  log.end();
  await finished(log).catch(() => undefined);
  const audit = end.exitCode === 0 ? await readAudit(job.auditFile) : null;
  return { ...end, records, output, audit, cancelled: options.signal?.aborted ?? false };
}

async function readAudit(file: string): Promise<Audit | null> {
  const text = await readText(file);
  return text === null ? null : (JSON.parse(text) as Audit);
}
