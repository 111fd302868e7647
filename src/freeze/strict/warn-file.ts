/** One line of PyInstaller's `warn-<name>.txt`. */
export interface ImportMiss {
  readonly kind: 'missing' | 'invalid';
  readonly module: string;
  readonly importers: readonly {
    readonly module: string;
    /** `top-level`, `conditional`, `delayed`, `optional`; several may hold. */
    readonly how: readonly string[];
  }[];
}

/** Modules of other platforms and interpreters: the standard library tries them everywhere. */
const foreign: readonly RegExp[] = [
  /^(?:_winapi|winreg|_winreg|msvcrt|nt|_overlapped|winsound|_wmi|pywintypes|win32\w*)(?:\.|$)/,
  /^(?:org|java|javax|jarray|jython|com\.sun)(?:\.|$)/,
  /^(?:_scproxy|_frozen_importlib_external|_frozen_importlib|vms_lib|riscos\w*|_dummy_thread\w*|posix|pwd|grp|fcntl|termios|resource|readline|syslog|_posixsubprocess|_posixshmem|_curses|curses|crypt|nis|ossaudiodev|spwd|pyimod02_importers|usercustomize|sitecustomize)(?:\.|$)/,
];

/** Parse one line; null: not about a module. */
export function parseMiss(line: string): ImportMiss | null {
  const match = /^(missing|invalid) module named '?(.+?)'? - imported by (.*)$/.exec(line.trim());
  if (match === null) return null;
  const [, kind, module, importers = ''] = match;
  if (module === undefined) return null;
  return {
    kind: kind === 'invalid' ? 'invalid' : 'missing',
    module,
    // Scripts are named by their path, which may hold anything; the kinds in parentheses may not.
    importers: [
      ...importers.matchAll(/(?:^|, )'?(.+?)'? \(((?:top-level|conditional|delayed|optional)[^()]*)\)/g),
    ].map((found) => ({
      module: found[1] ?? '',
      how: (found[2] ?? '').split(',').map((how) => how.trim()),
    })),
  };
}

/**
 * Keep what matters of a warn file: modules with a syntax error, and misses that first-party code runs into as soon as it
 * is imported. A healthy FastAPI program has about a hundred lines; none of them matter.
 *
 * @param present - Modules in the bundle.
 */
export function triageMisses(
  lines: readonly string[],
  firstParty: ReadonlySet<string>,
  present: ReadonlySet<string>,
): ImportMiss[] {
  const kept: ImportMiss[] = [];
  for (const line of lines) {
    const miss = parseMiss(line);
    if (miss === null) continue;
    if (miss.kind === 'invalid') {
      if (miss.importers.some((importer) => firstParty.has(importer.module)) || firstParty.has(miss.module)) {
        kept.push(miss);
      }
      continue;
    }
    if (foreign.some((pattern) => pattern.test(miss.module))) continue;
    // `from pydantic import BaseModel`, where the package makes its names on demand, looks like a missing module.
    if (present.has(miss.module.slice(0, Math.max(0, miss.module.lastIndexOf('.'))))) continue;
    const importers = miss.importers.filter(
      (importer) =>
        firstParty.has(importer.module) && importer.how.length === 1 && importer.how[0] === 'top-level',
    );
    if (importers.length > 0) kept.push({ ...miss, importers });
  }
  return kept;
}
