import { isObject } from './is-object.js';

/**
 * The contract between build and runtime: the build writes it into the app, the runtime reads it. It lives here, on
 * the reading side, so that it cannot drift. Besides it the build side imports the runtime only to run it
 * (verification, docs/adr/0003) and for what both sides know of failures (`life/failure-rows.ts`).
 */

/** Version of the manifest's shape. A runtime refuses any other. */
export const manifestVersion = 1;

/** Name of the manifest inside the packaged app (beside its package.json, inside the asar). */
export const manifestFileName = 'electron-pyinstaller.json';

/** Environment variable through which `npm start` tells the app where the development manifest is. */
export const developmentManifestVariable = 'ELECTRON_PYINSTALLER_DEV_MANIFEST';

/** Where the development manifest stands when the environment variable is not set; relative to the project. */
export const developmentManifestPath = 'node_modules/.cache/electron-pyinstaller/development.json';

/** What kind of program a backend is. */
export type BackendKind =
  /** A server that answers HTTP. */
  | 'http'
  /** A program that answers over its standard streams; no port. */
  | 'stdio'
  /** A program that runs once and ends: arguments in, progress and an exit code out. */
  | 'job';

/** How the address of an `http` backend comes about. */
export type AddressSettings =
  /** The backend binds 127.0.0.1:0 itself and says where (needs the companion). No race. */
  | { readonly type: 'announce' }
  /** The parent picks the first free port of the range and passes it on. `from === to` for a fixed port. */
  | { readonly type: 'port'; readonly host: string; readonly from: number; readonly to: number }
  /** A Unix socket in a private folder (POSIX only; Windows falls back to `announce`). */
  | { readonly type: 'unix' }
  /** No address (`stdio` and `job`). */
  | { readonly type: 'none' };

/** When a backend counts as ready. All that are set must hold. */
export interface ReadySettings {
  /** Wait for the companion's `ready` message. False for backends that do not speak the protocol. */
  readonly announced: boolean;
  /** Path that must answer, e.g. `/api/health`; null: none. */
  readonly http: string | null;
  /** Statuses that count; left out: any below 400. */
  readonly status?: readonly number[] | undefined;
  /** Regular expression (source) one output line must match; null: none. */
  readonly log: string | null;
  /** Milliseconds until the start counts as failed. The backend may ask for more (`extend`). */
  readonly timeoutMs: number;
  /** Milliseconds after which a `slow-start` event is emitted. */
  readonly slowAfterMs: number;
}

/** Liveness probing of a ready `http` backend. */
export interface HealthSettings {
  /** Path that must answer. */
  readonly http: string;
  /** Statuses that count; left out: any below 400. */
  readonly status?: readonly number[] | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Bad probes in a row before the backend counts as degraded (confirmed in a second window). */
  readonly failures: number;
  /** `report`: emit `unhealthy` only. `restart`: stop and start again. */
  readonly onUnhealthy: 'report' | 'restart';
}

/** Automatic restarts after a crash. */
export interface RestartSettings {
  /** Restarts allowed inside the sliding window; 0 switches restarting off. */
  readonly max: number;
  readonly windowMs: number;
  /** First delay in milliseconds. */
  readonly delayMs: number;
  /** Each further delay is multiplied by this. */
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Milliseconds of continuous `ready` after which the delay starts again at `delayMs`. */
  readonly stableAfterMs: number;
  /** Failures in a row before the first `ready` after which the backend is given up. */
  readonly maxStartFailures: number;
  /** Exit codes that are never restarted. */
  readonly never: readonly number[];
  /** Exit codes that are restarted without delay (still counted). */
  readonly immediately: readonly number[];
}

/** Upper bounds of the steps of stopping; each step ends as soon as the backend is gone. */
export interface StopSettings {
  /** Milliseconds for a graceful end after the lifeline is closed. */
  readonly graceMs: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly terminateMs: number;
  /** Milliseconds to wait after SIGKILL. */
  readonly killMs: number;
  /** Path that is POSTed first, for backends without the companion; null: none. */
  readonly http: string | null;
}

/** Log handling. */
export interface LogSettings {
  /** Write `<name>.log` under the app's logs folder. */
  readonly file: boolean;
  /** Files kept, the current one included. */
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Lines kept in memory and attached to errors. */
  readonly ringLines: number;
  /** Regular expressions (source) whose matches are replaced by `[redacted]`; the token always is. */
  readonly redact: readonly string[];
}

/** How thoroughly the bundle is checked against the manifest before it is started. */
export type IntegrityLevel =
  /** Not at all. */
  | 'off'
  /** Executable and Python libraries by digest, everything else by existence and size. */
  | 'exe'
  /** Everything by digest once per version, then by size, times and inode. */
  | 'cached'
  /** Everything by digest at each start. */
  | 'full';

/** Everything the runtime needs to know about a backend's life. Resolved: nothing is optional. */
export interface RuntimeSettings {
  readonly address: AddressSettings;
  readonly ready: ReadySettings;
  /** null: no liveness probing. */
  readonly health: HealthSettings | null;
  readonly restart: RestartSettings;
  readonly stop: StopSettings;
  readonly logs: LogSettings;
  readonly integrity: IntegrityLevel;
  /** Require the per-launch token on every request (enforced by the companion). */
  readonly token: boolean;
  /** How the backend notices that its parent is gone. */
  readonly lifeline: 'thread' | 'process' | 'off';
  /** Framing of a `stdio` backend. */
  readonly stdio: 'json-lines' | 'raw';
  /** Names of backends that must be ready first. */
  readonly startAfter: readonly string[];
  /** Arguments; `{port} {host} {userData} {resources} {bundle} {token}` are replaced at each start. */
  readonly args: readonly string[];
  /** Environment added to the scrubbed one; the same placeholders. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory; the same placeholders; null: the app's user data folder. */
  readonly cwd: string | null;
}

