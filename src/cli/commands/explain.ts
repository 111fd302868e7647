import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import { lookUp } from '../../freeze/cache/store.js';
import { compareInputs, describeChanges, type InputChange } from '../../freeze/fingerprint/explain.js';
import { readHistory } from '../../freeze/history.js';
import { prepare } from '../../freeze/prepare.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { createTheme } from '../render/theme.js';
import { printJson } from './work.js';

/** Whether a backend would be frozen again, and why. */
interface Explanation {
  readonly name: string;
  readonly key: string;
  readonly cached: boolean;
  readonly reason: string;
  /** What changed since the last freeze; empty when nothing did, or when there was none. */
  readonly changes: readonly InputChange[];
}

/** `build --explain`: look every backend up in the cache and say what a build would do. Nothing is frozen. */
export async function explain(
  config: ResolvedConfig,
  backends: readonly ResolvedBackend[],
  json: boolean,
  io: Io,
): Promise<number> {
  const results: Explanation[] = [];
  for (const backend of backends) results.push(await explainBackend(backend, config.cacheDir));
  if (json) {
    printJson(io, { ok: true, backends: results });
    return exitCodes.ok;
  }
  const theme = createTheme(io.color);
  for (const { name, cached, reason, changes, key } of results) {
    const verdict = cached ? theme.good('from the cache') : theme.careful('to be frozen');
    io.out(`${theme.strong(name)}  ${verdict}: ${reason}\n  ${theme.faint(key)}\n`);
    for (const { input, change } of changes) io.out(`  ${change.padEnd(7)}  ${input}\n`);
  }
  return exitCodes.ok;
}

async function explainBackend(backend: ResolvedBackend, cacheDir: string): Promise<Explanation> {
  if (backend.prebuilt !== null) {
    return {
      name: backend.name,
      key: '',
      cached: true,
      reason: `prebuilt in ${backend.prebuilt}`,
      changes: [],
    };
  }
  const { key, inputs } = await prepare(backend, { cacheDir });
  const found = await lookUp(cacheDir, key, backend.target.platform);
  const base = { name: backend.name, key };
  if (found.state === 'hit')
    return { ...base, cached: true, reason: 'nothing it depends on changed', changes: [] };
  const history = await readHistory(cacheDir, backend);
  if (history === null || history.key === key) {
    return { ...base, cached: false, reason: found.reason, changes: [] };
  }
  const changes = compareInputs(history.inputs, inputs);
  return { ...base, cached: false, reason: describeChanges(changes), changes };
}
