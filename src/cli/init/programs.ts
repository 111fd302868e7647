import path from 'node:path';
import { withSlashes } from '../../lib/paths.js';
import type { Evidence } from './evidence.js';
import type { ApplicationFact, FileFacts, PortOrigin, ServeFact, SurveyAnswer } from './survey.js';

/** What starts a backend, as found in its source; the form users write. */
export type FoundEntry =
  | { readonly asgi: string }
  | { readonly wsgi: string }
  | { readonly script: string }
  | { readonly consoleScript: string }
  | { readonly module: string };

/** One program of a project that could be the backend. */
export interface Program {
  /** What `--entry` takes: the file, with the name of the application when it has several. */
  readonly id: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute folder that imports start from. */
  readonly root: string;
  readonly entry: FoundEntry;
  readonly kind: 'http' | 'stdio' | 'job';
  readonly framework: string | null;
  /** Where the port of a program that serves by itself comes from; null: the companion serves, or it is no server. */
  readonly port: PortOrigin | null;
  /** One line, for people. */
  readonly reason: string;
  /** The higher the likelier. */
  readonly score: number;
  /** What a person has to add. */
  readonly remarks: readonly string[];
}

/** Options that a server has for itself; the program behind it needs none of them. */
const ofServer =
  /^--?(?:p|port|h|host|bind|b|addr|address|reload|debug|d|dev|workers?|w|log-?level|log-?config|verbose|v|quiet|q|version|help|access-?log|ssl.*|root-?path|threaded?|no-?browser|install-completion|show-completion)$/i;

const likelyFolders = /^(?:backend|server|api|python|py|engine|service|src-python|python-?backend|sidecar)$/i;
const unlikelyFolders =
  /^(?:examples?|samples?|docs?|scripts?|tools?|bench(?:marks?)?|demos?|migrations|alembic|notebooks?|signing|ci|dev|hooks|packaging|installer|playground)$/i;
const likelyFiles = [
  'main.py',
  'app.py',
  'server.py',
  'api.py',
  'asgi.py',
  'wsgi.py',
  '__main__.py',
  'run.py',
];

/**
 * The programs of a project, the likeliest first: what serves before what runs once, what something starts before what only
 * could be started. Pure.
 *
 * @param projectDir - absolute; ids and reasons are relative to it
 */
