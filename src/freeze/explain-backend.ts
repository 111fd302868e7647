import type { ResolvedBackend } from '../config/resolved.js';
import { lookUp } from './cache/store.js';
import { compareInputs, describeChanges, type InputChange } from './fingerprint/changes.js';
import { type History, readHistory } from './fingerprint/history.js';
import { reusableProgram } from './lay-anew.js';
import { fingerprintKey } from './fingerprint/inputs.js';
import { prebuiltInputs } from './prebuilt/prebuilt.js';
import { prepare } from './prepare.js';
import { checksDigest } from './verification.js';
import type { WorkOptions } from '../report.js';

/** Whether a backend would be frozen again, and why. */
export interface Explanation {
  readonly name: string;
  readonly key: string;
  /** True: the cache has it. */
  readonly cached: boolean;
  /** One line for people. */
  readonly reason: string;
  /** What changed since the last freeze; empty when nothing did, or when there was none. */
  readonly changes: readonly InputChange[];
}

/**
 * Say what a build would do and why; freezes nothing. May have to make the Python environment, because its content is
 * an input.
 */
export async function explainBackend(backend: ResolvedBackend, options: WorkOptions): Promise<Explanation> {
  const { name } = backend;
  if (backend.prebuilt !== null) return await explainPrebuilt(backend, backend.prebuilt, options.cacheDir);
  const prepared = await prepare(backend, options);
  const { key, inputs } = prepared;
  const found = await lookUp(options.cacheDir, key, backend.target.platform);
  if (found.state === 'hit') {
    const isChecked = found.result.verified === checksDigest(backend);
    const reason = `nothing it depends on changed${isChecked ? '' : '; its checks are run again'}`;
    return { name, key, cached: true, reason, changes: [] };
  }
  const { reason, changes } = await explainMiss(backend, { key, inputs }, options.cacheDir, found.reason);
  const isDataOnly = (await reusableProgram(backend, prepared, options.cacheDir)) !== null;
  return {
    name,
    key,
    cached: false,
    reason: isDataOnly ? `${reason}; only its data is laid in` : reason,
    changes,
  };
}

async function explainPrebuilt(
  backend: ResolvedBackend,
  prebuilt: string,
  cacheDir: string,
): Promise<Explanation> {
  const key = fingerprintKey(await prebuiltInputs(backend, prebuilt));
  const found = await lookUp(cacheDir, key, backend.target.platform);
  const isChecked = found.state === 'hit' && found.result.verified === checksDigest(backend);
  const reason = [
    `prebuilt in ${prebuilt}`,
    ...(found.state === 'miss' ? ['it is copied into the cache and checked'] : []),
    ...(found.state === 'hit' && !isChecked ? ['its checks are run again'] : []),
  ].join('; ');
  return { name: backend.name, key, cached: found.state === 'hit', reason, changes: [] };
}

/** Why a bundle is not in the cache: what changed since the last freeze, or, when nothing is known of that, what was seen. */
export async function explainMiss(
  backend: ResolvedBackend,
  wanted: Pick<History, 'key' | 'inputs'>,
  cacheDir: string,
  seen: string,
): Promise<Pick<Explanation, 'reason' | 'changes'>> {
  const history = await readHistory(cacheDir, backend);
  if (history === null || history.key === wanted.key) return { reason: seen, changes: [] };
  const changes = compareInputs(history.inputs, wanted.inputs);
  return { reason: describeChanges(changes), changes };
}
