/** One line of the driver; see companion/freezer/records.py. `ms` counts from the driver's start. */
export type DriverRecord =
  | {
      readonly type: 'log';
      readonly ms: number;
      readonly level: string;
      readonly logger: string;
      readonly message: string;
      /** Hook file that was being processed. */
      readonly hook?: string;
      readonly traceback?: string;
    }
  | { readonly type: 'stage'; readonly ms: number; readonly stage: string; readonly title: string }
  | ({ readonly type: 'problem'; readonly ms: number } & DriverProblem)
  | { readonly type: 'crash'; readonly ms: number; readonly error: string; readonly traceback: string }
  | { readonly type: 'exit'; readonly ms: number; readonly code: number; readonly message: string | null };

/** A request the driver could not fulfil. */
export interface DriverProblem {
  readonly code:
    | 'not-found'
    | 'not-a-package'
    | 'not-installed'
    | 'empty'
    | 'pattern'
    | 'expansion-failed'
    | 'spec-keyword';
  readonly name: string;
  readonly path: string;
  readonly message: string;
  readonly suggestions?: readonly string[];
  readonly call?: string;
}

/** What is in the bundle, as the driver read it; see companion/freezer/audit.py. */
export interface Audit {
  /** Every importable module inside. */
  readonly modules: readonly string[];
  /** Requested modules that are not inside. */
  readonly missing: readonly {
    readonly name: string;
    readonly request: string;
    readonly path: string;
    readonly optional: boolean;
    readonly expanded: boolean;
  }[];
  /** First-party code in the bundle: module name and file, absolute. */
  readonly code: readonly (readonly [name: string, file: string])[];
  /** What was asked for of the files that are laid in. */
  readonly laid: readonly { readonly source: string; readonly destination: string }[];
  /** [destination, source, PyInstaller's type]; without what is laid in. */
  readonly files: readonly (readonly [string, string | null, string])[];
  /** Source files of the modules and scripts inside, absolute. */
  readonly origins: readonly string[];
  /** Executables built, absolute. */
  readonly programs: readonly string[];
  readonly firstParty: readonly { readonly name: string; readonly file: string; readonly present: boolean }[];
  /** Modules of an installed program of which not everything is collected. */
  readonly program: readonly { readonly name: string; readonly file: string; readonly present: boolean }[];
  readonly loads: readonly DynamicLoad[];
  /** Lines of PyInstaller's warn file. */
  readonly warnings: readonly string[];
  /** Where first-party code in the bundle starts `sys.executable`. */
  readonly interpreter: readonly { readonly file: string; readonly line: number; readonly text: string }[];
  readonly namedFiles: readonly NamedFile[];
  /** Per missing module: importable names like it. */
  readonly suggestions: Readonly<Record<string, readonly string[]>>;
  readonly hookSettings: readonly { readonly package: string; readonly key: string | null }[];
  /** Patterns of `pyinstaller.excludeFiles` that fit nothing. */
  readonly idleExclusions: readonly string[];
  /** Requirements of which nothing is in the bundle, what could be imported of each, and the groups its plugins are in. */
  readonly unused: readonly {
    readonly name: string;
    readonly modules: readonly string[];
    readonly groups: readonly string[];
  }[];
  /** By package: what its native code asks of the processor, where that is known and more than every processor has. */
  readonly builtFor: Readonly<Record<string, string>>;
}

/** A file or folder that first-party code names, exists among the sources, and is not in the bundle. */
export interface NamedFile {
  /** How it is found at run time: beside the module, above everything that is bundled, from the working directory, by python-dotenv. */
  readonly kind: 'beside' | 'above' | 'relative' | 'dotenv';
  readonly file: string;
  readonly line: number;
  /** As it is written. */
  readonly text: string;
  /** Absolute. */
  readonly source: string;
  /** Where the program looks, relative to the root of the bundle; of `relative`: as it is written. */
  readonly bundle: string;
  readonly folder: boolean;
  /** Names of the variables in a `.env` file. */
  readonly variables: readonly string[];
}

/** A place in first-party code that loads modules by name. */
export interface DynamicLoad {
  readonly file: string;
  readonly module: string;
  readonly line: number;
  /** The call as written. */
  readonly text: string;
  /** Module name with `*` for each part that is not known, e.g. `services.*`. */
  readonly pattern: string;
  /** The rest matches any depth. */
  readonly deep: boolean;
}

/** Read one line; null: not a record. */
export function parseRecord(line: string): DriverRecord | null {
  if (!line.startsWith('{')) return null;
  try {
    const value = JSON.parse(line) as { type?: unknown };
    return typeof value.type === 'string' ? (value as DriverRecord) : null;
  } catch {
    return null;
  }
}
