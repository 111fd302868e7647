import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { targetName } from '../../target.js';
import { writeAtomically } from '../../lib/write-atomically.js';
import { sha256 } from '../../lib/hash.js';
import type { Inputs } from './inputs.js';
import { readJson } from '../../lib/files.js';

/** What the last freeze of a backend of this project left behind: for estimates, and to say why the next one is needed. */
export interface History {
  readonly key: string;
  readonly inputs: Inputs;
  /** Milliseconds of the whole freeze, verification included; null: it never got that far. */
  readonly totalMs: number | null;
}

function historyFile(cacheDir: string, backend: ResolvedBackend): string {
  const identity = `${backend.projectDir}\0${backend.name}\0${targetName(backend.target)}`;
  return path.join(cacheDir, 'history', `${sha256(identity).slice(0, 24)}.json`);
}

/** Read the history; null: none. */
export async function readHistory(cacheDir: string, backend: ResolvedBackend): Promise<History | null> {
  return ((await readJson(historyFile(cacheDir, backend))) ?? null) as History | null;
}

/** Remember. Failures are ignored: nothing depends on it. */
export async function writeHistory(
  cacheDir: string,
  backend: ResolvedBackend,
  history: History,
): Promise<void> {
  await writeAtomically(historyFile(cacheDir, backend), JSON.stringify(history)).catch(() => undefined);
}