export function findPrograms(
  answer: SurveyAnswer,
  evidence: readonly Evidence[],
  projectDir: string,
  hasAsgiServer: (root: string) => boolean,
): Program[] {
  const shown = (file: string) => withSlashes(path.relative(projectDir, file));
  const byFile = new Map(answer.files.map((facts) => [facts.file, facts]));
  const served = new Map<string, string>();
  const absorbed = new Set<string>();
  for (const facts of answer.files) {
    for (const serve of facts.serves) {
      if (serve.target === null) continue;
      if (hasOwnOptions(facts) || needsItself(facts, serve)) {
        // What it reads from its command line would be missing when the companion served in its place.
        absorbed.add(`${serve.target.file}:${serve.target.name}`);
        continue;
      }
      served.set(`${serve.target.file}:${serve.target.name}`, `${shown(facts.file)}:${serve.line}`);
      absorbed.add(facts.file);
    }
  }
  const isImported = new Set(answer.files.flatMap(({ imports }) => imports));
  const programs = answer.files.flatMap((facts) => {
    const names = new Set<string>();
    const found: Program[] = [];
    for (const { application, isFactory } of [
      ...facts.applications.map((application) => ({ application, isFactory: false })),
      ...facts.factories.map((application) => ({ application, isFactory: true })),
    ]) {
      if (names.has(application.name)) continue;
      names.add(application.name);
      const key = `${facts.file}:${application.name}`;
      if (absorbed.has(key) && !served.has(key)) continue;
      // A factory that only fills the application beside it.
      if (isFactory && !served.has(key) && facts.applications.length > 0) continue;
      found.push(applicationProgram(facts, application, isFactory, served.get(key) ?? null));
    }
    if (facts.django !== null) found.push(...djangoPrograms(facts));
    if (found.length === 0 && !absorbed.has(facts.file)) {
      const script = scriptProgram(facts);
      if (script !== null) found.push(script);
    }
    return found;
  });
  return programs
    .filter(({ file, framework }) => !(framework === 'Django' && isOfManage(file)))
    .map((program) => withEvidence(program))
    .sort((a, b) => b.score - a.score || byName(a.file, b.file));

  function isOfManage(file: string): boolean {
    const above = path.join(path.dirname(path.dirname(file)), 'manage.py');
    return (
      path.basename(file) !== 'manage.py' &&
      byFile.get(above)?.django !== undefined &&
      byFile.get(above)?.django !== null
    );
  }

  function withEvidence(program: Program): Program {
    const seen = evidence.filter((item) => matches(item, program, shown(program.file), answer.files));
    const best = seen.sort((a, b) => b.weight - a.weight)[0];
    if (best === undefined) return program;
    return { ...program, score: program.score + best.weight, reason: `${program.reason}; ${best.text}` };
  }

  function applicationProgram(
    facts: FileFacts,
    application: ApplicationFact,
    isFactory: boolean,
    servedAt: string | null,
  ): Program {
    const { name, framework, line } = application;
    const target = targetRoot(name, facts);
    const entry = { [application.interface]: `${target.module}:${name}` } as
      | { asgi: string }
      | { wsgi: string };
    const what = isFactory
      ? `${shown(facts.file)}:${line} has ${name}(), which makes a ${framework} application`
      : `${shown(facts.file)}:${line} makes a ${framework} application`;
    const several = facts.applications.length + (isFactory ? facts.factories.length : 0) > 1;
    return {
      id: several ? `${shown(facts.file)}:${name}` : shown(facts.file),
      file: facts.file,
      root: target.root,
      entry,
      kind: 'http',
      framework,
      port: null,
      reason: servedAt === null ? what : `${what}; ${servedAt} serves it`,
      score:
        place(facts.file, projectDir) +
        (isFactory ? 36 : 40) +
        (servedAt === null ? 0 : 25) +
        (application.inner === true ? -20 : 0) +
        ((application.routes ?? 1) > 0 ? 4 : 0),
      remarks: [],
    };
  }

  /** Where an application is imported from: a string that names it decides. */
  function targetRoot(name: string, facts: FileFacts): { root: string; module: string } {
    for (const { serves } of answer.files) {
      for (const { target } of serves) {
        if (target?.file === facts.file && target.name === name && target.root !== null)
          return { root: target.root, module: moduleName(target.root, facts.file) };
      }
    }
    return facts;
  }

  function djangoPrograms(facts: FileFacts): Program[] {
    const { django } = facts;
    if (django === null || django.modules.length === 0) return [];
    const useAsgi =
      django.modules.includes('asgi') && (hasAsgiServer(facts.root) || !django.modules.includes('wsgi'));
    const name = `${django.package}.${useAsgi ? 'asgi' : 'wsgi'}:application`;
    return [
      {
        id: shown(facts.file),
        file: facts.file,
        root: path.dirname(facts.file),
        entry: useAsgi ? { asgi: name } : { wsgi: name },
        kind: 'http',
        framework: 'Django',
        port: null,
        reason: `${shown(facts.file)} is that of a Django project (${django.settings})`,
        score: place(facts.file, projectDir) + 42,
        remarks: [],
      },
    ];
  }

  function scriptProgram(facts: FileFacts): Program | null {
    const { file, parser } = facts;
    const serve = facts.serves[0];
    const isMain = path.basename(file) === '__main__.py' && facts.module.includes('.');
    const entry: FoundEntry = isMain
      ? { module: facts.module.replace(/\.__main__$/, '') }
      : { script: shown(file) };
    const common = { id: shown(file), file, root: facts.root, entry, framework: null, remarks: [] };
    if (facts.companion && (facts.hasMain || serve !== undefined)) {
      return {
        ...common,
        kind: 'http',
        port: null,
        reason: `${shown(file)} serves with electron_pyinstaller`,
        score: place(file, projectDir) + 44,
      };
    }
    if (serve !== undefined) {
      const passed =
        serve.port.type === 'option' && parser !== null ? ` and takes its port as ${serve.port.option}` : '';
      return {
        ...common,
        kind: 'http',
        port: serve.port,
        framework: serve.how,
        reason: `${shown(file)}:${serve.line} starts a server (${serve.how})${passed}`,
        score: place(file, projectDir) + (serve.port.type === 'unknown' ? 26 : 34),
        remarks:
          parser !== null && parser.positional > 0
            ? [`${shown(file)}:${parser.line} wants arguments: write them into run.args.`]
            : [],
      };
    }
    if (facts.page !== null && !isImported.has(file)) {
      return {
        ...common,
        root: path.dirname(file),
        entry: { consoleScript: 'streamlit' },
        kind: 'http',
        port: { type: 'streamlit', page: path.basename(file) },
        framework: 'Streamlit',
        reason: `${shown(file)}:${facts.page} is a page of Streamlit`,
        score: place(file, projectDir) + 36,
      };
    }
    if (facts.readsStdin && facts.hasMain) {
      return {
        ...common,
        kind: 'stdio',
        port: null,
        reason: `${shown(file)} answers over its standard streams`,
        score: place(file, projectDir) + 22,
      };
    }
    if (parser !== null && (facts.hasMain || parser.kind === 'typer' || parser.kind === 'click')) {
      return {
        ...common,
        kind: 'job',
        port: null,
        reason: `${shown(file)}:${parser.line} is a command line (${parser.kind}) that serves nothing`,
        score: place(file, projectDir) + 12,
      };
    }
    if (!facts.hasMain) return null;
    return {
      ...common,
      kind: 'job',
      port: null,
      reason: `${shown(file)} is a program (if __name__ == "__main__") that serves nothing`,
      score: place(file, projectDir) + 8,
    };
  }
}

