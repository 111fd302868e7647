import type { BackendKind, RuntimeSettings } from '../runtime/manifest.js';
import type { PyInstallerConfig } from './schema/pyinstaller.js';
import type { Target } from '../target.js';

/** What starts the backend; see {@link BackendConfig} for the form users write. */
export type ResolvedEntry =
  | { readonly type: 'asgi'; readonly module: string; readonly attribute: string }
  | { readonly type: 'wsgi'; readonly module: string; readonly attribute: string }
  | { readonly type: 'call'; readonly module: string; readonly attribute: string }
  | { readonly type: 'module'; readonly module: string }
  | { readonly type: 'consoleScript'; readonly script: string }
  /** `file` is absolute. */
  | { readonly type: 'script'; readonly file: string }
  /** A hand-written PyInstaller spec; absolute. */
  | { readonly type: 'spec'; readonly file: string };

/** A name that may be marked as allowed to be missing. `path` is its place in the configuration, for messages. */
export interface ResolvedName {
  readonly name: string;
  readonly optional: boolean;
  readonly path: string;
}

/** A data or binary rule with an absolute source. */
export interface ResolvedData {
  /** Absolute path or glob, `/` as separator. */
  readonly from: string;
  /** Folder the glob's fixed part is cut off at; files keep their path below it. Absolute. */
  readonly base: string;
  /** Destination folder inside the bundle, relative, `.` for its root. */
  readonly to: string;
  readonly exclude: readonly string[];
  readonly optional: boolean;
  readonly path: string;
}

/** Where the Python packages come from. */
export type ResolvedRequirements =
  | { readonly type: 'none' }
  /** Requirement files, a Pipfile or the pip part of a conda environment (absolute), and single requirement strings, installed together. */
  | {
      readonly type: 'pip';
      readonly files: readonly string[];
      readonly packages: readonly string[];
      readonly requireHashes: boolean;
    }
  /** A pyproject.toml (absolute folder) without a lock: its dependencies plus extras and groups. */
  | {
      readonly type: 'project';
      readonly directory: string;
      readonly extras: readonly string[];
      readonly groups: readonly string[];
      /** The project is built and installed as well; otherwise only its metadata is. */
      readonly itself?: true;
    }
  /** A lock file with its project (absolute). */
  | {
      readonly type: 'lock';
      readonly tool: 'uv' | 'poetry' | 'pdm' | 'pipenv';
      readonly file: string;
      readonly directory: string;
      readonly extras: readonly string[];
      readonly groups: readonly string[];
      /** As for `project`. */
      readonly itself?: true;
    };

/** The `python` group. */
export interface ResolvedPython {
  /** Version range as written, e.g. `>=3.10`, `3.12`, `>=3.10,<3.13`. */
  readonly version: string;
  /** Absolute path or command name given by the user; null: search. */
  readonly interpreter: string | null;
  /** `managed`: an environment of ours. `active`: the project's own, found. `path`: the environment at `directory`. */
  readonly env:
    | { readonly type: 'managed' }
    | { readonly type: 'active' }
    | { readonly type: 'path'; readonly directory: string };
  readonly installer: 'auto' | 'uv' | 'pip';
  readonly indexUrl: string | null;
  readonly extraIndexUrls: readonly string[];
  /** Absolute folders or URLs with wheels. */
  readonly findLinks: readonly string[];
  readonly offline: boolean;
  readonly pipArgs: readonly string[];
}

/** Keys of `pyinstaller` that have no default. */
type OptionalPyInstallerKey =
  | 'icon'
  | 'versionInfo'
  | 'manifest'
  | 'codesignIdentity'
  | 'entitlements'
  | 'runtimeTmpdir';

/** The `pyinstaller` group, complete: paths absolute, null for what is left out and has no default. */
export type ResolvedPyInstaller = Readonly<
  Required<Omit<PyInstallerConfig, 'spec' | OptionalPyInstallerKey>>
> & {
  readonly [Key in OptionalPyInstallerKey]: Exclude<PyInstallerConfig[Key], undefined> | null;
};

