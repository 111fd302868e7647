import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { listEdit } from '../config-edit.js';
import { judgeBundlePaths } from './bundle-paths.js';
import type { Finding } from './finding.js';
import { groupLoads } from './loads.js';
import { judgeNamedFiles } from './named-files.js';
import { judgeNamedInData } from './named-in-data.js';
import type { Audit, DriverProblem, DriverRecord } from '../driver/records.js';
import { triageMisses } from './warn-file.js';
import { shownPath } from '../../lib/paths.js';

/** Findings of requests that the driver refused before PyInstaller ran. */
export function judgeProblems(backend: ResolvedBackend, problems: readonly DriverProblem[]): Finding[] {
  return problems.map((problem) => ({
    severity: 'error',
    rule: 'request',
    message: `${quote(problem.name)} (${problem.path}): ${problem.message}.`,
    fix: problemFix(backend, problem),
  }));
}

function problemFix(backend: ResolvedBackend, problem: DriverProblem): string {
  const close = problem.suggestions ?? [];
  const meant = close.length === 0 ? '' : ` Did you mean ${close.map((name) => quote(name)).join(' or ')}?`;
  const where = `${problem.path} in ${backend.configFile}`;
  switch (problem.code) {
    case 'spec-keyword':
      return problem.name === 'onefile'
        ? `Remove onefile from ${problem.call ?? 'EXE'}(): one file is made by passing a.binaries and a.datas to EXE and leaving COLLECT out. Or drop the spec and set \`pyinstaller: { mode: 'onefile' }\` in ${backend.configFile}.`
        : `Correct or remove ${problem.name} at ${problem.path}.${meant}`;
    case 'not-installed':
      return `Add the distribution to the requirements of ${backend.configPath}, or correct ${where}.${meant}`;
    case 'pattern':
      return `Write ${where} as a module name, 'package.*' or 'package.**'.`;
    case 'empty':
    case 'not-found':
    case 'not-a-package':
    case 'expansion-failed':
      return `Correct ${where}, or write it as { name: ${quote(problem.name)}, optional: true } when it may be missing.${meant}`;
    default:
      return problem.code satisfies never;
  }
}

/**
 * Judge a run of PyInstaller that ended with exit code 0. Exit code 0 is not success: PyInstaller goes on without hidden
 * imports it cannot find, without modules that do not parse, without folders that do not exist.
 */
export function judgeBuild(
  backend: ResolvedBackend,
  records: readonly DriverRecord[],
  audit: Audit,
): Finding[] {
  return [
    ...missingRequests(backend, audit),
    ...errorRecords(backend, records, audit),
    ...hookMisses(backend, records),
    ...importMisses(backend, audit),
    ...loadedByName(backend, audit),
    ...hookSettings(backend, audit),
    ...idleExclusions(backend, audit),
    ...missingProgram(backend, audit),
    ...interpreterUse(backend, audit),
    ...judgeNamedFiles(backend, audit),
    ...judgeBundlePaths(backend, audit),
    ...judgeNamedInData(backend, audit),
    ...unusedRequirements(backend, audit),
    ...foreignPackages(backend, records),
  ];
}

/** Whether {@link judgeBuild} may look at a record: what is kept to judge the same build with other data. */
export function isJudged(record: DriverRecord): boolean {
  return record.type === 'log' && !['INFO', 'DEBUG', 'TRACE'].includes(record.level);
}

function missingRequests(backend: ResolvedBackend, audit: Audit): Finding[] {
  return audit.missing
    .filter((request) => !request.optional)
    .map((request) => {
      const close = audit.suggestions[request.name] ?? [];
      const meant =
        close.length === 0 ? '' : ` Did you mean ${close.map((name) => quote(name)).join(' or ')}?`;
      const from = request.expanded ? ` (from ${quote(request.request)})` : '';
      return {
        severity: 'error',
        rule: 'hidden-import',
        message: `${quote(request.name)}${from}, named by ${request.path} in ${backend.configFile}, is not in the bundle: it cannot be found or imported.`,
        fix: request.expanded
          ? `Leave it out with \`excludes: [${quote(request.name)}]\` in ${backend.configPath}, or repair the module.`
          : request.path === `${backend.configPath}.entry`
            ? `Correct ${request.path} in ${backend.configFile}, or add its package to the requirements.${meant}`
            : `Correct the name, install its package, or write { name: ${quote(request.name)}, optional: true } at ${request.path} in ${backend.configFile}.${meant}`,
      };
    });
}

/** ERROR records that no other rule explains. */
function errorRecords(backend: ResolvedBackend, records: readonly DriverRecord[], audit: Audit): Finding[] {
  const explained = new Set(audit.missing.map((request) => request.name));
  return records.flatMap((record): Finding[] => {
    if (record.type !== 'log' || !['ERROR', 'CRITICAL', 'FATAL'].includes(record.level)) return [];
    const name = /^Hidden import '(.+)' not found/.exec(record.message)?.[1];
    if (name !== undefined && explained.has(name)) return [];
    return [
      {
        severity: 'error',
        rule: 'error-record',
        message: `PyInstaller reported an error and went on: ${record.message}`,
        fix:
          name === undefined
            ? 'Read the full log around this line.'
            : `Correct or remove ${quote(name)} in ${backend.entry.type === 'spec' ? backend.entry.file : backend.configFile}.`,
      },
    ];
  });
}

