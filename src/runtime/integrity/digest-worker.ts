import { onAbort } from '../aborted.js';
import { node } from '../node.js';
import type { ByteRange } from './pe-layout.js';

/** One file to hash. */
export interface DigestTask {
  /** Absolute. */
  readonly file: string;
  /** Parts to hash; null: all of it. */
  readonly ranges: readonly ByteRange[] | null;
  /** Zero bytes hashed at the end. */
  readonly padding: number;
  /** For sharing the work fairly. */
  readonly size: number;
}

/** From this many bytes on a second thread is worth its start. */
const parallelBytes = 64 * 1024 * 1024;

/**
 * The worker. As text, because a file of its own would get lost when an app bundles its main process into one file. Reads synchronously:
 * the thread has nothing else to do, and that is twice as fast.
 */
const source = `const { parentPort, workerData } = require('node:worker_threads');
const fs = require('node:fs');
const buffer = Buffer.allocUnsafe(1 << 20);
for (const { file, ranges, padding } of workerData) {
let digest = null, error = null, handle = -1;
try {
handle = fs.openSync(file);
const hash = require('node:crypto').createHash('sha256');
for (let [at, end] of ranges || [[0, Infinity]])
for (let read; at < end && (read = fs.readSync(handle, buffer, 0, Math.min(buffer.length, end - at), at)); at += read)
hash.update(buffer.subarray(0, read));
digest = hash.update(Buffer.alloc(padding)).digest('hex');
} catch (caught) {
error = String(caught && caught.code || caught);
}
if (handle >= 0) fs.closeSync(handle);
parentPort.postMessage({ file, digest, error });
}`;

/** What became of one file. */
export interface DigestAnswer {
  readonly file: string;
  /** Lower-case hexadecimal SHA-256; null when the file could not be read. */
  readonly digest: string | null;
  /** The system's word for why it could not be read. */
  readonly error: string | null;
}

/**
 * Hash files in other threads.
 *
 * @throws Error when the threads do not work, or the signal's reason.
 */
export async function digestFiles(
  tasks: readonly DigestTask[],
  signal: AbortSignal,
): Promise<readonly DigestAnswer[]> {
  if (tasks.length === 0) return [];
  const total = tasks.reduce((sum, task) => sum + task.size, 0);
  const count = total < parallelBytes ? 1 : Math.min(2, node.os.availableParallelism());
  const shares = shareOut(tasks, count);
  const answers = await Promise.all(shares.map((share) => digestShare(share, signal)));
  return answers.flat();
}

/** Distribute so that each thread gets about as many bytes. Pure. */
export function shareOut(tasks: readonly DigestTask[], count: number): readonly (readonly DigestTask[])[] {
  const shares = Array.from({ length: count }, () => ({ bytes: 0, tasks: [] as DigestTask[] }));
  for (const task of tasks.toSorted((a, b) => b.size - a.size)) {
    const least = shares.reduce((best, share) => (share.bytes < best.bytes ? share : best));
    least.tasks.push(task);
    least.bytes += task.size;
  }
  return shares.map((share) => share.tasks).filter((share) => share.length > 0);
}

function digestShare(tasks: readonly DigestTask[], signal: AbortSignal): Promise<readonly DigestAnswer[]> {
  return new Promise((resolve, reject) => {
    const answers: DigestAnswer[] = [];
    // Nothing of the app's own start-up options: they may load code that belongs to the main thread.
    const worker = new node.workerThreads.Worker(source, {
      eval: true,
      workerData: tasks,
      execArgv: [],
      stdin: false,
    });
    const abort = (): void => {
      void worker.terminate();
      reject(signal.reason as Error);
    };
    const forget = onAbort(signal, abort);
    worker.on('message', (answer: DigestAnswer) => answers.push(answer));
    worker.on('error', reject);
    worker.on('exit', () => {
      forget();
      if (answers.length === tasks.length) resolve(answers);
      else reject(new Error(`the hashing thread ended early`));
    });
  });
}
