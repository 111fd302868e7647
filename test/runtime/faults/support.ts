import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { TestRunner } from 'vitest';
import { isBackendError } from '../../../src/runtime/index.js';
import type { Backend, BackendError, BackendEvents, BackendOptions } from '../../../src/runtime/index.js';
import type { RuntimeSettings } from '../../../src/runtime/manifest.js';
import { testBackend } from '../support.js';
import type { FakeApp } from '../support.js';
import { programManifest } from './programs.js';
import type { Program } from './programs.js';
import { note } from './rows.js';
import type { ReliabilityRow } from './rows.js';

/** Everything in full, as `npm run reliability` wants it: the defaults instead of a tenth of them, 200 starts instead of 8. */
export const isFullRun = process.env['ELECTRON_PYINSTALLER_SOAK'] === '1';

/** Note what was measured, for docs/reliability*.md. */
export function report(row: Omit<ReliabilityRow, 'attempt'>): void {
  const attempt = (TestRunner.getCurrentTest()?.result?.retryCount ?? 0) + 1;
  note({ ...row, attempt });
}

/** A time limit on a machine that does other things too. The measured time is reported as it is. */
export function within(ms: number): number {
  return ms * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

export type RunningBackend = Backend & { readonly app: FakeApp };

/** A backend of the fault application. Not started. */
export function faulty(
  program: Program,
  env: Readonly<Record<string, string>> = {},
  settings: Partial<RuntimeSettings> = {},
  options: Partial<BackendOptions> & { readonly folder?: string } = {},
): Promise<RunningBackend> {
  return testBackend(programManifest(program, env, settings), {
    resourcesPath: program.resources,
    ...options,
  });
}

/** What `/facts` of the fault application tells. */
export interface Facts {
  readonly pid: number;
  readonly ppid: number;
  readonly meipass: string | null;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Moments on the clock of `process.hrtime`, in nanoseconds: the socket listened, `/health` was asked. */
  readonly listening: number;
  readonly health: readonly number[];
}

export async function factsOf(backend: Backend): Promise<Facts> {
  return (await (await backend.fetch('/facts')).json()) as Facts;
}

/** The error a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<BackendError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!isBackendError(error)) throw error as Error;
  return error;
}

/** The next event. */
export function next<Name extends keyof BackendEvents>(
  backend: Backend,
  name: Name,
): Promise<BackendEvents[Name]> {
  return new Promise((resolve) => {
    const off = backend.on(name, (event) => {
      off();
      resolve(event);
    });
  });
}

/** Folders of onefile programs in the temporary folder. */
export function unpackedFolders(folder: string = tmpdir()): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('_MEI'));
}

/** Processes (zombies too) that are children of this one. */
export function zombieChildren(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return state === 'Z' && Number(parent) === process.pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

export function rounded(ms: number): string {
  return `${Math.round(ms)} ms`;
}
