import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { identifier } from '../../hosts/codegen/index.js';
import { exitCodes } from '../exit-codes.js';
import {
  type DetectedBackend,
  describeBackend,
  findBackendPrograms,
  type FoundPrograms,
} from '../init/detect-backend.js';
import { findGlue } from '../init/old-glue.js';
import { startingScripts } from '../init/old-scripts.js';
import { oldBackendTest } from '../init/old-resources.js';
import { type DetectedProject, detectProject } from '../init/detect-host.js';
import { changedLines } from '../init/changed-lines.js';
import { dependenciesOf, scriptsOf } from '../init/package-json.js';
import { addCommand, runCommand } from '../init/package-manager.js';
import { buildCommands, runScript } from '../init/workflow/commands.js';
import { makePlan, type PlanInput } from '../init/plan.js';
import type { Step } from '../init/step.js';
import { asLikely, type Program } from '../init/programs.js';
import { asRecord, namesInSync, readText } from '../../lib/files.js';
import type { Io } from '../io.js';
import { loadProject, projectDirOf, type ProjectOptions } from '../project.js';
import { createTheme } from '../render/theme.js';
import { printJson } from './work.js';

/** Options of `init`. */
export interface InitOptions extends ProjectOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly backend?: string;
  readonly entry?: string;
  readonly name?: string;
  readonly ci?: string;
  readonly json?: boolean;
}

/** `init`: detect, show a plan, write it after a yes. */
export async function init(options: InitOptions, io: Io): Promise<number> {
  if (options.ci !== undefined && options.ci !== 'github') {
    throw new PyInstallerError('ERR_CONFIG', `Unknown service ${JSON.stringify(options.ci)} for --ci.`, {
      hint: 'Known: github.',
    });
  }
  const projectDir = projectDirOf(options, io.cwd);
  const project = await detectProject(projectDir);
  const chosen = project.existing === null ? await chooseBackend(projectDir, options, io) : null;
  const backend = chosen?.backend ?? null;
  const steps = await makePlan({
    projectDir,
    project,
    backend,
    old: chosen === null ? null : await findOld(projectDir, chosen),
    ci: options.ci === 'github' ? 'github' : null,
    // The plan of a first configuration is written before there is one.
    config: options.ci === 'github' && chosen === null ? await loadProject(options, io.cwd) : null,
  });
  if (options.json === true) printJson(io, { ok: true, project: summary(project), backend, steps });
  else io.out(planText(project, backend, steps, io));
  const writes = steps.filter((step) => step.type === 'write');
  if (options.dryRun === true || writes.length === 0) return exitCodes.ok;
  if (options.yes !== true) {
    if (io.ask === null) {
      io.error('Nothing was written. Run again with --yes to write this.\n');
      return exitCodes.failed;
    }
    if (!(await io.ask('Write this?'))) return exitCodes.ok;
  }
  for (const { file, text } of writes) {
    const absolute = path.join(projectDir, file);
    await mkdir(path.dirname(absolute), { recursive: true });
    await writeFile(absolute, text);
  }
  if (options.json !== true)
    io.out(
      nextSteps({ ...project, projectDir }, await knownBackend(projectDir, backend, options), steps, io),
    );
  return exitCodes.ok;
}

/** The backend to describe: the likeliest, or the one that a person chooses of several as likely. */
async function chooseBackend(projectDir: string, options: InitOptions, io: Io): Promise<Chosen> {
  const found = await findBackendPrograms(projectDir, { folder: options.backend, entry: options.entry });
  const [first] = found.programs;
  if (first === undefined) throw await noBackend(projectDir, options);
  const equals = [first, ...asLikely(found.programs)];
  const isOpen =
    equals.length > 1 && options.entry === undefined && options.yes !== true && options.json !== true;
  const chosen =
    isOpen && io.choose !== null
      ? equals[
          await io.choose(
            'Several programs are as likely. Which is the backend?',
            equals.map(({ id, reason }) => `${id}  (${reason})`),
          )
        ]
      : first;
  const backend = await describeBackend(projectDir, found, chosen ?? first);
  const program = chosen ?? first;
  return {
    found,
    program,
    backend: options.name === undefined ? backend : { ...backend, name: options.name },
  };
}

