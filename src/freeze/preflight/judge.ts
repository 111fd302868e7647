import type { ResolvedBackend } from '../../config/resolved.js';
import { parseVersionRange, satisfies } from '../../config/version-range.js';
import type { PyInstallerErrorCode } from '../../errors.js';
import { shownPath } from '../../lib/paths.js';
import type { PreflightAnswer, PreflightProblem } from './ask.js';

/** What will not work, in words. */
export interface PreflightFinding {
  readonly code: PyInstallerErrorCode;
  /** A clause: what was seen. */
  readonly message: string;
  /** The edit. */
  readonly fix: string;
}

/** Word what was found. Pure. */
export function judgePreflight(
  backend: ResolvedBackend,
  answer: PreflightAnswer,
  python: readonly number[],
): PreflightFinding[] {
  const wrong = wrongPython(backend, answer.requiresPython, python);
  // What another Python says of the syntax of these sources means nothing.
  return wrong === null ? answer.problems.map((problem) => finding(backend, problem)) : [wrong];
}

/** The servers that can serve an ASGI application here; a WSGI application needs none. */
const asgiServers = ['uvicorn', 'hypercorn'];

/** An ASGI application and nothing in its environment that serves it. Pure. */
export function missingServer(
  backend: ResolvedBackend,
  installed: readonly string[],
): PreflightFinding | null {
  if (backend.entry.type !== 'asgi' || asgiServers.some((name) => installed.includes(name))) return null;
  return {
    code: 'ERR_CONFIG',
    message: 'an ASGI application needs a server, and neither uvicorn nor hypercorn is installed',
    fix: `Add uvicorn to the requirements of ${place(backend)}.`,
  };
}

/** The interpreter of an environment that the project made for itself is its own choice. */
function wrongPython(
  backend: ResolvedBackend,
  written: string | null,
  python: readonly number[],
): PreflightFinding | null {
  const { requirements } = backend;
  if (written === null || backend.python.env.type !== 'managed' || !('directory' in requirements))
    return null;
  const range = pythonRange(written);
  if (range === null || satisfies(parseVersionRange(range), python)) return null;
  return {
    code: 'ERR_PYTHON',
    message: `Python ${python.join('.')} would be used, but ${shownPath(backend.projectDir, requirements.directory)}/pyproject.toml wants ${written} (requires-python)`,
    fix: `Write python: { version: '${range}' } in ${place(backend)}: the search then takes a Python that fits. Or widen requires-python.`,
  };
}

/** A range as ours; Poetry's `^3.11` and `~3.11` mean what they mean there. Null: written in another way. */
export function pythonRange(written: string): string | null {
  const plain = written
    .replaceAll(/\s+/g, '')
    .replaceAll(
      /\^(\d+)((?:\.\d+)*)/g,
      (_all, major: string, rest: string) => `>=${major}${rest},<${Number(major) + 1}`,
    )
    .replaceAll(
      /(^|,)~(\d+)\.(\d+)((?:\.\d+)*)/g,
      (_all, before: string, major: string, minor: string, rest: string) =>
        `${before}>=${major}.${minor}${rest},<${major}.${Number(minor) + 1}`,
    );
  try {
    parseVersionRange(plain);
    return plain;
  } catch {
    return null;
  }
}

