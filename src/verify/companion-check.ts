import { access } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { readArchive } from '../bundle/archive/archive.js';
import { contentsFolder } from '../bundle/archive/contents-folder.js';
import type { PrivatePlace } from './private-place.js';
import type { Subject } from './subject.js';
import { verifyError } from './verify-error.js';

/** Only argument of a program that shall check itself; see docs/protocol.md, *Standalone*. */
const checkOption = '--electron-pyinstaller-check';
const checkVariable = 'ELECTRON_PYINSTALLER_CHECK';

/** The program's answer. */
interface CheckAnswer {
  readonly imports: Readonly<Record<string, string | null>>;
  readonly files: Readonly<Record<string, boolean>>;
}

/**
 * Let the frozen program itself import what `verify.imports` names and look for what `verify.files` names.
 *
 * @throws PyInstallerError `ERR_VERIFY` naming every module that cannot be imported and every file that is missing.
 */
export async function runCompanionCheck(
  subject: Subject,
  place: PrivatePlace,
  signal?: AbortSignal,
): Promise<void> {
  const { imports, files } = subject.expected;
  const result = await execa(path.join(place.bundle, subject.program.executable), [checkOption], {
    cwd: place.userData,
    env: { ...place.environment, [checkVariable]: JSON.stringify({ imports, files }) },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    reject: false,
    windowsHide: true,
    stripFinalNewline: true,
    maxBuffer: 4 * 1024 * 1024,
    timeout: subject.manifest.settings.ready.timeoutMs,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  const output = (result.all ?? '').split('\n');
  const answer = parseAnswer(result.stdout ?? '');
  if (answer === null) {
    throw verifyError(subject, {
      seen: `asked to check itself (${checkOption}), it ${describeEnd(result)} and gave no answer.`,
      output,
      hint: 'Run the program by hand with that argument to see more.',
      cause: result,
    });
  }
  const wrong = [
    ...Object.entries(answer.imports).flatMap(([name, error]) =>
      error === null ? [] : [`importing ${name} failed: ${error}`],
    ),
    ...missingFiles(answer.files),
  ];
  if (wrong.length === 0) return;
  throw verifyError(subject, {
    seen: `${wrong.length === 1 ? 'a check' : `${wrong.length} checks`} inside the frozen program failed:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
    hint: hintFor(wrong, subject),
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

function describeEnd(result: {
  timedOut?: boolean;
  exitCode?: number | undefined;
  signal?: string | undefined;
  code?: string | undefined;
}): string {
  if (result.timedOut === true) return 'did not end in time';
  if (result.signal !== undefined) return `was ended by ${result.signal}`;
  if (result.exitCode !== undefined) return `ended with exit code ${result.exitCode}`;
  return `could not be started (${result.code ?? 'unknown error'})`;
}

/** The answer is the last line of stdout; the program may have printed before. */
function parseAnswer(stdout: string): CheckAnswer | null {
  for (const line of stdout.split(/\r?\n/).toReversed()) {
    if (!line.startsWith('{')) continue;
    try {
      const { imports, files } = JSON.parse(line) as Partial<CheckAnswer>;
      if (imports !== undefined && files !== undefined) return { imports, files };
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
    access(path.join(bundleDir, contents, file)).then(
      () => true,
      () => false,
    );
  const found: Record<string, boolean> = {};
  for (const file of subject.expected.files) found[file] = await isThere(file);
  const wrong = missingFiles(found);
  if (wrong.length === 0) return;
  throw verifyError(subject, {
    seen: `${wrong.join('; ')}.`,
    hint: hintFor(wrong, subject),
  });
}
