import path from 'node:path';
import { readArchive } from '../bundle/archive/archive.js';
import { contentsFolder } from '../bundle/archive/contents-folder.js';
import type { PrivatePlace } from './private-place.js';
import type { Subject } from './subject.js';
import { verifyError } from './verify-error.js';
import { describeEnd, run, type RunResult } from '../lib/run.js';
import { pathExists } from '../lib/files.js';

/** Only argument of a program that shall check itself; see docs/protocol.md, *Standalone*. */
const checkOption = '--electron-pyinstaller-check';
const checkVariable = 'ELECTRON_PYINSTALLER_CHECK';

/** Lines of output that an error may show. */
const keptLines = 500;

/** The program's answer. */
interface CheckAnswer {
  readonly imports: Readonly<Record<string, string | null>>;
  readonly files: Readonly<Record<string, boolean>>;
  /** Only when it was asked for them. */
  readonly libraries?: Readonly<Record<string, string | null>>;
  /** Arguments with which a job only shows that it starts. */
  readonly trial?: readonly string[] | null;
}

/**
 * Let the frozen program itself import what `verify.imports` names and look for what `verify.files` names.
 *
 * @returns arguments with which a job shows that it starts without doing its work; null: there are none for certain.
 * @throws PyInstallerError `ERR_VERIFY` naming every module that cannot be imported and every file that is missing.
 */
export async function runCompanionCheck(
  subject: Subject,
  place: PrivatePlace,
  signal?: AbortSignal,
): Promise<readonly string[] | null> {
  const { imports, files } = subject.expected;
  const timeoutMs = subject.manifest.settings.ready.timeoutMs;
  const answer = await askProgram(subject, place, { imports, files }, timeoutMs, signal);
  const wrong = [
    ...byError(answer.imports).map(([error, names]) => `importing ${names.join(', ')} failed: ${error}`),
    ...missingFiles(answer.files),
  ];
  if (wrong.length === 0) return answer.trial ?? null;
  throw verifyError(subject, {
    seen: `${wrong.length === 1 ? 'a check' : `${wrong.length} checks`} inside the frozen program failed:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
    hint: hintFor(wrong, subject),
  });
}

/** Milliseconds for loading all libraries, each in a process of its own: PyTorch with CUDA has 400 in 4 GB. */
const loadTimeoutMs = 600_000;

/**
 * Let the frozen program load each of its shared libraries once: PyInstaller stripped them, and what the application imports
 * late would only fail in the app.
 *
 * @throws PyInstallerError `ERR_VERIFY` naming the libraries that cannot be loaded any more.
 */
export async function runLibraryCheck(
  subject: Subject,
  place: PrivatePlace,
  signal?: AbortSignal,
): Promise<void> {
  const { libraries } = await askProgram(subject, place, { libraries: true }, loadTimeoutMs, signal);
  const damaged = byError(libraries ?? {}).filter(([error]) => isDamage(error));
  if (damaged.length === 0) return;
  throw verifyError(subject, {
    seen: `stripped libraries cannot be loaded any more:\n${damaged.map(([error, names]) => `  ${names.join(', ')}: ${error}`).join('\n')}`,
    hint: `Remove \`strip: true\` from \`pyinstaller\` of ${subject.context.configPath} in ${subject.context.configFile}.`,
  });
}

/** What says nothing about the file itself: libraries of drivers that are not here, plugins that need their host. */
export function isDamage(error: string): boolean {
  return !/cannot open shared object file|undefined symbol|static TLS block|version [`'].*' not found|Library not loaded|[Ss]ymbol not found/.test(
    error,
  );
}

/** What failed, by why: modules that import each other all show the first one's error. */
function byError(found: Readonly<Record<string, string | null>>): [error: string, names: string[]][] {
  const groups = new Map<string, string[]>();
  for (const [name, error] of Object.entries(found)) {
    if (error !== null) groups.set(error, [...(groups.get(error) ?? []), name]);
  }
  return [...groups];
}

async function askProgram(
  subject: Subject,
  place: PrivatePlace,
  question: Readonly<Record<string, unknown>>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<CheckAnswer> {
  const output: string[] = [];
  const answers: string[] = [];
  const result = await run(path.join(place.bundle, subject.program.executable), [checkOption], {
    cwd: place.userData,
    env: { ...place.environment, [checkVariable]: JSON.stringify(question) },
    timeoutMs,
    signal,
    onLine(line, from) {
      if (output.push(line) > keptLines) output.shift();
      if (from === 'stdout' && line.startsWith('{')) answers.push(line);
    },
  });
  signal?.throwIfAborted();
  const answer = parseAnswer(answers);
  if (answer !== null) return answer;
  throw verifyError(subject, {
    seen: `asked to check itself (${checkOption}), ${howItEnded(result)} and gave no answer.`,
    output,
    hint: 'Run the program by hand with that argument to see more.',
  });
}

function missingFiles(files: CheckAnswer['files']): string[] {
  return Object.entries(files).flatMap(([name, isThere]) =>
    isThere ? [] : [`the file ${name} is not in the bundle`],
  );
}

function hintFor(wrong: readonly string[], { context }: Subject): string {
  return wrong.some((line) => line.startsWith('the file'))
    ? `Add the files to \`data\` of ${context.configPath} in ${context.configFile}; paths in \`verify.files\` are those inside the bundle.`
    : `Change \`hiddenImports\` or the requirements of ${context.configPath} in ${context.configFile}.`;
}

function howItEnded(result: RunResult): string {
  if (result.timedOut) return 'it did not end in time';
  return result.startError === null
    ? `it ended with ${describeEnd(result)}`
    : `it could not be started (${describeEnd(result)})`;
}

/** The answer is the last line of stdout; the program may have printed before. */
function parseAnswer(lines: readonly string[]): CheckAnswer | null {
  for (const line of lines.toReversed()) {
    try {
      const answer = JSON.parse(line) as Partial<CheckAnswer>;
      const { imports, files } = answer;
      if (imports !== undefined && files !== undefined) return { ...answer, imports, files };
    } catch {
      // A line of the program's own.
    }
  }
  return null;
}

/**
 * Look for `verify.files` without running anything, for programs without the companion: on disk, or in the archive of a
 * onefile program.
 *
 * @throws PyInstallerError `ERR_VERIFY`
 */
export async function lookForFiles(subject: Subject): Promise<void> {
  const { bundleDir, program } = subject;
  const contents = await contentsFolder(bundleDir, program.executable);
  const archive =
    program.mode === 'onefile' ? await readArchive(path.join(bundleDir, program.executable)) : null;
  const packed = new Set(archive?.entries.map((entry) => entry.name));
  const isThere = async (file: string): Promise<boolean> =>
    packed.has(file) ||
    [...packed].some((name) => name.startsWith(`${file}/`)) ||
    pathExists(path.join(bundleDir, contents, file));
  const found: Record<string, boolean> = {};
  for (const file of subject.expected.files) found[file] = await isThere(file);
  const wrong = missingFiles(found);
  if (wrong.length === 0) return;
  throw verifyError(subject, {
    seen: `${wrong.join('; ')}.`,
    hint: hintFor(wrong, subject),
  });
}