/** Programs that are as likely as the first. */
export function asLikely(programs: readonly Program[]): Program[] {
  const [first] = programs;
  if (first === undefined) return [];
  return programs.filter(
    (program) => program !== first && first.score - program.score <= 2 && program.kind === first.kind,
  );
}

function needsItself({ parser }: FileFacts, { how }: ServeFact): boolean {
  // Its own server does what others do not: WebSockets.
  return how === 'Flask-SocketIO' || (parser !== null && parser.positional > 0);
}

function hasOwnOptions({ parser }: FileFacts): boolean {
  return parser !== null && parser.options.some((option) => !ofServer.test(option));
}

function matches(item: Evidence, program: Program, shown: string, files: readonly FileFacts[]): boolean {
  if (item.file !== null) {
    if (item.file === program.file) return true;
    // A launcher that is started stands for what it serves.
    const launcher = files.find(({ file }) => file === item.file);
    return (
      launcher?.serves.some(
        ({ target }) => target?.file === program.file && entryAttribute(program) === target.name,
      ) === true
    );
  }
  return 'asgi' in program.entry || 'wsgi' in program.entry
    ? Object.values(program.entry).some(
        (name) => name === item.application || name.endsWith(`.${item.application ?? ' '}`),
      )
    : shown === item.application;
}

function entryAttribute({ entry }: Program): string | null {
  return 'asgi' in entry
    ? (entry.asgi.split(':')[1] ?? null)
    : 'wsgi' in entry
      ? (entry.wsgi.split(':')[1] ?? null)
      : null;
}

function place(file: string, projectDir: string): number {
  const folders = withSlashes(path.relative(projectDir, path.dirname(file)))
    .split('/')
    .filter((part) => part !== '' && part !== '..');
  const name = likelyFiles.indexOf(path.basename(file));
  return (
    (folders.some((folder) => likelyFolders.test(folder)) ? 4 : 0) -
    (folders.some((folder) => unlikelyFolders.test(folder)) ? 14 : 0) +
    (name === -1 ? 0 : 3) -
    Math.min(folders.length, 4)
  );
}

function byName(a: string, b: string): number {
  const rank = (file: string) => {
    const index = likelyFiles.indexOf(path.basename(file));
    return index === -1 ? likelyFiles.length : index;
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

function moduleName(root: string, file: string): string {
  const parts = withSlashes(path.relative(root, file))
    .replace(/\.pyw?$/, '')
    .split('/');
  return (parts.at(-1) === '__init__' ? parts.slice(0, -1) : parts).join('.');
}
