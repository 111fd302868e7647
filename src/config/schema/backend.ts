import * as z from 'zod';
import { addressSchema, type AddressConfig } from './address.js';
import { clientSchema, type ClientConfig } from './client.js';
import {
  collectSchema,
  dataSchema,
  excludesSchema,
  hiddenImportsSchema,
  type CollectConfig,
  type DataConfig,
  type NameConfig,
} from './collect.js';
import { entrySchema, type EntryConfig } from './entry.js';
import { group, inWords } from './group.js';
import {
  authSchema,
  healthSchema,
  logsSchema,
  readySchema,
  restartSchema,
  stopSchema,
  type AuthConfig,
  type HealthConfig,
  type LogsConfig,
  type ReadyConfig,
  type RestartConfig,
  type StopConfig,
} from './life.js';
import { presetsSchema, type PresetsConfig } from './presets.js';
import { pyinstallerSchema, type PyInstallerConfig } from './pyinstaller.js';
import { pythonSchema, type PythonConfig } from './python.js';
import { requirementsSchema, type RequirementsConfig } from './requirements.js';
import { runSchema, type RunConfig } from './run.js';
import { filePath, texts } from './values.js';
import { licensesSchema, type LicensesConfig } from './licenses.js';
import { verifySchema, type VerifyConfig } from './verify.js';

/** A platform and architecture, in Node's spelling. */
export type PlatformArch =
  | 'linux-x64'
  | 'linux-arm64'
  | 'linux-ia32'
  | 'linux-armv7l'
  | 'darwin-x64'
  | 'darwin-arm64'
  | 'win32-x64'
  | 'win32-arm64'
  | 'win32-ia32';

/** Key of `platforms`: every architecture of a platform, or one. */
export type PlatformKey = 'linux' | 'darwin' | 'win32' | PlatformArch;

const architectures = [
  'linux-x64',
  'linux-arm64',
  'linux-ia32',
  'linux-armv7l',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
  'win32-ia32',
] as const satisfies readonly PlatformArch[];

/** Everything about a backend that may differ per platform. */
export interface BackendOverrides {
  /**
   * What starts the backend: an application to serve (`asgi`, `wsgi`), something to run (`call`, `module`,
   * `consoleScript`, `script`), or the path of a Python script. Left out only with `pyinstaller.spec`.
   * @example { asgi: 'main:app' }
   */
  entry?: EntryConfig;
  /**
   * `http`: a server. `stdio`: a program that answers over its standard streams. `job`: a program that runs once and ends.
   * @defaultValue 'http'
   */
  kind?: 'http' | 'stdio' | 'job';
  /**
   * Folder, or folders, with the Python code, relative to the project; the first is the import root. Left out: the folder
   * of the script (or of the spec), else the project itself.
   * @example 'backend'
   */
  source?: string | readonly string[];
  /**
   * Globs below the sources that do not matter to the result: not part of the cache key, not watched, not expected in the
   * bundle by the checks. Added to a built-in list (`__pycache__`, virtual environments, `node_modules`, `.git`, caches).
   * @defaultValue []
   * @example ['tests/**']
   */
  sourceIgnore?: readonly string[];
  /** Which Python freezes the backend. */
  python?: PythonConfig;
  /**
   * Packages the backend needs: a file (`requirements.txt`, `pyproject.toml`, `uv.lock`, `poetry.lock`, `pdm.lock`,
   * `Pipfile.lock`, `Pipfile`, `environment.yml`), a folder with one of them, a requirement, or a list of those; or an
   * object. Left out: the file of that kind in the first `source` folder, if there is one. `[]`: none.
   * @example 'backend/requirements.txt'
   */
  requirements?: RequirementsConfig;
  /**
   * Modules that are imported in ways PyInstaller cannot see. `pkg.*` means the modules directly below `pkg`, `pkg.**`
   * all below it. A name that does not exist fails the build unless written as `{ name, optional: true }`.
   * @defaultValue []
   * @example ['services.*', 'connectors.**']
   */
  hiddenImports?: readonly NameConfig[];
  /**
   * Files the backend reads: paths or globs relative to the project, or objects that say where they go.
   * @defaultValue []
   * @example [{ from: 'backend/config', to: 'config' }]
   */
  data?: readonly DataConfig[];
  /**
   * Shared libraries and programs to bundle; like `data`, but their own dependencies are looked for and bundled too.
   * @defaultValue []
   * @example ['vendor/libengine.so']
   */
  binaries?: readonly DataConfig[];
  /** Parts of installed packages to bundle besides what PyInstaller finds by itself. */
  collect?: CollectConfig;
  /**
   * Modules to leave out, with everything below them.
   * @defaultValue []
   * @example ['tkinter']
   */
  excludes?: readonly string[];
  /**
   * What known frameworks need to be frozen. Left out: detected from the requirements. `false`: none. An object switches
   * single presets on or off by name.
   * @example { django: false }
   */
  presets?: PresetsConfig;
  /** How PyInstaller is driven. */
  pyinstaller?: PyInstallerConfig;
  /** Arguments, environment and working directory. */
  run?: RunConfig;
  /**
   * How the address comes about. `announce`: the backend takes a free port and says which. `{ port }`: the app picks one
   * and passes it on, for programs that must be told. `unix`: a Unix socket in a private folder (`announce` on Windows).
   * `none`: no address.
   * @defaultValue 'announce' ('none' for stdio and job)
   * @example { port: [8000, 8010] }
   */
  address?: AddressConfig;
  /**
   * When the backend counts as ready. A string is short for `{ http }`.
   * @example '/api/health'
   */
  ready?: string | ReadyConfig;
  /**
   * Asking a ready backend whether it still answers. A string is short for `{ http }`, `false` switches it off. Left out:
   * on where there is something to ask (`ready.http`, or the companion serving).
   * @example { intervalMs: 30000 }
   */
  health?: string | false | HealthConfig;
  /**
   * Automatic restarts after a crash. `false`: none.
   * @example { max: 10 }
   */
  restart?: false | RestartConfig;
  /** How long the steps of stopping may take. */
  stop?: StopConfig;
  /** What becomes of the backend's output. */
  logs?: LogsConfig;
  /**
   * How thoroughly the bundle is checked before a start. `off`: not at all. `exe`: the program and Python by digest, the
   * rest by size. `cached`: everything by digest once per version. `full`: everything by digest at each start.
   * @defaultValue 'exe'
   */
  integrity?: 'off' | 'exe' | 'cached' | 'full';
  /** Who may talk to the backend. */
  auth?: AuthConfig;
  /**
   * How the backend notices that the app is gone. `thread`: a thread inside it, on Linux and macOS with a second process for
   * what it cannot do. `process`: the same, on Windows also for backends whose threads can be blocked for long. `off`: not at all.
   * @defaultValue 'thread'
   */
  lifeline?: 'thread' | 'process' | 'off';
  /**
   * Framing of a `stdio` backend: one JSON value a line, or bytes as they come.
   * @defaultValue 'json-lines'
   */
  stdio?: 'json-lines' | 'raw';
  /**
   * Names of backends that must be ready before this one is started.
   * @defaultValue []
   * @example ['database']
   */
  startAfter?: readonly string[];
  /**
   * What is checked of the frozen program during the build. `false`: nothing.
   * @example { imports: ['services.billing'], maxSize: '500 MB' }
   */
  verify?: false | VerifyConfig;
  /**
   * Licenses of everything that others have written and that is in the bundle.
   * @example { file: 'THIRD-PARTY-PYTHON.txt', deny: ['GPL-3.0-only'] }
   */
  licenses?: LicensesConfig;
}

