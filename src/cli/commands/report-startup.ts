import type { FrozenBackend } from '../../bundle/frozen.js';
import type { PythonEnvironment } from '../../python/types.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { printJson } from './work.js';

/** `report --startup`: where the time goes between the start of each backend and its being ready. */
export async function reportStartup(
  frozen: readonly { readonly one: FrozenBackend; readonly environment: PythonEnvironment | undefined }[],
  { cacheDir, json }: { readonly cacheDir: string; readonly json: boolean | undefined },
  io: Io,
): Promise<number> {
  const { costsOf, formatStartup, measureStartup } = await import('../../verify/index.js');
  const { readDistributions } = await import('../../bundle/index.js');
  const documents: unknown[] = [];
  for (const { one, environment } of frozen) {
    const installed = await readDistributions(environment?.probe.sitePackages ?? []);
    const owners = new Map(installed.flatMap(({ name, topLevel }) => topLevel.map((top) => [top, name])));
    const costs = costsOf(await measureStartup(one, { cacheDir }), owners);
    if (json === true) documents.push({ backend: one.backend.name, ...costs });
    else io.out(`${formatStartup(one.backend.name, costs)}\n`);
  }
  if (json === true) printJson(io, { ok: true, backends: documents });
  return exitCodes.ok;
}
