/** One layout, played as its user would: made, installed, `init`, developed, packaged, started, looked into. */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { projectEnvironment } from '../demo/run-logged.ts';
import { checkBackend } from '../demo/unpack.ts';
import { RowFailure } from './failure.ts';
import { commandFor, editMain, type Hints, readHints } from './hints.ts';
import { madeProject } from './made-project.ts';
import { managers } from './managers.ts';
import type { Row } from './rows.ts';
import { type Answer, startAndQuit } from './started-app.ts';

/** What all rows share. */
export interface PlayOptions {
  readonly work: string;
  readonly tools: string;
  readonly logs: string;
  /** The packed package. */
  readonly tarball: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What was seen. */
export interface Played {
  readonly seconds: Readonly<Record<string, number>>;
  /** Files that a person had to edit after `init`. */
  readonly edits: readonly string[];
  /** Entries of the archive. */
  readonly entries: number;
  /** What a host was told that is too old; null: it worked. */
  readonly refusal: string | null;
}

/** Play one row from an empty folder to its end. */
export async function playRow(row: Row, options: PlayOptions): Promise<Played> {
  const root = path.join(options.work, row.name);
  const log = path.join(options.logs, `${row.name}.log`);
  await rm(root, { recursive: true, force: true });
  await rm(log, { force: true });
  try {
    return await playIn(root, row, options, log);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function playIn(root: string, row: Row, options: PlayOptions, log: string): Promise<Played> {
  const { folder, env, shell, install } = await madeProject(row, root, options, log);
  const own = projectEnvironment();
  const seconds: Record<string, number> = {};
  const timed = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await act();
    } catch (error) {
      throw new RowFailure(`${name}: ${error instanceof Error ? error.message : String(error)}`, log);
    } finally {
      seconds[name] = Math.round((performance.now() - started) / 1000);
    }
  };
  const run = (command: string, args: readonly string[], work: string) =>
    startAndQuit({ command, args, cwd: folder, env: { ...own, ...env }, work, log, timeoutMs: 300_000 });

  await timed('install', async () => {
    await install();
    // The one install script that is needed: versions of Electron that do not fetch themselves at the first start have it.
    const script = 'node_modules/electron/install.js';
    await shell(`test ! -e ${script} || node ${script}`);
  });
  const printed = await timed('init', () =>
    shell(`${managers[row.manager].run} electron-pyinstaller init --yes`),
  );
  const hints = readHints(printed);
  const client = commandFor(hints, /openapi-fetch/);
  if (client !== null) await shell(client);
  const edited = (await row.edit?.(folder, printed)) ?? [];
  const main = path.join(folder, row.main);
  await writeFile(main, editMain(await readFile(main, 'utf8'), linesOf(row, hints)));
  const development = commandFor(hints, /Python from source/);
  if (development === null) throw new RowFailure('init names no command for development', log);

  if (row.refusal !== undefined) {
    const refusal = await timed('refusal', () =>
      refusalOf(
        [`${managers[row.manager].run} electron-pyinstaller doctor`, development],
        row.refusal ?? /^/,
        shell,
        log,
      ),
    );
    return { seconds, edits: [], entries: 0, refusal };
  }
  await timed('development', async () => {
    const answer = await run('sh', ['-c', development], path.join(root, 'development'));
    checkAnswer(row, answer);
    if (answer.isPackaged) throw new Error('the app says that it is packaged');
  });
  await timed('package', async () => {
    await row.prepare?.(folder, shell);
    const ended = await Promise.allSettled(packagingOf(row, hints).map((command) => shell(command)));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  });
  const apps = await packagedApps(folder);
  if (apps.length !== (row.apps ?? 1))
    throw new RowFailure(
      `package: ${apps.length} apps were made (resources/app.asar), not ${row.apps ?? 1}`,
      log,
    );
  let entries = 0;
  await timed('packaged app', async () => {
    for (const [index, app] of apps.entries()) {
      await checkBackend(path.join(app, 'resources'));
      entries = checkArchive(path.join(app, 'resources', 'app.asar'));
      // Not of this machine.
      if (path.basename(app).includes('arm64')) continue;
      const answer = await run(await executableOf(app), [], path.join(root, `packaged-${index}`));
      checkAnswer(row, answer);
      if (!answer.isPackaged) throw new Error('the app says that it is not packaged');
    }
  });
  return { seconds, edits: [row.main, ...edited], entries, refusal: null };
}

/** What is imported stays as `init` says it. */
function linesOf({ use }: Row, { mainProcess }: Hints): readonly string[] {
  return use === undefined
    ? mainProcess
    : [...mainProcess.filter((line) => line.startsWith('import ')), ...use];
}

function checkAnswer({ answer: wanted }: Row, { text }: Answer): void {
  if (wanted !== undefined && text !== wanted) throw new Error(`the app answered ${text}, not ${wanted}`);
}

function packagingOf(row: Row, hints: Hints): readonly string[] {
  if (row.hintedPackage === undefined) return row.package ?? [];
  const hinted = commandFor(hints, /freeze, check and package/);
  if (hinted === null) throw new Error('init names no command that packages');
  return [`${hinted} ${row.hintedPackage}`];
}

/** The line that each of the commands fails with. */
async function refusalOf(
  commands: readonly string[],
  pattern: RegExp,
  shell: (command: string) => Promise<string[]>,
  log: string,
): Promise<string> {
  let line: string | undefined;
  for (const command of commands) {
    const printed = await shell(`${command} 2>&1 && echo 'It did not fail.'; true`);
    if (printed.includes('It did not fail.')) throw new RowFailure(`\`${command}\` does not refuse`, log);
    line = printed.map((one) => pattern.exec(one)?.[0]).find((one) => one !== undefined);
    if (line === undefined) throw new RowFailure(`\`${command}\` does not say why it refuses`, log);
  }
  return line ?? '';
}

async function packagedApps(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'node_modules') continue;
    const names = await readdir(path.join(folder, entry.name), { recursive: true });
    const archives = names.filter((name) => name.endsWith(path.join('resources', 'app.asar')));
    found.push(...archives.map((name) => path.dirname(path.dirname(path.join(folder, entry.name, name)))));
  }
  return found;
}

/** The largest file there that may be executed. */
async function executableOf(app: string): Promise<string> {
  let best = { file: '', size: -1 };
  for (const entry of await readdir(app, { withFileTypes: true })) {
    const file = path.join(app, entry.name);
    const { mode, size } = await stat(file);
    if (
      entry.isFile() &&
      (mode & 0o111) !== 0 &&
      !/\.so|chrome|^version$/.test(entry.name) &&
      size > best.size
    )
      best = { file, size };
  }
  return best.file;
}

/** What belongs to the build, and what nobody should get. */
const unwanted =
  /\.pyc?$|\.spec$|pyinstaller\.config|electron-pyinstaller-bundle\.json$|requirements.*\.txt$|\.env$|secrets\.json$|electron-pyinstaller\/(?:companion|docs|schema\.json|dist\/(?:cli|freeze))/;

/** The number of its entries. */
function checkArchive(archive: string): number {
  const names = listPackage(archive, { isPack: false });
  const bad = names.filter((name) => unwanted.test(name));
  if (bad.length > 0) throw new Error(`app.asar holds ${bad.slice(0, 5).join(', ')}`);
  extractFile(archive, 'electron-pyinstaller.json');
  return names.length;
}
