import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import { selectPresets } from '../config/presets/index.js';
import type { PresetAddition } from '../config/presets/types.js';
import { sha256 } from '../lib/hash.js';
import { ownProject, provisionEnvironment, type OwnProject } from '../python/index.js';
import type { PythonEnvironment } from '../python/types.js';
import { collectRules, type CollectedFile } from './fingerprint/data-files.js';
import { relevantVariables } from './driver/driver-environment.js';
import { companionDigest, inputFiles, variablesRead } from './fingerprint/files.js';
import type { BuildFacts } from './data/parts.js';
import { collectInputs, fingerprintKey, type InputFile, type Inputs } from './fingerprint/inputs.js';
import { StatCache } from './fingerprint/stat-cache.js';
import { toolFiles } from './fingerprint/tools.js';
import { assertPreflight } from './preflight/preflight.js';
import { packageVersion } from '../lib/package-root.js';
import type { WorkOptions } from '../report.js';

/** Everything that is known before PyInstaller has to run. */
export interface Prepared {
  readonly environment: PythonEnvironment;
  readonly presets: readonly PresetAddition[];
  readonly files: { readonly data: readonly CollectedFile[]; readonly binaries: readonly CollectedFile[] };
  /** What the project says about itself; null: nothing. */
  readonly own: OwnProject | null;
  readonly inputs: Inputs;
  readonly key: string;
  /** For taking the build apart into program and data. */
  readonly facts: BuildFacts;
}

/** Make the environment ready and work out the fingerprint. Starts no Python when nothing changed. */
export async function prepare(
  backend: ResolvedBackend,
  options: WorkOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Prepared> {
  const [data, binaries] = await Promise.all([
    collectRules(backend, backend.data),
    collectRules(backend, backend.binaries),
  ]);
  const environment = await provisionEnvironment(backend, options, {
    beforeMaking: (found) => assertPreflight(backend, found, null, options.signal),
  });
  const presets = selectPresets(backend, environment.distributions);
  if (presets.length > 0) {
    const names = presets.map((preset) => preset.name).join(', ');
    options.report?.({ type: 'detail', backend: backend.name, text: `Presets: ${names}`, elapsedMs: 0 });
  }
  const files = { data: [...data, ...(await presetFolders(backend, presets))], binaries };
  const own = await ownProject(backend);
  const found = await readInputs(backend, options.cacheDir, environment, presets, files, env);
  const { read } = found;
  const inputs = own === null ? found.inputs : { ...found.inputs, project: sha256(JSON.stringify(own)) };
  const { distributions } = environment;
  const facts = { inputs, files: read, data: files.data, distributions };
  return { environment, presets, files, own, inputs, key: fingerprintKey(inputs), facts };
}

async function readInputs(
  backend: ResolvedBackend,
  cacheDir: string,
  environment: PythonEnvironment,
  presets: readonly PresetAddition[],
  files: Prepared['files'],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly inputs: Inputs; readonly read: readonly InputFile[] }> {
  const digests = await StatCache.open(cacheDir, `${backend.projectDir}\0${backend.name}`);
  const read = await inputFiles(backend, files, digests, presets);
  const hashed = [...read, ...(await toolFiles(backend, env, digests))];
  const library = environment.probe.sharedLibrary;
  const libraryDigest = library === null ? null : await digests.digest(library).catch(() => null);
  await digests.save();
  const names = [...relevantVariables, ...(await variablesRead(backend))];
  const variables = Object.fromEntries(
    names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  ) as Record<string, string>;
  const inputs = collectInputs({
    backend,
    environment,
    libraryDigest,
    presets,
    files: hashed,
    variables,
    packageVersion,
    companionDigest: await companionDigest(),
  });
  return { inputs, read };
}

/** Folders that frameworks read by convention, where they exist beside the entry module or one of its packages. */
async function presetFolders(
  backend: ResolvedBackend,
  presets: readonly PresetAddition[],
): Promise<CollectedFile[]> {
  const [root] = backend.source;
  const names = new Set(presets.flatMap((preset) => preset.folders ?? []));
  if (root === undefined || names.size === 0) return [];
  const parts = 'module' in backend.entry ? backend.entry.module.split('.') : [];
  const packages = ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
  const rules = packages.flatMap((folder) =>
    [...names].map((name) => ({
      from: path.join(root, folder, name).replaceAll('\\', '/'),
      base: path.join(root, folder),
      to: path.posix.join(folder, name),
      exclude: backend.sourceIgnore,
      optional: true,
      path: 'presets',
    })),
  );
  return await collectRules(backend, rules);
}