/** One backend. */
export interface BackendConfig extends BackendOverrides {
  /**
   * Write the types of the backend's API, made from its own OpenAPI document, and give it a typed `client`. For `http` backends.
   * An object says where the document is and where the types go.
   * @defaultValue false
   * @example true
   */
  client?: boolean | ClientConfig;
  /**
   * Per platform and architecture, a folder or archive that was frozen elsewhere and is used instead of freezing.
   * @example { 'darwin-arm64': 'prebuilt/engine-darwin-arm64.tar.gz' }
   */
  prebuilt?: Partial<Record<PlatformArch, string>>;
  /**
   * What differs per platform (`linux`, `darwin`, `win32`) or per platform and architecture (`darwin-arm64`, applied
   * last). Groups are merged key by key; texts, numbers and lists replace.
   * @example { win32: { pyinstaller: { icon: 'build/icon.ico' } } }
   */
  platforms?: Partial<Record<PlatformKey, BackendOverrides>>;
}

const overrides = {
  entry: entrySchema.optional(),
  kind: z.enum(['http', 'stdio', 'job']).optional(),
  source: inWords(z.union([filePath, texts]), "a folder such as 'backend', or a list of folders").optional(),
  sourceIgnore: texts.optional(),
  python: pythonSchema.optional(),
  requirements: requirementsSchema.optional(),
  hiddenImports: hiddenImportsSchema.optional(),
  data: dataSchema.optional(),
  binaries: dataSchema.optional(),
  collect: collectSchema.optional(),
  excludes: excludesSchema.optional(),
  presets: presetsSchema.optional(),
  pyinstaller: pyinstallerSchema.optional(),
  run: runSchema.optional(),
  address: addressSchema.optional(),
  ready: readySchema.optional(),
  health: healthSchema.optional(),
  restart: restartSchema.optional(),
  stop: stopSchema.optional(),
  logs: logsSchema.optional(),
  integrity: z.enum(['off', 'exe', 'cached', 'full']).optional(),
  auth: authSchema.optional(),
  lifeline: z.enum(['thread', 'process', 'off']).optional(),
  stdio: z.enum(['json-lines', 'raw']).optional(),
  startAfter: texts.optional(),
  verify: verifySchema.optional(),
  licenses: licensesSchema.optional(),
};

const overridesSchema = group<BackendOverrides>('BackendOverrides')(overrides);

/** One backend. */
export const backendSchema = group<BackendConfig>('BackendConfig')({
  ...overrides,
  client: clientSchema.optional(),
  prebuilt: z.partialRecord(z.enum(architectures), filePath).optional(),
  platforms: z
    .partialRecord(z.enum(['linux', 'darwin', 'win32', ...architectures]), overridesSchema)
    .optional(),
});
