import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import { packageDir } from '../../lib/package-root.js';
import type { WorkOptions } from '../../report.js';
import { provisionEnvironment, type PythonEnvironment } from '../../python/index.js';
import {
  developmentManifestPath,
  manifestVersion,
  type BackendManifest,
  type Manifest,
  type PreparedFrom,
} from '../../runtime/manifest.js';
import { isPyInstallerError } from '../../errors.js';
import { findTypeGenerator } from '../client/type-generator.js';
import { developmentEntry, entryDescriptor } from './entry.js';
import { firstDebugPort, provideDebugpy, underDebugger, type DebugMode } from './debug.js';
import { developmentManifest } from './manifest.js';
import { preparedFiles } from './prepared-files.js';
import { writeJson } from './write-json.js';

/** What {@link prepareDevelopment} made. */
export interface Development {
  /** Absolute path of the manifest, for `ELECTRON_PYINSTALLER_DEV_MANIFEST`. */
  readonly manifestFile: string;
  readonly manifest: Manifest;
}

/**
 * Make every backend runnable from source: its Python environment, an entry descriptor, and the manifest that the runtime
 * reads during `npm start`.
 *
 * @param command - the command line that does this and starts the app
 * @param debug - whether the backends run under debugpy
 * @throws PyInstallerError as {@link provisionEnvironment} does.
 */
export async function prepareDevelopment(
  config: ResolvedConfig,
  options: WorkOptions,
  command = 'npx electron-pyinstaller dev -- electron .',
  debug: DebugMode = 'off',
): Promise<Development> {
  const manifestFile = path.join(config.projectDir, developmentManifestPath);
  const folder = path.dirname(manifestFile);
  await mkdir(folder, { recursive: true });
  const backends: Record<string, BackendManifest> = {};
  // One after the other: backends that agree share one environment.
  for (const [index, backend] of config.backends.entries()) {
    // Taken first: what is edited meanwhile has not been read.
    const prepared = { command, files: preparedFiles(config, backend) };
    const made = await prepareBackend(backend, options, prepared);
    backends[backend.name] =
      debug === 'off' || made.program.type !== 'development'
        ? made
        : underDebugger(made, {
            port: firstDebugPort + index,
            mode: debug,
            folder: await provideDebugpy(made.program.interpreter, made.versions.python, options),
          });
  }
  for (const backend of config.backends) if (backend.client !== null) await provideTypes(backend, options);
  const manifest: Manifest = { version: manifestVersion, backends };
  await writeJson(manifestFile, manifest);
  return { manifestFile, manifest };
}

/** What writes the types is there before the app starts: installed beside the app, it would outlive it. Without it there are none. */
async function provideTypes({ name, projectDir }: ResolvedBackend, options: WorkOptions): Promise<void> {
  await findTypeGenerator(projectDir, options).catch((error: unknown) => {
    if (!isPyInstallerError(error) || error.code === 'ERR_CANCELLED') throw error;
    options.report?.({ type: 'warning', backend: name, message: error.message });
  });
}

/** The program that writes types in development. */
const followApiFile = path.join(packageDir, 'dist/cli/follow-api.js');

/** Make one backend runnable from source: {@link prepareDevelopment} without the manifest of all. */
export async function prepareBackend(
  backend: ResolvedBackend,
  options: WorkOptions,
  prepared?: PreparedFrom,
): Promise<BackendManifest> {
  const folder = path.join(backend.projectDir, path.dirname(developmentManifestPath));
  await mkdir(folder, { recursive: true });
  const environment = await developmentEnvironment(backend, options);
  const entry = await developmentEntry(backend);
  const descriptorFile = path.join(folder, `${backend.name}.entry.json`);
  await writeJson(descriptorFile, entryDescriptor(backend, entry));
  const manifest = developmentManifest(backend, environment, entry, descriptorFile, prepared);
  const { client } = backend;
  if (client === null || manifest.program.type !== 'development') return manifest;
  const jobFile = path.join(folder, `${backend.name}.api.json`);
  await writeJson(jobFile, { backend, cacheDir: options.cacheDir });
  // The Node of the host: an app's own may be too old, and is Electron.
  const command = [process.execPath, followApiFile, jobFile];
  return { ...manifest, program: { ...manifest.program, api: { openapi: client.openapi, command } } };
}

/** The interpreter chosen for development, else the environment that will be frozen from. */
function developmentEnvironment(backend: ResolvedBackend, options: WorkOptions): Promise<PythonEnvironment> {
  const { interpreter } = backend.development;
  if (interpreter === null) return provisionEnvironment(backend, options, { pyinstaller: 'ignored' });
  const python = { ...backend.python, interpreter, env: { type: 'active' } } as const;
  return provisionEnvironment({ ...backend, python }, options, {
    pyinstaller: 'ignored',
    interpreterKey: 'run.dev.interpreter',
  });
}
