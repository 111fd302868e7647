import type { AppLike } from '../app-like.js';
import { BackendError } from '../errors.js';
import { isObject } from '../is-object.js';
import { buildAgain } from '../life/failures.js';
import {
  developmentManifestPath,
  developmentManifestVariable,
  manifestFileName,
  parseManifest,
} from '../manifest.js';
import type { BackendManifest, FrozenProgram, Manifest } from '../manifest.js';
import { node } from '../node.js';

const correctManifest = 'Correct the option `manifest` (an absolute path), or leave it out.';

/** Where to look for the manifest. */
export interface ManifestSource {
  readonly app: AppLike;
  /** The manifest itself, or an absolute path of it; undefined: search. */
  readonly manifest?: string | Manifest | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Read the manifest: the given one; else, packaged, the one inside the app; else the one named by
 * `ELECTRON_PYINSTALLER_DEV_MANIFEST`; else the development manifest of the project the app runs from.
 *
 * @throws BackendError `E_MANIFEST`.
 */
export function readManifest(source: ManifestSource): Manifest {
  if (typeof source.manifest === 'object') return check(source.manifest, 'the `manifest` option');
  if (typeof source.manifest === 'string' && !node.path.isAbsolute(source.manifest))
    throw new BackendError(
      'E_MANIFEST',
      `Reading the backend manifest ${source.manifest}: the path is relative`,
      {
        hint: correctManifest,
      },
    );
  const candidates = manifestCandidates(source);
  for (const file of candidates) {
    const text = readIfThere(file);
    if (text === null) continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new BackendError('E_MANIFEST', `Reading the backend manifest ${file}: it is not JSON`, {
        cause: error,
        hint: rebuildHint(source),
      });
    }
    return check(value, file);
  }
  throw new BackendError(
    'E_MANIFEST',
    `Looking for the backend manifest: none of these files exists: ${candidates.join(', ')}`,
    { hint: rebuildHint(source) },
  );
}

/** The manifest of one backend. @throws BackendError `E_MANIFEST`. */
export function readBackend(source: ManifestSource, name: string): BackendManifest {
  const manifest = readManifest(source);
  const backend = Object.hasOwn(manifest.backends, name) ? manifest.backends[name] : undefined;
  if (backend !== undefined) return backend;
  const known = Object.keys(manifest.backends);
  throw new BackendError(
    'E_MANIFEST',
    `Looking for the backend "${name}": the manifest lists ${known.length === 0 ? 'none' : known.join(', ')}`,
    { hint: 'Use one of the names under `backends`, or build again after adding it.' },
  );
}

/** Files that are tried, in this order. */
function manifestCandidates({ app, manifest, env }: ManifestSource): string[] {
  if (typeof manifest === 'string') return [manifest];
  if (app.isPackaged) return [node.path.join(app.getAppPath(), manifestFileName)];
  const fromHost = env[developmentManifestVariable];
  if (fromHost !== undefined && fromHost !== '') return [node.path.resolve(fromHost)];
  const found: string[] = [];
  // Bundlers start the app from a folder below the project.
  for (let folder = app.getAppPath(), depth = 0; depth < 4; depth++) {
    found.push(node.path.join(folder, developmentManifestPath));
    const parent = node.path.dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return [...found, node.path.join(app.getAppPath(), manifestFileName)];
}

function readIfThere(file: string): string | null {
  try {
    return node.fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw new BackendError(
      'E_MANIFEST',
      `Reading the backend manifest ${file}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

function check(value: unknown, where: string): Manifest {
  try {
    const manifest = parseManifest(value);
    for (const [name, backend] of Object.entries(manifest.backends)) {
      const wrong = wrongPart(backend);
      if (wrong !== null) throw new Error(`the backend "${name}" has no valid ${wrong}`);
    }
    return manifest;
  } catch (error) {
    throw new BackendError('E_MANIFEST', `Reading ${where}: ${(error as Error).message}`, {
      cause: error,
      hint: buildAgain,
    });
  }
}

/** The first part of a backend's entry without which nothing can be said or done. */
function wrongPart(backend: unknown): string | null {
  if (!isObject(backend)) return 'entry';
  const { kind, program, settings } = backend;
  if (!['http', 'stdio', 'job'].includes(kind as string)) return '`kind`';
  if (!isObject(program) || !['frozen', 'development'].includes(program['type'] as string))
    return '`program`';
  if (!isObject(settings)) return '`settings`';
  const part = ['address', 'ready', 'restart', 'stop', 'logs', 'args', 'env', 'startAfter'].find(
    (name) => !isObject(settings[name]),
  );
  return part === undefined ? null : `\`settings.${part}\``;
}

function rebuildHint({ app, manifest }: ManifestSource): string {
  if (typeof manifest === 'string') return correctManifest;
  return app.isPackaged
    ? 'The app was packaged without its backends: use the Forge plugin or the electron-builder preset.'
    : 'Start the app with `npm start` (Electron Forge) or `npx electron-pyinstaller dev -- electron .`.';
}

/** Folder of the app's resources. */
export function resourcesFolder(app: AppLike, option: string | undefined): string {
  const electron = (process as { resourcesPath?: string }).resourcesPath;
  return option ?? electron ?? node.path.dirname(app.getAppPath());
}

/** Where a frozen program is. @throws BackendError `E_EXE_MISSING` when there is none for this architecture. */
export function locateFrozen(
  program: FrozenProgram,
  resources: string,
  arch: string,
): { readonly directory: string; readonly executable: string; readonly arch: string } {
  const entries = Object.entries(program.directories);
  const [only] = entries;
  // One bundle in an app of another architecture is meant to run through the system's translation.
  const [foundArch, folder] =
    entries.find(([name]) => name === arch) ?? (entries.length === 1 && only !== undefined ? only : []);
  if (foundArch === undefined || folder === undefined) {
    throw new BackendError(
      'E_EXE_MISSING',
      `Locating the backend: it was frozen for ${entries.map(([name]) => name).join(', ')}, this app runs as ${arch}`,
      { hint: 'Freeze the backend for this architecture too.' },
    );
  }
  const directory = node.path.resolve(resources, folder);
  return { directory, executable: node.path.join(directory, program.executable), arch: foundArch };
}
