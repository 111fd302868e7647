import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import { explainBackend, type Explanation } from '../../freeze/index.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { createTheme } from '../render/theme.js';
import { printJson } from './work.js';

/** `build --explain`: look every backend up in the cache and say what a build would do. Nothing is frozen. */
export async function explain(
  config: ResolvedConfig,
  backends: readonly ResolvedBackend[],
  json: boolean,
  io: Io,
): Promise<number> {
  const results: Explanation[] = [];
  for (const backend of backends) results.push(await explainBackend(backend, { cacheDir: config.cacheDir }));
  if (json) {
    printJson(io, { ok: true, backends: results });
    return exitCodes.ok;
  }
  const theme = createTheme(io.color);
  for (const [index, { name, cached, reason, changes, key }] of results.entries()) {
    const isPrebuilt = backends[index]?.prebuilt !== null;
    const verdict = cached
      ? theme.good('from the cache')
      : theme.careful(isPrebuilt ? 'to be taken' : 'to be frozen');
    io.out(`${theme.strong(name)}  ${verdict}: ${reason}\n  ${theme.faint(key)}\n`);
    for (const { input, change } of changes) io.out(`  ${change.padEnd(7)}  ${input}\n`);
  }
  return exitCodes.ok;
}
