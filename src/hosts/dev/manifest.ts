import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { writtenMeanwhile } from '../../lib/not-source.js';
import { ignorePatterns } from '../../lib/glob.js';
import { companionDir, packageDir, packageVersion } from '../../lib/package-root.js';
import { formatVersion, type PythonEnvironment } from '../../python/index.js';
import type {
  BackendManifest,
  DevelopmentProgram,
  PreparedFrom,
  RuntimeSettings,
} from '../../runtime/manifest.js';
import type { DevelopmentEntry } from './entry.js';

/** What the runtime loads in development: as CommonJS, which it can load whatever it was bundled as. */
export const watcherFile = path.join(packageDir, 'dist/app/dev.cjs');

/** One backend of the development manifest. Pure. */
export function developmentManifest(
  backend: ResolvedBackend,
  environment: PythonEnvironment,
  entry: DevelopmentEntry,
  descriptorFile: string,
  prepared?: PreparedFrom,
): BackendManifest {
  const { development, settings } = backend;
  return {
    name: backend.name,
    kind: backend.kind,
    companion: companionOf(backend, entry),
    key: 'development',
    versions: {
      python: formatVersion(environment.probe.version),
      pyinstaller: environment.pyinstallerVersion,
      package: packageVersion,
    },
    // Arguments and environment may hold placeholders, which are filled in from the settings.
    settings: withBundle(backend, {
      ...settings,
      args: development.args,
      env: { ...settings.env, ...development.env },
    }),
    program: {
      ...program(backend, environment, entry, descriptorFile),
      ...(prepared === undefined ? {} : { prepared }),
    },
  };
}

/** In development `data` lies among the sources: that folder is what the frozen program's own is. */
function withBundle(backend: ResolvedBackend, settings: RuntimeSettings): RuntimeSettings {
  const [root = backend.projectDir] = backend.source;
  const fill = (text: string): string => text.replaceAll('{bundle}', () => root);
  return {
    ...settings,
    args: settings.args.map(fill),
    env: Object.fromEntries(Object.entries(settings.env).map(([name, value]) => [name, fill(value)])),
    cwd: settings.cwd === null ? null : fill(settings.cwd),
  };
}

/** As in the frozen program, so that development does not promise more. */
function companionOf(backend: ResolvedBackend, entry: DevelopmentEntry): BackendManifest['companion'] {
  if (entry.type === 'plain') return 'none';
  return backend.entry.type === 'asgi' || backend.entry.type === 'wsgi' ? 'full' : 'lifeline';
}

function program(
  backend: ResolvedBackend,
  environment: PythonEnvironment,
  entry: DevelopmentEntry,
  descriptorFile: string,
): DevelopmentProgram {
  const [root = backend.projectDir] = backend.source;
  const started =
    entry.type === 'plain'
      ? [entry.file]
      : [path.join(companionDir, 'bootstrap.py'), `--electron-pyinstaller-entry=${descriptorFile}`];
  return {
    type: 'development',
    interpreter: environment.interpreter,
    args: ['-u', '-X', 'utf8', ...interpreterOptions(backend.pyinstaller.pythonOptions), ...started],
    cwd: root,
    env: {
      // Multiprocessing workers and scripts started by the backend find the companion too.
      PYTHONPATH: companionDir,
      // The frozen program sees no packages of the user's own folder either.
      PYTHONNOUSERSITE: '1',
    },
    watch: backend.development.watch ? backend.source : [],
    watchIgnore: watchIgnore(backend.sourceIgnore),
    watcher: watcherFile,
  };
}

/** `W ignore` and `X dev`, as PyInstaller writes them, as arguments of an interpreter. */
export function interpreterOptions(options: readonly string[]): string[] {
  return options.flatMap((option) => {
    const [letter, ...rest] = option.trim().split(/\s+/);
    const value = rest.join(' ');
    if (letter === undefined || !/^[A-Za-z]$/.test(letter)) return [];
    return value === '' ? [`-${letter}`] : [`-${letter}`, value];
  });
}

/** What the watcher leaves out, as the manifest carries it: what is no source, and what is written while the program runs. */
export function watchIgnore(sourceIgnore: readonly string[]): string[] {
  return ignorePatterns([...sourceIgnore, ...writtenMeanwhile]).map((pattern) => pattern.source);
}