/** The `verify` group; null where a check is off. */
export interface ResolvedVerify {
  /** Start the frozen program during the build. */
  readonly run: boolean;
  readonly imports: readonly string[];
  /** Paths relative to the bundle's data root that must exist. */
  readonly files: readonly string[];
  /** Requests that must succeed (status below 400) besides `ready.http`. */
  readonly http: readonly {
    readonly path: string;
    readonly status: number | null;
    readonly contains: string | null;
  }[];
  /** Arguments of the check run of a `job` backend; null: what its entry suggests, or none. */
  readonly args: readonly string[] | null;
  /** Absolute files and folders, and their places below the resources folder of the check run. */
  readonly resources: readonly { readonly from: string; readonly to: string }[];
  readonly maxSizeBytes: number | null;
  readonly startWithinMs: number | null;
  /** Highest allowed glibc version, e.g. `2.28`. */
  readonly glibc: string | null;
}

/** The `licenses` group. */
export interface ResolvedLicenses {
  /** Name of the file beside the program; null: there is none. */
  readonly file: string | null;
  readonly deny: readonly string[];
  readonly clarify: Readonly<Record<string, string>>;
}

/** Where the types of a backend's API come from and where they go. */
export interface ResolvedClient {
  /** Path of the OpenAPI document at the backend. */
  readonly openapi: string;
  /** Absolute file with the types. */
  readonly output: string;
  /** Absolute file with the document they were made from. */
  readonly document: string;
}

/** One backend with every default applied, every path absolute, overrides of its platform merged. Nothing is optional. */
export interface ResolvedBackend {
  readonly name: string;
  readonly kind: BackendKind;
  readonly target: Target;
  /** Absolute folder of the project (where package.json is). */
  readonly projectDir: string;
  /** Where the configuration came from, for messages: file name or `forge.config.ts (PyInstallerPlugin)`. */
  readonly configFile: string;
  /** Place of this backend in the configuration, e.g. `backends.engine`. */
  readonly configPath: string;
  readonly entry: ResolvedEntry;
  /** Absolute source folders; the first is the import root. */
  readonly source: readonly string[];
  /** Globs below the sources that do not matter (not fingerprinted, not watched). */
  readonly sourceIgnore: readonly string[];
  readonly python: ResolvedPython;
  readonly requirements: ResolvedRequirements;
  readonly hiddenImports: readonly ResolvedName[];
  readonly data: readonly ResolvedData[];
  readonly binaries: readonly ResolvedData[];
  readonly collect: {
    readonly submodules: readonly ResolvedName[];
    readonly data: readonly ResolvedName[];
    readonly binaries: readonly ResolvedName[];
    readonly all: readonly ResolvedName[];
    readonly metadata: readonly ResolvedName[];
    readonly entryPoints: readonly ResolvedName[];
  };
  /** The distribution that provides the entry is collected whole. */
  readonly ownDistribution: boolean;
  readonly excludes: readonly string[];
  /** `auto`: detected from the requirements, minus those set to false here. `false`: none. */
  readonly presets: {
    readonly auto: boolean;
    readonly on: readonly string[];
    readonly off: readonly string[];
  };
  readonly pyinstaller: ResolvedPyInstaller;
  readonly settings: RuntimeSettings;
  readonly development: {
    readonly interpreter: string | null;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly watch: boolean;
  };
  readonly verify: ResolvedVerify;
  readonly licenses: ResolvedLicenses;
  /** Types of its API; null: none are made. */
  readonly client: ResolvedClient | null;
  /** Folder or archive frozen elsewhere for this target; absolute; null: freeze here. */
  readonly prebuilt: string | null;
}

/** The whole configuration, resolved for one target. */
export interface ResolvedConfig {
  readonly projectDir: string;
  readonly configFile: string;
  readonly target: Target;
  /** Absolute cache folder. */
  readonly cacheDir: string;
  readonly backends: readonly ResolvedBackend[];
  /** Where `backends.gen.ts` goes; absolute; null: not generated. */
  readonly generate: string | null;
  /** Things in the configuration that work but should be read by a person; one line each, with file and path. */
  readonly warnings: readonly string[];
}
