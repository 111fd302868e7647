import type { BackendErrorCode } from '../errors.js';

/** Under which circumstances a failure was seen, and how advice refers to the configuration. */
export interface FailureContext {
  /** Place of the backend in the configuration, e.g. `backends.engine`. */
  readonly place: string;
  readonly program: 'frozen' | 'development';
  /** Null: not known. */
  readonly mode: 'onedir' | 'onefile' | null;
  /** Python said hello, so the program itself could be loaded. */
  readonly greeted: boolean;
  /** The system chooses the port (`address: 'announce'`). */
  readonly announces?: boolean | undefined;
  /** A sentence that says to add a line of configuration, and where. */
  readonly add: (line: string) => string;
  /** Normalised names of the distributions that are installed where the program is made; left out: not known. */
  readonly installed?: ReadonlySet<string> | undefined;
  /** What has to be installed for a module, as a phrase. */
  readonly packageOf: (module: string) => string;
}

/** One known failure: how it looks, what it means, what to do. `groups` are those of the pattern that took part. */
export interface FailureRow {
  readonly pattern: RegExp;
  readonly when?: (context: FailureContext) => boolean;
  /** A clause, or sentences. */
  readonly cause: (groups: readonly string[], context: FailureContext) => string;
  /** What to do: an edit of the configuration where there is one. */
  readonly edit: (groups: readonly string[], context: FailureContext) => string;
  /** A more telling code than the general one, for the app. */
  readonly code?: BackendErrorCode;
  /** Trying again cannot help: `always`, or only when it is among the `last` lines (further up it may be a mere warning). */
  readonly isFinal?: 'always' | 'last';
}

/** Failures that are met in the app. The build knows these and more: `src/advice`. The first row that matches counts. */
export const failureRows = {
  'missing-metadata': {
    pattern:
      /(?:PackageNotFoundError: (?:No package metadata was found for )?['"]?([\w.-]+)|The '([\w.-]+)[^']*' distribution was not found)/,
    when: ({ program }) => program === 'frozen',
    cause: ([name]) => `the metadata of the Python package ${name} is missing`,
    edit: ([name], { add }) => add(`collect: { metadata: ['${name}'] }`),
    isFinal: 'always',
  },
  'missing-module': {
    pattern: /No module named ['"]?([\w.]+)['"]?/,
    cause: ([module]) => `the Python module ${module} is missing`,
    edit: ([module = ''], { program, place, add, packageOf }) =>
      program === 'frozen'
        ? `${add(`hiddenImports: ['${module}']`)} If it is not installed, add ${packageOf(module)} to the requirements.`
        : `Add ${packageOf(module)} to ${place}.requirements.`,
    isFinal: 'last',
  },
  certificates: {
    pattern: /CERTIFICATE_VERIFY_FAILED|unable to get local issuer certificate/,
    cause: () => 'a TLS certificate could not be verified',
    edit: (_groups, { add }) =>
      `Add certifi to the requirements: the companion then uses it (with a spec, set SSL_CERT_FILE to certifi.where() yourself). Behind a company proxy: ${add("run: { env: { SSL_CERT_FILE: '<file>' } }")}`,
  },
  glibc: {
    pattern: /version [`'"]?(GLIBC_[\d.]+)['"`]? not found/,
    cause: ([version]) => `it needs ${version}, newer than this system's`,
    edit: (_groups, { add }) =>
      `Build on the oldest system the app supports, and let the build check it: ${add("verify: { glibc: '2.28' }")}`,
    code: 'E_EXE_CORRUPT',
    isFinal: 'always',
  },
  'temporary-noexec': {
    pattern: /failed to map segment from shared object/,
    cause: () => 'the temporary folder does not allow execution (mounted with noexec)',
    edit: (_groups, { add }) => `${add("pyinstaller: { mode: 'onedir' }")} Or set \`runtimeTmpdir\` there.`,
    code: 'E_TEMP_UNUSABLE',
    isFinal: 'always',
  },
  'temporary-full': {
    pattern:
      /Failed to extract [^\n]*decompression resulted in return code|Could not create temporary directory|failed to open target file|No space left on device[^\n]*_MEI/,
    when: ({ mode }) => mode !== 'onedir',
    cause: () => 'it could not unpack itself: the temporary folder is full or not writable',
    edit: (_groups, { add }) =>
      `Free some space, or do without unpacking: ${add("pyinstaller: { mode: 'onedir' }")}`,
    code: 'E_TEMP_UNUSABLE',
    isFinal: 'always',
  },
  bootloader: {
    pattern: /\[PYI-\d+:ERROR\](?! ?Failed to execute script) ?([^\n]*)/,
    when: ({ greeted }) => !greeted,
    cause: ([reason]) => `its bootloader reported: ${reason}`,
    edit: () => installAgain,
    code: 'E_EXE_CORRUPT',
    isFinal: 'always',
  },
  port: {
    pattern: /[Aa]ddress already in use|EADDRINUSE|\[Errno (?:98|48|10048|10013)\]|WinError 10048/,
    cause: () => 'the port it wants is taken',
    edit: (_groups, { add, announces }) =>
      `${announces ? 'Let the program listen on port 0 and call ready(port).' : `Let the system choose: ${add("address: 'announce'")}`} Or pass it {port}, out of a range: ${add("address: { port: [8000, 8010] }, ready: { http: '/' }")}`,
  },
} as const satisfies Readonly<Record<string, FailureRow>>;

export const installAgain =
  'A file of the backend is damaged or missing (interrupted update, security software). Install the app again.';

/** A row that was found in a text. */
export interface FoundFailure<Row extends FailureRow> {
  readonly row: Row;
  /** What matched, and where. */
  readonly match: string;
  readonly index: number;
  readonly cause: string;
  readonly edit: string;
}

/** Every place of a text that a row matches, row after row. The one matcher of all failures. */
export function* findFailures<Row extends FailureRow>(
  rows: Iterable<Row>,
  text: string,
  context: FailureContext,
): Generator<FoundFailure<Row>> {
  for (const row of rows) {
    if (row.when?.(context) === false) continue;
    for (const match of text.matchAll(new RegExp(row.pattern, `${row.pattern.flags}g`))) {
      const groups = match.slice(1).filter((group) => group !== undefined);
      const [cause, edit] = [row.cause(groups, context), row.edit(groups, context)];
      yield { row, match: match[0], index: match.index, cause, edit };
    }
  }
}
