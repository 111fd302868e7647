import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { identifier } from '../../hosts/codegen/index.js';
import { exitCodes } from '../exit-codes.js';
import { type DetectedBackend, detectBackend } from '../init/detect-backend.js';
import { type DetectedProject, detectProject } from '../init/detect-host.js';
import { changedLines } from '../init/changed-lines.js';
import { makePlan, type Step } from '../init/plan.js';
import type { Io } from '../io.js';
import { projectDirOf, type ProjectOptions } from '../project.js';
import { createTheme } from '../render/theme.js';
import { printJson } from './work.js';

/** Options of `init`. */
export interface InitOptions extends ProjectOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly backend?: string;
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
  const detected = await detectBackend(projectDir, options.backend);
  if (detected === null) throw noBackend(projectDir, options.backend);
  const backend = options.name === undefined ? detected : { ...detected, name: options.name };
  const steps = await makePlan({
    projectDir,
    project,
    backend,
    ci: options.ci === 'github' ? 'github' : null,
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
  if (options.json !== true) io.out(nextSteps(project, backend, steps, io));
  return exitCodes.ok;
}

function noBackend(projectDir: string, folder: string | undefined): PyInstallerError {
  const place =
    folder === undefined ? `${projectDir} and two levels of folders below it` : path.join(projectDir, folder);
  return new PyInstallerError(
    'ERR_NOT_FOUND',
    `No Python backend was found: looked in ${place} for a file that makes an application (FastAPI, Flask, Django, …) or is a program (if __name__ == "__main__").`,
    { hint: 'Name its folder: electron-pyinstaller init --backend <folder>.' },
  );
}

function summary(project: DetectedProject): Record<string, unknown> {
  const { forge, builder, hasTypeScript, packageManager, existing } = project;
  return { forge, builder, hasTypeScript, packageManager, existing };
}

/** The plan for people: what was found, then every step. */
function planText(
  project: DetectedProject,
  backend: DetectedBackend,
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
    `  backend   ${backend.source === '.' ? 'the project itself' : backend.source}: ${backend.reason}`,
    `  packages  ${backend.requirements ?? 'no requirements file'}`,
    '',
    theme.strong('Plan'),
  ];
  for (const step of steps) lines.push(...stepLines(step, theme), '');
  return `${lines.join('\n').trimEnd()}\n`;
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
    case 'note':
      return [`  ${theme.faint('·')} ${step.text}`];
    default:
      return step satisfies never;
  }
}

function nextSteps(
  project: DetectedProject,
  backend: DetectedBackend,
  steps: readonly Step[],
  io: Pick<Io, 'color'>,
): string {
  const theme = createTheme(io.color);
  const written = steps.filter((step) => step.type === 'write').map(({ file }) => file);
  const run =
    project.packageManager === 'npm'
      ? 'npx'
      : project.packageManager === 'pnpm'
        ? 'pnpm exec'
        : project.packageManager;
  return [
    '',
    `${theme.good('✔')} Wrote ${written.join(', ')}`,
    '',
    theme.strong('Next'),
    `  ${run} electron-pyinstaller doctor    what a build needs`,
    `  ${run} electron-pyinstaller build     freeze now`,
    '  In the main process:',
    ...mainProcessLines(project, backend).map((line) => `      ${line}`),
    '',
  ].join('\n');
}

/** What the main process needs, in the language it is written in. Backends that are described already have unknown names. */
function mainProcessLines(project: DetectedProject, backend: DetectedBackend): string[] {
  const name = project.existing === null ? backend.name : 'engine';
  const constant = identifier(name);
  const fetchPath = backend.healthPath ?? '/';
  const imported = project.isModule
    ? "import { createBackend } from 'electron-pyinstaller/runtime';"
    : "const { createBackend } = require('electron-pyinstaller/runtime');";
  return [
    ...(project.hasGenerated
      ? [`import { ${constant} } from './backends.gen'; // src/backends.gen.ts: written by the build`]
      : [imported, `const ${constant} = createBackend({ app, name: '${name}' }); // Electron's app`]),
    `await ${constant}.start(); // in app.whenReady()`,
    `const response = await ${constant}.fetch('${fetchPath}');`,
  ];
}
