import { existsSync } from 'node:fs';
import path from 'node:path';
import { asRecord, entriesIn, readJson, readText } from '../../lib/files.js';
import { isForeign, missingFromPip, readCondaEnvironment } from '../../python/index.js';
import { isInside, withSlashes } from '../../lib/paths.js';
import { type FoundData, type LeftOut, planData, screenRule } from './data-rules.js';
import { findEvidence } from './evidence.js';
import { findOldBuild, type OldBuild } from './find-migration.js';
import type { Migration } from './migration.js';
import { configPath, findRequirements, mentionsPackage } from './find-requirements.js';
import { asLikely, findPrograms, type FoundEntry, type Program } from './programs.js';
import { type FileFacts, type PathFact, type PortOrigin, survey, type SurveyAnswer } from './survey.js';

/** A name or path with the line of code it is from. */
export interface Noted {
  readonly name: string;
  /** `backend/app/config.py:12`. */
  readonly why: string;
}

/** How a backend is told its port. */
export interface PortSetup {
  readonly address: { readonly port: number | readonly [number, number] };
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A backend found in a project. Paths relative to the project, `/` between. */
export interface DetectedBackend {
  readonly name: string;
  readonly source: string;
  readonly entry: FoundEntry;
  readonly kind: 'http' | 'stdio' | 'job';
  readonly framework: string | null;
  /** It answers what its routes are at `/openapi.json`. */
  readonly describesApi: boolean;
  readonly requirements: string | readonly string[] | null;
  readonly hiddenImports: readonly Noted[];
  readonly data: readonly FoundData[];
  readonly leftOut: readonly LeftOut[];
  /** A path that answers GET, for the lines that show how to ask. */
  readonly sample: string;
  /** A path that answers GET, for `ready`; name null: it speaks no HTTP. */
  readonly ready: (Noted | { readonly name: null; readonly why: string }) | null;
  /** For programs that serve by themselves. */
  readonly port: PortSetup | null;
  /** A spec file that goes on being used, because the configuration has no keys for all of it. */
  readonly spec: string | null;
  /** Keys that were written for PyInstaller before: `binaries`, `collect`, `excludes`, `pyinstaller`. */
  readonly migrated: { readonly from: string; readonly keys: Readonly<Record<string, unknown>> } | null;
  /** Why this program, for people. */
  readonly reason: string;
  /** What will not work as it is, with the edit. */
  readonly remarks: readonly string[];
  /** `--entry` of this program, and of others that are as likely. */
  readonly id: string;
  readonly alternatives: readonly { readonly id: string; readonly reason: string }[];
}

/** What {@link detectBackend} is asked for. */
export interface DetectOptions {
  /** Look only there (relative to the project). */
  readonly folder?: string | undefined;
  /** A file, `module:attribute`, or the id of a program that an earlier run named. */
  readonly entry?: string | undefined;
}

/** The Python programs that could be the backend, the likeliest first. */
export interface FoundPrograms {
  readonly programs: readonly Program[];
  readonly answer: SurveyAnswer;
  /** How it was frozen before. */
  readonly old: OldBuild;
  /** Absolute: no import and no requirements file is looked for above it. */
  readonly top: string;
}

/**
 * Look for the Python programs of a project: below it, and when nothing there serves, beside it (a repository with
 * `electron/` and `backend/`, a workspace).
 *
 * @param projectDir - absolute
 */
export async function findBackendPrograms(
  projectDir: string,
  { folder, entry }: DetectOptions = {},
): Promise<FoundPrograms> {
  const outside = await surroundings(projectDir);
  const isFar = folder !== undefined && !isInside(projectDir, path.resolve(projectDir, folder));
  const inside = { folder: projectDir, depth: 4 };
  let found = await look(
    projectDir,
    isFar || folder !== undefined ? commonTop(projectDir, folder ?? '.', outside.top) : projectDir,
    folder === undefined
      ? [inside]
      : [{ folder: path.resolve(projectDir, folder), depth: 4, except: [projectDir] }],
  );
  const serves = found.programs.some(({ kind, score }) => kind !== 'job' && score > 20);
  if (folder === undefined && !serves && outside.places.length > 0) {
    const wider = await look(projectDir, outside.top, [inside, ...outside.places]);
    if (wider.programs.length > 0) found = wider;
  }
  if (entry === undefined) return found;
  const wanted = withSlashes(entry).replace(/^\.\//, '');
  return { ...found, programs: found.programs.filter((program) => isNamed(program, wanted)) };
}

function isNamed({ id, entry }: Program, wanted: string): boolean {
  return id === wanted || id.startsWith(`${wanted}:`) || Object.values(entry).includes(wanted);
}

/** Describe one program as a backend; its alternatives are those that are as likely. */
export async function describeBackend(
  projectDir: string,
  found: FoundPrograms,
  program: Program,
): Promise<DetectedBackend> {
  const { answer, top, old } = found;
  // A spec of another program says nothing about this one.
  const migrations = old.migrations.filter((one) => isOf(one, program, answer));
  const migration = migrations.find(({ script }) => script !== null) ?? migrations[0] ?? null;
  const isKept = migration !== null && migration.unknown.length > 0 && migration.from.endsWith('.spec');
  const files = reachable(answer, program);
  const requirements = await findRequirements(
    path.dirname(program.file),
    isInside(projectDir, program.file) ? projectDir : top,
  );
  const packages =
    requirements === null ? null : await withConda(requirements, configPath(projectDir, requirements));
  const paths = [
    ...pageFiles(answer, program),
    ...files.flatMap((facts): readonly PathFact[] => [...facts.paths, ...(facts.django?.data ?? [])]),
  ];
  const plan = isKept
    ? { data: [], leftOut: [], remarks: [] }
    : await planData(paths, projectDir, program.root);
  const screened =
    isKept || migration === null
      ? []
      : await Promise.all(rulesOf(migration).map((rule) => screenRule(rule, projectDir, migration.from)));
  const port =
    isKept && program.kind === 'http' ? (program.port ?? launcherPort(answer, migration)) : program.port;
  const shown = (file: string, line: number) => `${withSlashes(path.relative(projectDir, file))}:${line}`;
  // What imports by name may itself be imported by name. A root that is the project holds other programs as well.
  const importers =
    program.root === projectDir ? files : answer.files.filter(({ file }) => isInside(program.root, file));
  const lazy = new Map(
    importers.flatMap(({ lazy: packages }) =>
      packages.map(
        ({ package: name, file, line }) =>
          [`${name}.**`, { name: `${name}.**`, why: shown(file, line) }] as const,
      ),
    ),
  );
  const own = new Set(files.map(({ file }) => file));
  const routes = answer.routes.filter(({ file }) => own.has(file));
  const route =
    routes.find(({ health }) => health) ??
    (port === null ? undefined : (routes.find(({ path: url }) => url === '/') ?? routes[0]));
  const source = configPath(projectDir, program.root);
  return {
    name: 'engine',
    source,
    entry: program.entry,
    kind: program.kind,
    framework: program.framework,
    describesApi: await describesApi(program),
    requirements: packages,
    hiddenImports: isKept
      ? []
      : withOld(
          migration,
          [...lazy.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        ),
    data: withOldData(
      screened.flatMap(({ data }) => data ?? []),
      plan.data,
    ),
    leftOut: [...screened.flatMap(({ leftOut }) => leftOut), ...plan.leftOut],
    sample: (route ?? routes[0])?.path ?? '/',
    ready:
      program.kind !== 'http'
        ? null
        : speaksAnotherProtocol(program)
          ? { name: null, why: 'it speaks no HTTP' }
          : route !== undefined
            ? { name: route.path, why: shown(route.file, route.line) }
            : port === null
              ? null
              : { name: '/', why: 'a path that answers without an error' },
    port: port === null ? null : portSetup(port),
    spec: isKept ? migration.from : null,
    migrated: migration === null || isKept ? null : { from: migration.from, keys: migration.keys },
    reason: program.reason,
    remarks: [
      ...program.remarks,
      ...portRemarks(program.id, port),
      ...(migration === null ? [] : migrationRemarks(migration, isKept)),
      ...(Array.isArray(packages) ? [condaRemark(String(packages[0]))] : []),
      ...plan.remarks,
      ...brokenRemarks(answer, program, projectDir),
    ],
    id: program.id,
    alternatives: asLikely(found.programs).filter(({ id }) => id !== program.id),
  };
}

/** What Streamlit runs from disk: the page, and those in the folder `pages` beside it. */
function pageFiles({ files }: SurveyAnswer, { file, port }: Program): PathFact[] {
  if (port?.type !== 'streamlit') return [];
  const line = files.find((facts) => facts.file === file)?.page ?? 1;
  const fact = { pattern: null, suffix: '', anchored: true, written: false, code: true, file, line };
  const pages = path.join(path.dirname(file), 'pages');
  const hasPages = files.some((facts) => path.dirname(facts.file) === pages);
  return [
    { ...fact, path: file, folder: false },
    ...(hasPages ? [{ ...fact, path: pages, folder: true }] : []),
  ];
}

function speaksAnotherProtocol({ framework }: Program): boolean {
  return (
    framework !== null &&
    [
      'websockets.serve',
      'asyncio.start_server',
      'TCPServer',
      'SimpleXMLRPCServer',
      'gRPC',
      'ZeroMQ',
      'socket',
    ].includes(framework)
  );
}

/** FastAPI does by itself, unless it is told not to. */
async function describesApi({ framework, file }: Program): Promise<boolean> {
  return framework === 'FastAPI' && !/\bopenapi_url\s*=/.test((await readText(file)) ?? '');
}

/** The likeliest backend; null when there is none. */
export async function detectBackend(
  projectDir: string,
  options: DetectOptions = {},
): Promise<DetectedBackend | null> {
  const found = await findBackendPrograms(projectDir, options);
  const [first] = found.programs;
  return first === undefined ? null : describeBackend(projectDir, found, first);
}

/** How a program learns its port, in the words of the configuration. Pure. */
export function portSetup(port: PortOrigin): PortSetup {
  const address = { port: [8000, 8010] } as const;
  switch (port.type) {
    case 'option':
      return { address, args: [...port.command, port.option, '{port}'], env: {} };
    case 'environment':
      return { address, args: [], env: { [port.name]: '{port}' } };
    case 'argument':
      return { address, args: port.index === 1 ? ['{port}'] : [], env: {} };
    case 'fixed':
      return { address: { port: port.port }, args: [], env: {} };
    case 'streamlit':
      return {
        address,
        args: [
          'run',
          `{bundle}/${port.page}`,
          '--server.port={port}',
          '--server.address=127.0.0.1',
          '--server.headless=true',
        ],
        env: {},
      };
    case 'unknown':
      return { address: { port: 8000 }, args: [], env: {} };
    default:
      return port satisfies never;
  }
}

function portRemarks(id: string, port: PortOrigin | null): string[] {
  if (port?.type !== 'unknown') return [];
  return [
    `The port of ${id} could not be told: correct address.port, or pass {port} in run.args or run.env.`,
  ];
}

function condaRemark(file: string): string {
  return `conda's packages of ${file} are named as PyPI calls them, as far as that is known: correct what is no Python package there, or has another name.`;
}

/** What conda installs besides is named as PyPI calls it; pip cannot read it there. */
async function withConda(file: string, shown: string): Promise<string | readonly string[]> {
  if (!isForeign(file) || path.basename(file) === 'Pipfile') return shown;
  try {
    const rest = missingFromPip(readCondaEnvironment((await readText(file)) ?? '', file), []);
    return rest.length === 0 ? shown : [shown, ...rest];
  } catch {
    return shown;
  }
}

/** What a spec has frozen is this program, or starts it. */
function isOf(migration: Migration, program: Program, answer: SurveyAnswer): boolean {
  if (migration.script === null) return migration.unknown.length > 0;
  if (migration.script === program.file) return true;
  const launcher = answer.files.find(({ file }) => file === migration.script);
  return (
    launcher?.serves.some(({ target }) => target?.file === program.file) === true ||
    launcher?.imports.includes(program.file) === true
  );
}

function launcherPort(answer: SurveyAnswer, migration: Migration): PortOrigin {
  const launcher = answer.files.find(({ file }) => file === migration.script);
  return launcher?.serves[0]?.port ?? { type: 'unknown' };
}

function rulesOf(migration: Migration): { from: string; to: string }[] {
  return (migration.keys['data'] ?? []) as { from: string; to: string }[];
}

function withOld(migration: Migration | null, found: readonly Noted[]): Noted[] {
  const names = (migration?.keys['hiddenImports'] ?? []) as readonly string[];
  return [
    ...names.map((name) => ({ name, why: migration?.from ?? '' })),
    ...found.filter(({ name }) => !names.includes(name)),
  ];
}

/** A file that an older rule brings already needs no second one. */
function withOldData(old: readonly FoundData[], found: readonly FoundData[]): FoundData[] {
  const plain = (rule: FoundData) => rule.from.replace(/\/?\*.*$/, '');
  return [
    ...old,
    ...found.filter(
      (rule) =>
        !old.some((other) => plain(rule) === plain(other) || plain(rule).startsWith(`${plain(other)}/`)),
    ),
  ];
}

function migrationRemarks(migration: Migration, isKept: boolean): string[] {
  if (migration.unknown.length === 0) return [...migration.remarks];
  const what = migration.unknown
    .slice(0, 6)
    .map(({ line, what: text }) => (line === 0 ? text : `line ${line}: ${text}`))
    .join('; ');
  return isKept
    ? [`${migration.from} stays in use, because the configuration has no key for ${what}.`]
    : [...migration.remarks, `${migration.from} says more than was taken over: ${what}.`];
}

function brokenRemarks(answer: SurveyAnswer, program: Program, projectDir: string): string[] {
  return answer.broken
    .filter(({ file }) => isInside(program.root, file))
    .slice(0, 3)
    .map(
      ({ file, line, message }) =>
        `${withSlashes(path.relative(projectDir, file))}:${line} is not valid Python (${message}); it was not read.`,
    );
}

/** The files of a program: everything it imports, and what is imported by name; everything below when that is all there is. */
function reachable(answer: SurveyAnswer, program: Program): FileFacts[] {
  const ofRoot = answer.files.filter(({ file }) => isInside(program.root, file));
  // A root that is the project holds other programs as well.
  const first = ofRoot.find(({ file }) => file === program.file);
  if (first === undefined) return ofRoot;
  const byFile = new Map(ofRoot.map((facts) => [facts.file, facts]));
  const seen = new Set<FileFacts>([first]);
  for (const facts of seen) {
    for (const name of facts.imports) {
      const next = byFile.get(name);
      if (next !== undefined) seen.add(next);
    }
    const lazyFolders = facts.lazy.map(({ package: name }) => path.join(facts.root, ...name.split('.')));
    for (const other of ofRoot) if (lazyFolders.some((place) => isInside(place, other.file))) seen.add(other);
    if (facts.django !== null) for (const other of ofRoot) seen.add(other);
  }
  return [...seen];
}

async function look(
  projectDir: string,
  top: string,
  places: readonly { readonly folder: string; readonly depth: number; readonly except?: readonly string[] }[],
): Promise<FoundPrograms> {
  const answer = await survey({ top, project: projectDir, places });
  const folders = new Set([projectDir, top, ...answer.files.map(({ root }) => root)]);
  const old = await findOldBuild(projectDir, [
    ...folders,
    ...answer.files.map(({ file }) => path.dirname(file)),
  ]);
  const evidence = [
    ...(await findEvidence([...folders])),
    ...old.migrations.flatMap(({ script, from }) =>
      script === null ? [] : [{ file: script, application: null, weight: 80, text: `${from} freezes it` }],
    ),
  ];
  const serving = new Set<string>();
  for (const { root, django } of answer.files) {
    if (django === null) continue;
    if (
      await mentionsPackage(await findRequirements(root, top), ['uvicorn', 'hypercorn', 'daphne', 'channels'])
    )
      serving.add(root);
  }
  return {
    programs: findPrograms(answer, evidence, projectDir, (root) => serving.has(root)),
    answer,
    old,
    top,
  };
}

function commonTop(projectDir: string, folder: string, top: string): string {
  const wanted = path.resolve(projectDir, folder);
  if (isInside(projectDir, wanted)) return projectDir;
  return isInside(top, wanted) ? top : path.dirname(wanted);
}

const likelyBeside =
  /^(?:backends?|servers?|api|python|py|engines?|services?|src-python|sidecar|app-?server|core|packages|apps|libs?)$/i;

/** Folders beside the project in which its backend may be. A repository or a workspace is looked at as a whole. */
async function surroundings(
  projectDir: string,
): Promise<{ top: string; places: { folder: string; depth: number; except: string[] }[] }> {
  for (let folder = path.dirname(projectDir), level = 0; level < 4; folder = path.dirname(folder), level++) {
    if (path.dirname(folder) === folder) break;
    if (await isWhole(folder)) return { top: folder, places: [{ folder, depth: 5, except: [projectDir] }] };
    if (existsSync(path.join(projectDir, '.git'))) break;
  }
  const parent = path.dirname(projectDir);
  const names = (await entriesIn(parent)).filter(
    (entry) => entry.isDirectory() && likelyBeside.test(entry.name),
  );
  return {
    top: parent,
    places: names
      .map(({ name }) => path.join(parent, name))
      .filter((folder) => folder !== projectDir)
      .map((folder) => ({ folder, depth: 4, except: [projectDir] })),
  };
}

async function isWhole(folder: string): Promise<boolean> {
  if (
    ['.git', 'pnpm-workspace.yaml', 'lerna.json', 'nx.json', 'turbo.json'].some((name) =>
      existsSync(path.join(folder, name)),
    )
  )
    return true;
  return asRecord(await readJson(path.join(folder, 'package.json')))?.['workspaces'] !== undefined;
}