/** The backend to describe, and what it was chosen from. */
interface Chosen {
  readonly found: FoundPrograms;
  readonly program: Program;
  readonly backend: DetectedBackend;
}

/** What froze, shipped and started this backend before. */
async function findOld(
  projectDir: string,
  { found, program, backend }: Chosen,
): Promise<NonNullable<PlanInput['old']>> {
  const { old, answer } = found;
  const pyinstaller = asRecord(backend.migrated?.keys['pyinstaller'])?.['name'];
  const frozen = old.migrations.flatMap(({ script }) => script ?? []);
  const names = [
    backend.name,
    ...(frozen.length === 0 ? [program.file] : frozen).map((file) =>
      path.basename(file).replace(/\.pyw?$/, ''),
    ),
    ...(typeof pyinstaller === 'string' ? [pyinstaller] : []),
  ];
  const ports = answer.files.flatMap(({ serves }) =>
    serves.flatMap(({ port }) => (port.type === 'fixed' ? [port.port] : [])),
  );
  return {
    build: old,
    isOld: oldBackendTest(projectDir, {
      outputs: old.outputs,
      sources: [program.root],
      names,
      filesIn: namesInSync,
    }),
    glue: [
      ...(await findGlue(projectDir, identifier(backend.name), [...ports, 8000, 5000])),
      ...startingScripts((await readText(path.join(projectDir, 'package.json'))) ?? ''),
    ],
  };
}

async function noBackend(projectDir: string, { backend, entry }: InitOptions): Promise<PyInstallerError> {
  if (entry !== undefined) {
    const { programs } = await findBackendPrograms(projectDir, { folder: backend });
    const there = programs.map(({ id }) => id);
    return new PyInstallerError(
      'ERR_NOT_FOUND',
      `There is no program ${JSON.stringify(entry)} in ${projectDir}.`,
      {
        hint:
          there.length === 0
            ? 'No Python program was found at all: name its folder with --backend <folder>.'
            : `Found: ${there.slice(0, 12).join(', ')}.`,
      },
    );
  }
  const place =
    backend === undefined ? `${projectDir}, its folders and those beside it` : path.join(projectDir, backend);
  return new PyInstallerError(
    'ERR_NOT_FOUND',
    `No Python backend was found: looked in ${place} for a file that makes an application (FastAPI, Flask, Django, …), starts a server, or is a program (if __name__ == "__main__").`,
    { hint: 'Name its folder: electron-pyinstaller init --backend <folder>.' },
  );
}

/** What the main process is shown: the backend that was found, or the first of those that are described already. */
async function knownBackend(
  projectDir: string,
  backend: DetectedBackend | null,
  options: InitOptions,
): Promise<Shown> {
  if (backend !== null)
    return {
      name: backend.name,
      kind: backend.kind,
      path: backend.ready === null ? backend.sample : backend.ready.name,
    };
  const first = await loadProject(options, projectDir)
    .then(({ backends }) => backends[0])
    .catch(() => undefined);
  return {
    name: first?.name ?? 'engine',
    kind: first?.kind ?? 'http',
    path: first?.settings.ready.http ?? '/',
  };
}

/** What of a backend the hints need. */
interface Shown {
  readonly name: string;
  readonly kind: 'http' | 'stdio' | 'job';
  /** null: it speaks no HTTP. */
  readonly path: string | null;
}

function summary(project: DetectedProject): Record<string, unknown> {
  const { forge, builder, hasTypeScript, packageManager, existing } = project;
  return { forge, builder, hasTypeScript, packageManager, existing };
}

