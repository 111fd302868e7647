import { lstatSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import type { PythonEnvironment } from '../python/types.js';
import { canonicalJson } from '../lib/canonical.js';
import { sha256 } from '../lib/hash.js';
import { isPyInstallerError, PyInstallerError } from '../errors.js';
import { withKeptBundle } from './kept-bundle.js';
import { challengerDir, type StoredResult } from './cache/store.js';
import { backendManifest } from './manifest.js';
import { originsOf } from './origins.js';
import { assertLicenses } from './licenses.js';
import type { Progress } from './progress.js';
import { sourceRoots } from './sources.js';
import type { FreezeOptions } from './types.js';

/** Digest of everything a verification depends on besides the bundle: changed settings mean a new check, not a new freeze. */
export function checksDigest(backend: ResolvedBackend): string {
  const { verify, settings, kind, client } = backend;
  const { deny, clarify } = backend.licenses;
  const licenses = deny.length === 0 ? undefined : { deny, clarify };
  const resources = verify.resources.flatMap(({ from }) => stampsOf(from));
  const openapi = client?.openapi;
  return sha256(canonicalJson({ verify, settings, kind, resources, openapi, ...(licenses && { licenses }) }));
}

/** Names, sizes and times of what is at a place. */
function stampsOf(place: string): string[] {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found === undefined) return [`${place} is missing`];
  const names = found.isDirectory() ? readdirSync(place, { recursive: true, encoding: 'utf8' }).sort() : [''];
  return names.map((name) => {
    const stats = lstatSync(path.join(place, name));
    return stats.isDirectory() ? name : `${name} ${stats.size} ${stats.mtimeMs}`;
  });
}

/** How a bundle is run. */
interface ChecksJob {
  readonly options: FreezeOptions;
  readonly progress: Progress;
  /** What it was frozen from, as far as it is known. */
  readonly environment?: FrozenFrom | undefined;
}

type FrozenFrom = Pick<PythonEnvironment, 'distributions' | 'interpreter' | 'probe'>;

function inputOf(
  backend: ResolvedBackend,
  result: StoredResult,
  bundleDir: string,
  environment: FrozenFrom | undefined,
): Parameters<FreezeOptions['verify']>[0] {
  return {
    backend,
    bundleDir,
    manifest: backendManifest(backend, result),
    known: environment && {
      installed: new Set(environment.distributions.map(({ name }) => name)),
      origins: originsOf(backend, environment.probe),
      lender: {
        interpreter: environment.interpreter,
        roots: sourceRoots(backend),
        sitePackages: environment.probe.sitePackages,
        project: backend,
      },
    },
  };
}

/**
 * Run a bundle that is refused all the same, because modules are missing that it loads by name: one build says what else is.
 *
 * @returns the error that refuses it, with what the run showed.
 */
export async function withRun(
  refusal: PyInstallerError,
  backend: ResolvedBackend,
  result: StoredResult,
  bundleDir: string,
  { options, progress, environment }: ChecksJob,
): Promise<PyInstallerError> {
  const report = {
    report: progress.forward.bind(progress),
    signal: options.signal,
    cacheDir: options.cacheDir,
  };
  const shown = await options.verify(inputOf(backend, result, bundleDir, environment), report).then(
    () => null,
    (error: unknown) => error,
  );
  if (!isPyInstallerError(shown) || shown.code !== 'ERR_VERIFY') return refusal;
  const { hint, log, file, path: place, backend: name } = refusal;
  const extra = [hint, log === undefined ? undefined : `Full log: ${log}`].filter(
    (part) => part !== undefined,
  );
  const seen = extra.length === 0 ? refusal.message : refusal.message.replace(`\n${extra.join('\n')}`, '');
  return new PyInstallerError(refusal.code, seen, {
    backend: name,
    file,
    path: place,
    log,
    hint: [...(hint === undefined ? [] : [hint]), `It was run all the same. ${shown.message}`].join('\n'),
  });
}

/**
 * Run a bundle of the cache and check it.
 *
 * @returns its record, with what the run showed.
 * @throws PyInstallerError `ERR_VERIFY` when it does not pass (with the command that starts it by hand), `ERR_CANCELLED`.
 */
export async function verified(
  backend: ResolvedBackend,
  result: StoredResult,
  bundleDir: string,
  job: ChecksJob,
): Promise<StoredResult> {
  const { options, progress } = job;
  const { executable, contents = '.' } = result;
  await assertLicenses(backend, { bundleDir, executable, contents }, job.environment);
  const { startupMs, warnings, document } = await options
    .verify(inputOf(backend, result, bundleDir, job.environment), {
      report: (event) => progress.forward(event),
      signal: options.signal,
      cacheDir: options.cacheDir,
    })
    .catch((error: unknown) => {
      if (!isPyInstallerError(error) || error.code !== 'ERR_VERIFY') throw error;
      // Most likely one of them is the cause.
      for (const warning of result.warnings) progress.warning(warning);
      throw withKeptBundle(error, backend, {
        program: path.join(bundleDir, result.executable),
        contents: result.mode === 'onefile' ? null : (result.contents ?? '.'),
        isChallenger: path.dirname(bundleDir) === challengerDir(options.cacheDir, result.key),
      });
    });
  return { ...result, verified: checksDigest(backend), startupMs, checkWarnings: warnings, document };
}