/** Hidden imports of the project's own hooks; packaged hooks list what some versions of a package have. */
function hookMisses(backend: ResolvedBackend, records: readonly DriverRecord[]): Finding[] {
  const own = backend.pyinstaller.hooks.map((folder) => path.resolve(folder) + path.sep);
  return records.flatMap((record): Finding[] => {
    if (record.type !== 'log' || record.level !== 'WARNING' || record.hook === undefined) return [];
    const name = /^Hidden import "(.+)" not found!/.exec(record.message)?.[1];
    const hook = record.hook;
    if (name === undefined || !own.some((folder) => path.resolve(hook).startsWith(folder))) return [];
    return [
      {
        severity: 'error',
        rule: 'hook-import',
        message: `The hook ${hook} asks for ${quote(name)}, which cannot be found.`,
        fix: `Correct hiddenimports in ${hook}, or install the package that has ${quote(name)}.`,
      },
    ];
  });
}

/**
 * What imported modules lack. A miss of the entry module itself is an error, for the program cannot start; elsewhere it is
 * a warning, for nobody knows whether the importing module is ever reached (running the program tells).
 */
function importMisses(backend: ResolvedBackend, audit: Audit): Finding[] {
  const entries = entryModules(backend);
  const firstParty = new Set([...entries, ...audit.firstParty.map((module) => module.name)]);
  return triageMisses(audit.warnings, firstParty, new Set(audit.modules))
    .filter((miss) => !isExcluded(miss.module, backend.excludes))
    .map((miss): Finding => {
      const importers = importerNames(backend, miss.importers, firstParty);
      if (miss.kind === 'invalid') {
        return {
          severity: 'error',
          rule: 'invalid-module',
          message: `${quote(miss.module)}, imported by ${importers}, has a syntax error or cannot be compiled, and is not in the bundle.`,
          fix: `Run \`python -m py_compile\` on it and repair it; when it needs another Python, set python.version in ${backend.configPath}.`,
        };
      }
      return {
        severity: miss.importers.some((importer) => entries.has(importer.module)) ? 'error' : 'warning',
        rule: 'missing-import',
        message: `${quote(miss.module)} is imported at the top of ${importers}, but it is not installed and not among the sources.`,
        fix: `Add its package to the requirements of ${backend.configPath} in ${backend.configFile}, or list ${quote(miss.module)} in excludes when the import is never reached.`,
      };
    });
}

/** A script that is also a module is an importer twice. */
function importerNames(
  backend: ResolvedBackend,
  importers: readonly { readonly module: string }[],
  firstParty: ReadonlySet<string>,
): string {
  const own = importers.filter((importer) => firstParty.has(importer.module));
  const names = (own.length === 0 ? importers : own).map(({ module }) =>
    path.isAbsolute(module) ? path.basename(module, path.extname(module)) : module,
  );
  return [...new Set(names)].join(', ') || backend.name;
}

/** Names under which PyInstaller knows the module that is started. */
function entryModules(backend: ResolvedBackend): ReadonlySet<string> {
  const { entry } = backend;
  switch (entry.type) {
    case 'asgi':
    case 'wsgi':
    case 'call':
      return new Set([entry.module]);
    case 'module':
      return new Set([entry.module, `${entry.module}.__main__`]);
    case 'script':
    case 'spec':
      return new Set(['__main__', entry.file, path.basename(entry.file, path.extname(entry.file))]);
    case 'consoleScript':
      return new Set();
    default:
      return entry satisfies never;
  }
}

function isExcluded(module: string, excludes: readonly string[]): boolean {
  return excludes.some((name) => module === name || module.startsWith(`${name}.`));
}

function loadedByName(backend: ResolvedBackend, audit: Audit): Finding[] {
  const groups = groupLoads(audit, backend.excludes);
  const edits = [...new Set(groups.flatMap((group) => group.edit))];
  // A module brings the packages it is in.
  const all = edits.filter((name) => !edits.some((other) => other.startsWith(`${name}.`)));
  return groups.map((group, index): Finding => {
    const [first = ''] = group.modules;
    // One edit for all of them, at the first.
    const edit = index === 0 ? `Add ${listEdit(backend, 'hiddenImports', all)}` : 'It is in the edit above';
    const single = group.modules.length === 1;
    const verb = single ? 'is' : 'are';
    const file = shownPath(backend.projectDir, group.load.file);
    return {
      severity: 'error',
      rule: 'loaded-by-name',
      message: `${single ? 'Module' : 'Modules'} ${listNames(group.modules)} ${verb} loaded by name in ${file}:${group.load.line} (${group.load.text}) but ${verb} not in the bundle.`,
      fix: `${edit}; or, when it is never loaded, ${listEdit(backend, 'excludes', [first])}.`,
    };
  });
}

