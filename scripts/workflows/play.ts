/** A workflow that `init` wrote, played step by step as its Linux job would: each `run:` line in a fresh checkout of the project. */
import { glob, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { runLogged } from '../demo/run-logged.ts';
import { commandFor, editMain, readHints } from '../hosts/hints.ts';
import { madeProject } from '../hosts/made-project.ts';
import { managers } from '../hosts/managers.ts';
import type { PlayOptions } from '../hosts/play.ts';
import type { Maker } from '../hosts/projects.ts';
import type { Row } from '../hosts/rows.ts';
import { type Contexts, evaluated, readOutputs } from './expressions.ts';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly 'working-directory'?: string;
}

interface Job {
  readonly strategy: { readonly matrix: { readonly include: readonly Readonly<Record<string, string>>[] } };
  readonly env: Readonly<Record<string, string>>;
  readonly defaults: { readonly run: Readonly<Record<string, string>> };
  readonly steps: readonly Step[];
}

/** What was done in place of each action of a marketplace, or what it was tried by. */
const equivalents: Readonly<Record<string, string>> = {
  'actions/checkout': 'a clone of the repository',
  'actions/setup-node': 'the Node of this machine',
  'actions/setup-python': 'the Python of this machine',
  'pnpm/action-setup': 'pnpm on PATH',
  'actions/cache': 'nothing: the key has a value',
  'actions/upload-artifact': 'a look for the files',
};

/** Play it. @returns what each step was, with its seconds. @throws with the step that failed. */
export async function playWorkflow(row: Row, options: PlayOptions): Promise<string[]> {
  const work = path.join(options.work, row.name);
  const log = path.join(options.logs, `workflow-${row.name}.log`);
  await rm(work, { recursive: true, force: true });
  await rm(log, { force: true });
  try {
    return await playIn(work, row, options, log);
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function playIn(work: string, row: Row, options: PlayOptions, log: string): Promise<string[]> {
  const from = path.join(work, 'project', row.folder ?? 'app');
  const repository = row.folder?.includes('/') === true ? path.resolve(from, '../..') : from;
  // The packed package is part of the repository, by its relative path, which is the same in every checkout.
  const tarball = path.join(repository, 'vendor', path.basename(options.tarball));
  const create = async (maker: Maker): Promise<void> => {
    await row.create(maker);
    await mkdir(path.dirname(tarball), { recursive: true });
    await writeFile(tarball, await readFile(options.tarball));
    await runLogged('git', ['init', '-q', '-b', 'main'], { cwd: repository, log, timeoutMs: 60_000 });
  };
  const relative = `./${path.relative(from, tarball)}`;
  const made = await madeProject({ ...row, create }, work, { ...options, tarball: relative }, log);
  const { folder, root, env, shell, install } = made;
  const inRoot = (command: string): Promise<string[]> =>
    runLogged('sh', ['-c', command], { cwd: root, log, env, timeoutMs: 120_000 });
  await install();
  const printed = await shell(`${managers[row.manager].run} electron-pyinstaller init --yes --ci github`);
  const hints = readHints(printed);
  const client = commandFor(hints, /openapi-fetch/);
  if (client !== null) await shell(client);
  const main = path.join(folder, row.main);
  await writeFile(main, editMain(await readFile(main, 'utf8'), hints.mainProcess));
  await row.prepare?.(folder, shell);
  await writeFile(path.join(root, '.gitignore'), 'node_modules/\ndist/\nout/\n');
  await inRoot('git add -A && git -c user.name=a -c user.email=a@example.org commit -qm all');

  const workspace = path.join(work, 'checkout');
  await inRoot(`git clone -q . '${workspace}'`);
  // What the machine of a service does not have.
  await rm(root, { recursive: true, force: true });
  const workflows = path.join(workspace, '.github', 'workflows');
  const [file = ''] = await readdir(workflows);
  const { jobs } = parse(await readFile(path.join(workflows, file), 'utf8')) as { jobs: { build: Job } };
  return playJob(jobs.build, workspace, work, env, log);
}

async function playJob(
  job: Job,
  workspace: string,
  work: string,
  env: Readonly<Record<string, string>>,
  log: string,
): Promise<string[]> {
  const matrix = job.strategy.matrix.include.find(({ target }) => target === 'linux-x64') ?? {};
  const outputs = new Map<string, Readonly<Record<string, string>>>();
  const contexts: Contexts = { workspace, matrix, outputs };
  const own = Object.fromEntries(
    Object.entries(job.env).map(([name, value]) => [name, evaluated(value, contexts)]),
  );
  const done: string[] = [];
  for (const [index, step] of job.steps.entries()) {
    const started = performance.now();
    const what = step.uses ?? step.run ?? '';
    try {
      if (step.run === undefined) await instead(step, contexts);
      else {
        const folder = step['working-directory'] ?? job.defaults.run['working-directory'] ?? '.';
        const output = path.join(work, `output-${index}`);
        await writeFile(output, '');
        const script = path.join(work, `step-${index}.sh`);
        await writeFile(script, evaluated(step.run, contexts));
        await runLogged('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
          cwd: path.join(workspace, folder),
          log,
          env: { ...env, ...own, GITHUB_OUTPUT: output, GITHUB_WORKSPACE: workspace },
          timeoutMs: 900_000,
        });
        if (step.id !== undefined) outputs.set(step.id, readOutputs(await readFile(output, 'utf8')));
      }
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    if (step.run !== undefined) done.push(`${what} ${Math.round((performance.now() - started) / 1000)} s`);
  }
  return done;
}

/** What stands for an action: everything that it was told has a value, and files to be kept are there. */
async function instead(step: Step, contexts: Contexts): Promise<void> {
  const [name = ''] = (step.uses ?? '').split('@');
  if (equivalents[name] === undefined) throw new Error('nothing here stands for it');
  const told = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([key, value]) => [key, evaluated(String(value), contexts)]),
  );
  if (name !== 'actions/upload-artifact') return;
  const patterns = (told['path'] ?? '').split('\n').filter((line) => line !== '');
  for await (const found of glob(patterns, { cwd: contexts.workspace })) if (found !== '') return;
  throw new Error(`no files were found: ${patterns.join(', ')}`);
}