/** The plan for people: what was found, then every step. */
function planText(
  project: DetectedProject,
  backend: DetectedBackend | null,
  steps: readonly Step[],
  io: Pick<Io, 'color'>,
): string {
  const theme = createTheme(io.color);
  const hosts = [
    ...(project.forge === null ? [] : [`Electron Forge (${project.forge.file ?? 'package.json'})`]),
    ...(project.builder === null
      ? []
      : [
          `electron-builder (${project.builder.file ?? (project.builder.inPackageJson ? 'package.json' : 'no file yet')})`,
        ]),
  ];
  const lines = [
    theme.strong('Found'),
    `  host      ${hosts.length === 0 ? 'none' : hosts.join(', ')}`,
    ...(backend === null ? [] : backendText(backend, theme)),
    '',
    theme.strong('Plan'),
  ];
  for (const step of steps) lines.push(...stepLines(step, theme), '');
  return `${lines.join('\n').trimEnd()}\n`;
}

function backendText(backend: DetectedBackend, theme: ReturnType<typeof createTheme>): string[] {
  const others = backend.alternatives.map(({ id, reason }) => `--entry ${id}  ${theme.faint(reason)}`);
  return [
    `  backend   ${backend.reason}`,
    `  source    ${backend.source === '.' ? 'the project itself' : backend.source}`,
    `  packages  ${[backend.requirements ?? 'no requirements file: only the standard library will be there'].flat().join(', ')}`,
    ...(others.length === 0 ? [] : listed('as likely', others)),
    ...listed(
      'left out',
      backend.leftOut.map(({ file, why }) => `${file} ${theme.faint(why)}`),
    ),
    ...backend.remarks.map((remark) => `  ${theme.careful('!')} ${remark}`),
  ];
}

function listed(title: string, items: readonly string[]): string[] {
  return items.map((item, index) => `  ${(index === 0 ? title : '').padEnd(9)} ${item}`);
}

function stepLines(step: Step, theme: ReturnType<typeof createTheme>): string[] {
  switch (step.type) {
    case 'write': {
      const { before, file, text, why } = step;
      const head = `  ${theme.good(before === null ? '+' : '~')} ${file} ${theme.faint(why)}`;
      const lines = before === null ? text.trimEnd().split('\n') : changedLines(before, text);
      return [head, ...lines.map((line) => `      ${line}`.trimEnd())];
    }
    case 'manual':
      return [
        `  ${theme.careful('!')} ${step.file} cannot be edited safely; ${step.why} when you add:`,
        ...step.lines.split('\n').map((line) => `      ${line}`.trimEnd()),
      ];
    case 'replace':
      return [
        `  ${theme.careful('!')} ${step.file} ${step.why}:`,
        ...step.items.flatMap(({ line, text, instead }) => [
          `      ${line === null ? '' : `${line}: `}${text}`,
          `        ${theme.faint('→')} ${instead}`,
        ]),
      ];
    case 'note':
      return [`  ${theme.faint('·')} ${step.text}`];
    default:
      return step satisfies never;
  }
}

function nextSteps(
  project: DetectedProject & { readonly projectDir: string },
  backend: Shown,
  steps: readonly Step[],
  io: Pick<Io, 'color'>,
): string {
  const theme = createTheme(io.color);
  const written = steps.filter((step) => step.type === 'write').map(({ file }) => file);
  const run = runCommand[project.packageManager];
  const generated = generatedModule(project, steps);
  const isTyped = steps.some((step) => step.type === 'write' && /^\s*client: true/m.test(step.text));
  const commands = [
    ...(isTyped && !('openapi-fetch' in dependenciesOf(project.packageJson))
      ? [
          [
            `${addCommand(project.packageManager, project.projectDir, project.packageJson)} openapi-fetch`,
            `what ${backend.name}.client is made with`,
          ],
        ]
      : []),
    [`${run} electron-pyinstaller doctor`, 'what a build needs'],
    [developmentCommand(project, run), 'the app with Python from source, restarted on change'],
    // Forge writes it before it compiles.
    ...(generated === null || project.forge !== null
      ? []
      : [
          [
            `${run} electron-pyinstaller generate`,
            `writes ${generated}: put it before what compiles the main process`,
          ],
        ]),
    [packageCommand(project, run, generated !== null), 'freeze, check and package'],
  ] as const;
  const width = Math.max(...commands.map(([command = '']) => command.length));
  return [
    '',
    `${theme.good('✔')} Wrote ${written.join(', ')}`,
    '',
    theme.strong('Next'),
    ...commands.map(([command = '', why = '']) => `  ${command.padEnd(width)}   ${theme.faint(why)}`),
    '  In the main process:',
    ...mainProcessLines(project, backend, generated).map((line) => `      ${line}`),
    '',
  ].join('\n');
}