/** At most five names: `a, b and c`, `a, b, c, d, e and 7 more`. */
function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

function hookSettings(backend: ResolvedBackend, audit: Audit): Finding[] {
  return audit.hookSettings.map(({ package: name, key }) => ({
    severity: 'error',
    rule: 'hook-setting',
    message:
      key === null
        ? `pyinstaller.hooksConfig.${name} is for a package that is not in the bundle.`
        : `pyinstaller.hooksConfig.${name}.${key} is read by no hook.`,
    fix: `Correct or remove it in ${backend.configFile}.`,
  }));
}

function idleExclusions(backend: ResolvedBackend, audit: Audit): Finding[] {
  return audit.idleExclusions.map((pattern) => ({
    severity: 'error',
    rule: 'exclude-files',
    message: `pyinstaller.excludeFiles: ${quote(pattern)} fits no file that PyInstaller collected.`,
    fix: `Correct or remove it in ${backend.configFile}: patterns are paths in the bundle's data folder, such as 'numpy.libs/libgfortran*' or '**/*.h'.`,
  }));
}

function missingProgram(backend: ResolvedBackend, audit: Audit): Finding[] {
  if (audit.programs.length > 0) return [];
  return [
    {
      severity: 'error',
      rule: 'program',
      message: 'PyInstaller built no executable.',
      fix:
        backend.entry.type === 'spec'
          ? `The spec ${backend.entry.file} must make an EXE, and for a folder a COLLECT.`
          : 'Read the full log.',
    },
  ];
}

/** One warning for all places: the cure is the same. */
function interpreterUse(backend: ResolvedBackend, audit: Audit): Finding[] {
  const [first, ...others] = audit.interpreter;
  if (first === undefined) return [];
  const place = (use: { readonly file: string; readonly line: number }): string =>
    `${shownPath(backend.projectDir, use.file)}:${use.line}`;
  const rest =
    others.length === 0
      ? ''
      : `, and so ${others.length === 1 ? 'does' : 'do'} ${listNames(others.map(place))}`;
  return [
    {
      severity: 'warning',
      rule: 'interpreter',
      message: `${place(first)} starts sys.executable (${first.text})${rest}: in the frozen program that is the program itself, not Python, and it ends with exit code 78.`,
      fix: `Import the code and call it; for work in another process use multiprocessing (joblib and loky work as they are); for a Python of the user's: shutil.which('python3'). To start the backend anew: sys.exit(75).`,
    },
  ];
}

/** One warning for all of them: whether the program misses anything, only its author knows. */
function unusedRequirements(backend: ResolvedBackend, audit: Audit): Finding[] {
  if (audit.unused.length === 0) return [];
  const names = audit.unused.map(({ name }) => name);
  const single = names.length === 1;
  const groups = [...new Set(audit.unused.flatMap((unused) => unused.groups))];
  const modules = audit.unused.filter((unused) => unused.groups.length === 0).map(publicModules);
  const ways = [
    ...(groups.length === 0
      ? []
      : [
          `when it finds plugins: collect: { entryPoints: [${groups.map(quote).join(', ')}] } in ${backend.configPath} of ${backend.configFile}`,
        ]),
    ...(modules.length === 0
      ? []
      : [`when it imports them by name: add ${listEdit(backend, 'hiddenImports', modules.flat())}`]),
    `when it does not need ${single ? 'it' : 'them'}: remove ${single ? 'it' : 'them'} from the requirements`,
  ];
  return [
    {
      severity: 'warning',
      rule: 'unused-requirement',
      message: `Nothing of ${listNames(names)} is in the bundle, which the requirements name: the program imports no module of ${single ? 'it' : 'them'}.`,
      fix: `${capital(ways.join('; '))}.`,
    },
  ];
}

function publicModules({ modules }: Audit['unused'][number]): readonly string[] {
  const open = modules.filter((name) => !name.startsWith('_'));
  return (open.length === 0 ? modules : open).slice(0, 3);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** PyInstaller 6 says so and goes on; 7 will refuse. */
function foreignPackages(backend: ResolvedBackend, records: readonly DriverRecord[]): Finding[] {
  const record = records.find(
    (candidate) =>
      candidate.type === 'log' &&
      candidate.message.startsWith("Foreign Python environment's site-packages paths"),
  );
  if (record?.type !== 'log') return [];
  // Long paths with a space come as pieces: 'one ' on a line, 'two' on the next.
  const message = record.message.replaceAll(/'\n\s*'/g, '');
  const folders = [...message.matchAll(/'([^']*site-packages)'/g)].map((match) => match[1]);
  return [
    {
      severity: 'warning',
      rule: 'foreign-packages',
      message: `The packages of another environment are on the path (${folders.join(', ')}): versions and hooks of two environments mix.`,
      fix: `Remove the folder from pyinstaller.paths (or the spec), and freeze from that environment: python: { env: '<its folder>' } in ${backend.configPath} of ${backend.configFile}.`,
    },
  ];
}

function quote(name: string): string {
  return `'${name}'`;
}