/** One file of a bundle. */
export type ManifestFile =
  | {
      readonly type: 'file';
      /** Relative to the bundle, `/` as separator. */
      readonly path: string;
      readonly size: number;
      /** Lower-case hexadecimal SHA-256 of what `algorithm` says. */
      readonly digest: string;
      /**
       * `sha256`: of all bytes. `pe-sha256`: a Windows executable, digest as Authenticode takes it, so that signing does not
       * change it (size may grow). `mach-o-sha256`: a macOS program or library, likewise without its signature; `size` is what is
       * hashed of it. `sealed`: written anew when an app is joined or signed, and sealed by its signature: an app only asks that it
       * is there. `mach-o`: the same for every Mach-O file, as written before there was `mach-o-sha256`.
       */
      readonly algorithm: 'sha256' | 'pe-sha256' | 'mach-o-sha256' | 'sealed' | 'mach-o';
      /** True: checked by digest at level `exe` (the program, libpython, base_library.zip). */
      readonly core: boolean;
      readonly executable: boolean;
    }
  | {
      readonly type: 'link';
      readonly path: string;
      /** Target exactly as stored, relative. */
      readonly target: string;
    };

/** How the frozen program is found and run. */
export interface FrozenProgram {
  readonly type: 'frozen';
  readonly mode: 'onedir' | 'onefile';
  readonly platform: string;
  /** Per architecture (Node's spelling): folder under the app's resources. One entry except for universal apps. */
  readonly directories: Readonly<Record<string, string>>;
  /** Executable relative to that folder. */
  readonly executable: string;
  /** Folder with the data, relative to that folder; left out: the folder itself. */
  readonly contents?: string;
  /** Per architecture: digests. */
  readonly files: Readonly<Record<string, readonly ManifestFile[]>>;
}

/** How the backend is run from source during development. */
export interface DevelopmentProgram {
  readonly type: 'development';
  /** Absolute path of the Python interpreter. */
  readonly interpreter: string;
  /** Everything after the interpreter, before the user's own arguments. */
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute folders and files whose change restarts the backend; empty: no watching. */
  readonly watch: readonly string[];
  /** Regular expressions, as text, for paths below the watched folders (with `/`) that do not matter. */
  readonly watchIgnore?: readonly string[];
  /**
   * Absolute path of the CommonJS module that watches them, prints to the terminal and tells what is stale: only development
   * needs it, so it is no part of what apps bundle.
   */
  readonly watcher?: string;
  /** The OpenAPI document that types are made of, and the program (absolute, with arguments) that makes them; left out: none are made. */
  readonly api?: { readonly openapi: string; readonly command: readonly string[] };
  readonly prepared?: PreparedFrom;
  /** Where debugpy listens. `wait`: the program begins when a debugger is there. */
  readonly debugger?: { readonly port: number; readonly wait: boolean };
}

/** What a development manifest was made from. */
export interface PreparedFrom {
  /** The command that makes it anew, and starts the app. */
  readonly command: string;
  /** Absolute; `digest` is null for a file that was not there. */
  readonly files: readonly { readonly file: string; readonly digest: string | null }[];
}

/** One backend in the manifest. */
export interface BackendManifest {
  readonly name: string;
  readonly kind: BackendKind;
  /**
   * How far the backend speaks the protocol. `full`: the companion serves (announces itself, checks the token).
   * `lifeline`: the companion's prelude is in it (hello, lifeline, status) but the program serves by itself.
   * `none`: nothing of ours inside (a prebuilt or hand-written spec).
   */
  readonly companion: 'full' | 'lifeline' | 'none';
  /** Content key of the bundle, or `development`. */
  readonly key: string;
  /** What made it, for support: shown in errors and logs, not interpreted. */
  readonly versions: {
    readonly python: string;
    readonly pyinstaller: string;
    readonly package: string;
    /** By package: what its native code asks of the processor, where that is known: `x86-64-v3`, numpy's `X86_V2`. */
    readonly builtFor?: Readonly<Record<string, string>>;
  };
  readonly settings: RuntimeSettings;
  readonly program: FrozenProgram | DevelopmentProgram;
}

/** The whole file. */
export interface Manifest {
  readonly version: typeof manifestVersion;
  readonly backends: Readonly<Record<string, BackendManifest>>;
}

/**
 * Check that parsed JSON is a {@link Manifest} this runtime understands.
 *
 * Only the outer shape is checked: the file is written by this very package and protected by the app's own
 * packaging.
 *
 * @throws Error with a sentence saying what is wrong; callers wrap it in their own error class.
 */
export function parseManifest(value: unknown): Manifest {
  if (!isObject(value)) throw new Error('the manifest is not an object');
  const { version, backends } = value;
  if (version !== manifestVersion) {
    throw new Error(
      `the manifest has version ${JSON.stringify(version)}, this runtime reads version ${manifestVersion}`,
    );
  }
  if (!isObject(backends)) throw new Error('the manifest lists no backends');
  return value as unknown as Manifest;
}