function finding(backend: ResolvedBackend, problem: PreflightProblem): PreflightFinding {
  const file = (name: string): string => shownPath(backend.projectDir, name);
  switch (problem.code) {
    case 'syntax':
      return {
        code: 'ERR_FREEZE',
        message: `${file(problem.file)}:${problem.line} is not valid Python (${problem.message}): ${problem.text}`,
        fix: `Repair that line; when it needs another Python, set python.version in ${place(backend)}.`,
      };
    case 'module':
      return { code: 'ERR_NOT_FOUND', ...missingModule(backend, problem) };
    case 'attribute':
      return {
        code: 'ERR_NOT_FOUND',
        message: `${file(problem.file)} has no ${quote(problem.name)}; it has ${list(problem.there)}`,
        fix:
          problem.suggestion === null
            ? `Correct ${entryPlace(backend)}.`
            : `Write ${entryText(backend, null, problem.suggestion)} in ${place(backend)}.`,
      };
    case 'interface':
      return {
        code: 'ERR_CONFIG',
        message: `${file(problem.file)}:${problem.line} makes a ${problem.framework.split('.').at(-1)} application, which is ${problem.interface.toUpperCase()}, not ${problem.interface === 'asgi' ? 'WSGI' : 'ASGI'}`,
        fix: `Write ${entryText({ ...backend, entry: { ...backend.entry, type: problem.interface } } as ResolvedBackend, null, null)} in ${place(backend)}.`,
      };
    case 'announce':
      return {
        code: 'ERR_CONFIG',
        message:
          problem.starts === null
            ? 'the program never says where it is: nothing imports electron_pyinstaller, and the configuration has no address'
            : `${file(problem.starts.file)}:${problem.starts.line} starts a server by itself (${problem.starts.text}) and never says where: nothing imports electron_pyinstaller, and the configuration has no address`,
        fix: `For a port of its own write address: { port: 8000 }, ready: '/health' in ${place(backend)} (a path that it answers); or let the companion serve it: \`from electron_pyinstaller import serve\`, then \`serve(app)\`, or entry: { asgi: 'module:app' }. A program that serves nothing: kind: 'job'.`,
      };
    case 'name':
      return {
        code: 'ERR_NOT_FOUND',
        message: `${quote(problem.name)} in hiddenImports is no module: neither in the sources nor installed`,
        fix: `A distribution's modules often have another name: write the one that is imported (with \`_\` for \`-\`, mostly) at ${backend.configPath}.hiddenImports in ${backend.configFile}.`,
      };
    case 'raises':
      return {
        code: 'ERR_FREEZE',
        message: `${file(problem.file)}:${problem.line} ends every import of it: ${problem.text}`,
        fix: `Take that line out of the module, or put it below \`if __name__ == "__main__":\`; the program imports it. A program that is started, not imported: entry: '<the file>'.`,
      };
    case 'script':
      return {
        code: 'ERR_NOT_FOUND',
        message: `no installed distribution has a console script named ${quote(problem.name)}; there is ${list(problem.there)}`,
        fix:
          problem.suggestion === null
            ? `Correct ${entryPlace(backend)}, or add the package that has it to the requirements.`
            : `Write entry: { consoleScript: ${quote(problem.suggestion)} } in ${place(backend)}.`,
      };
    default:
      return problem satisfies never;
  }
}

function missingModule(
  backend: ResolvedBackend,
  { part, suggestion, there, ending }: Extract<PreflightProblem, { code: 'module' }>,
): { readonly message: string; readonly fix: string } {
  const folders = backend.source.map((folder) => shownPath(backend.projectDir, folder)).join(', ');
  const isWhole = 'module' in backend.entry && backend.entry.module === part;
  const fix =
    suggestion === null
      ? `Correct ${entryPlace(backend)}, or add its package to the requirements.`
      : `Write ${entryText(backend, suggestion, null)} in ${place(backend)}${ending === true ? ': a module has no ending' : isWhole ? '' : '; the source folder is where imports start'}.`;
  const seen = there.length === 0 ? '' : `; there is ${list(there)}`;
  return { message: `there is no module ${quote(part)} in the source (${folders})${seen}`, fix };
}

/** `entry: { asgi: 'app:app' }`, with a part replaced. */
function entryText({ entry }: ResolvedBackend, module: string | null, attribute: string | null): string {
  if (!('module' in entry)) return 'entry';
  const rest = 'attribute' in entry ? `:${attribute ?? entry.attribute}` : '';
  return `entry: { ${entry.type}: '${module ?? entry.module}${rest}' }`;
}

function entryPlace(backend: ResolvedBackend): string {
  return `${backend.configPath}.entry in ${backend.configFile}`;
}

function place({ configPath, configFile }: ResolvedBackend): string {
  return `${configPath} of ${configFile}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function quote(name: string): string {
  return `'${name}'`;
}