function developmentCommand({ forge, packageManager, packageJson }: DetectedProject, run: string): string {
  if (forge !== null) return `${programOf(packageManager)} start`;
  const command = 'electron-vite' in dependenciesOf(packageJson) ? 'electron-vite dev' : 'electron .';
  return `${run} electron-pyinstaller dev -- ${command}`;
}

/** What makes the app, with what its own scripts compile before. */
function packageCommand(project: DetectedProject, run: string, generates: boolean): string {
  const { forge, builder, packageManager, packageJson } = project;
  const scripts = scriptsOf(packageJson);
  if (forge !== null)
    return 'make' in scripts ? runScript(packageManager, 'make') : `${run} electron-forge make`;
  if (builder === null) return `${run} electron-pyinstaller build`;
  const usesElectronVite = 'electron-vite' in dependenciesOf(packageJson);
  const input = { packageManager, scripts, usesElectronVite, generates, hasMakers: false };
  return buildCommands({ ...input, host: 'electron-builder' })
    .join(' && ')
    .replace(/(?: --)? --publish never$/, '');
}

/** Its program by name: both kinds of Yarn are called the same. */
function programOf(packageManager: DetectedProject['packageManager']): string {
  return packageManager === 'berry' ? 'yarn' : packageManager === 'bun' ? 'bun run' : packageManager;
}

/** The typed module that the main process imports; null: there is none. */
function generatedModule(project: DetectedProject, steps: readonly Step[]): string | null {
  const own = steps
    .map((step) =>
      step.type === 'write' ? /^\s*generate: ["']?([^"',\s]+)/m.exec(step.text)?.[1] : undefined,
    )
    .find((file) => file !== undefined);
  return own ?? (project.hasGenerated ? 'src/backends.gen.ts' : null);
}

/** What the main process needs, in the language it is written in. */
function mainProcessLines(project: DetectedProject, backend: Shown, generated: string | null): string[] {
  const { name } = backend;
  const constant = identifier(name);
  const imported = project.isModule
    ? "import { createBackend } from 'electron-pyinstaller/runtime';"
    : "const { createBackend } = require('electron-pyinstaller/runtime');";
  return [
    ...(generated !== null
      ? [`import { ${constant} } from './backends.gen'; // ${generated}: written by the build`]
      : [imported, `const ${constant} = createBackend({ app, name: '${name}' }); // Electron's app`]),
    ...usage(constant, backend),
  ];
}

function usage(constant: string, { kind, path: url }: Shown): string[] {
  switch (kind) {
    case 'http':
      return [
        `await ${constant}.start(); // in app.whenReady()`,
        url === null
          ? `const { url } = ${constant}; // http://127.0.0.1:<port>: connect to its host and port`
          : `const response = await ${constant}.fetch('${url}');`,
      ];
    case 'stdio':
      return [`await ${constant}.start(); // in app.whenReady(); then its standard streams`];
    case 'job':
      return [`const { exitCode } = await ${constant}.run({ args: [] }); // once, whenever it is needed`];
    default:
      return kind satisfies never;
  }
}
