import type { FrozenBackend } from '../../bundle/frozen.js';
import type { PythonEnvironment } from '../../python/types.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { printJson } from './work.js';
import { writeReport } from './write-report.js';

/** What is asked of a start. */
interface StartupOptions {
  readonly cacheDir: string;
  readonly json: boolean | undefined;
  readonly html: string | undefined;
}

/** `report --startup`: where the time goes between the start of each backend and its being ready. */
export async function reportStartup(
  frozen: readonly { readonly one: FrozenBackend; readonly environment: PythonEnvironment | undefined }[],
  { cacheDir, json, html }: StartupOptions,
  io: Io,
): Promise<number> {
  const { costsOf, formatStartup, measureStartup, startupPage } = await import('../../verify/index.js');
  const { readDistributions } = await import('../../bundle/index.js');
  const documents: unknown[] = [];
  for (const { one, environment } of frozen) {
    const installed = await readDistributions(environment?.probe.sitePackages ?? []);
    const owners = new Map(installed.flatMap(({ name, topLevel }) => topLevel.map((top) => [top, name])));
    const { name } = one.backend;
    const startup = await measureStartup(one, { cacheDir });
    const costs = costsOf(startup, owners);
    if (html !== undefined) {
      const page = startupPage(name, startup, owners);
      await writeReport({ file: html, backend: name, count: frozen.length, json }, page, io);
    }
    if (json === true) documents.push({ backend: name, ...costs });
    else if (html === undefined) io.out(`${formatStartup(name, costs)}\n`);
  }
  if (json === true) printJson(io, { ok: true, backends: documents });
  return exitCodes.ok;
}
