import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { readArchive } from '../bundle/archive/archive.js';
import { contentsFolder } from '../bundle/archive/contents-folder.js';
import { checkBundle, type BundleFacts } from '../bundle/checks.js';
import { isPyInstallerError, PyInstallerError } from '../errors.js';
import type { Report } from '../report.js';
import { hostTarget, targetName, type Target } from '../target.js';
import { lookForFiles, runCompanionCheck, runLibraryCheck } from './companion-check.js';
import { asFolder, type Placed } from './further/as-folder.js';
import { asFailure, lookFurther, type Try } from './further/further.js';
import type { LentPart } from './further/lend.js';
import { awaitNoLeftovers, endLeftovers } from './leftovers.js';
import { makePrivatePlace, type PrivatePlace } from './private-place.js';
import { placeResources } from './place-resources.js';
import { runProgram, type ApiDocument } from './run-program.js';
import type { Subject } from './subject.js';
import { verifyError } from './verify-error.js';

/** How to verify. */
export interface VerifyOptions {
  /** Receives a stage for each step. */
  readonly report?: Report | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Folder with room for a bundle: it is laid down there to be run. Left out: the system's temporary folder. */
  readonly cacheDir?: string | undefined;
}

/** What a verification showed. */
export interface VerifyResult {
  readonly backend: string;
  /** False: only headers were looked at, because the program is for another system or `verify.run` is off. */
  readonly ran: boolean;
  /** Milliseconds from spawning to ready (jobs: to the end); null when it was not run. */
  readonly startupMs: number | null;
  /** Milliseconds to stop; null when it was not run or ends by itself. */
  readonly stopMs: number | null;
  /** What a person should know although it passed. */
  readonly warnings: readonly string[];
  readonly facts: BundleFacts;
  /** The OpenAPI document, when types are made of it. */
  readonly document?: ApiDocument | undefined;
}

/** Milliseconds that processes may take to disappear after the program has ended. */
const vanishMs = 2000;

/**
 * Check a bundle by its headers, and, when this machine can run it, by running it in a place like a user's.
 *
 * @throws PyInstallerError `ERR_VERIFY`, `ERR_CANCELLED`.
 */
export async function checkSubject(subject: Subject, options: VerifyOptions): Promise<VerifyResult> {
  const began = performance.now();
  const say = (title: string): void =>
    options.report?.({
      type: 'stage',
      backend: subject.name,
      stage: 'verify',
      title,
      elapsedMs: performance.now() - began,
    });
  try {
    say('Checking the headers of every program and library');
    const checking = checkHeaders(subject);
    const host = hostTarget();
    if (!subject.expected.run || !canRun(subject.target, host)) {
      const { facts, warnings } = await checking;
      if (subject.expected.run) {
        warnings.push(
          `${subject.name} was not started: it is for ${targetName(subject.target)}, this machine is ${targetName(host)}. Only the headers of its files were checked.`,
        );
      }
      if (subject.expected.files.length > 0) await lookForFiles(subject);
      return { backend: subject.name, facts, warnings, ran: false, startupMs: null, stopMs: null };
    }
    options.signal?.throwIfAborted();
    say('Laying the bundle down in a read-only place without Python');
    // One reads, the other one makes links.
    const making = placeFor(subject, host, options);
    const [checked, made] = await Promise.allSettled([checking, making]);
    if (checked.status === 'rejected') {
      if (made.status === 'fulfilled') await made.value.remove();
      throw checked.reason;
    }
    if (made.status === 'rejected') throw made.reason;
    const place = made.value;
    const { facts, warnings } = checked.value;
    const result = { backend: subject.name, facts, warnings };
    try {
      await placeResources(subject, place);
      const ran = await runOrLookFurther(await inPlace(subject, place), place, say, options.signal);
      warnings.push(...ran.warnings);
      return {
        ...result,
        ran: true,
        startupMs: ran.startupMs,
        stopMs: ran.stopMs,
        document: ran.document,
      };
    } finally {
      endLeftovers(await awaitNoLeftovers(place.marker, place.bundle, 0));
      await place.remove();
    }
  } catch (error) {
    if (options.signal?.aborted !== true || (isPyInstallerError(error) && error.code === 'ERR_CANCELLED'))
      throw error;
    throw new PyInstallerError(
      'ERR_CANCELLED',
      `Verifying the frozen backend ${subject.name} was cancelled.`,
      {
        backend: subject.name,
        cause: error,
      },
    );
  }
}

async function placeFor(subject: Subject, host: Target, options: VerifyOptions): Promise<PrivatePlace> {
  return makePrivatePlace(
    subject.bundleDir,
    subject.program.directories[subject.target.arch] ?? subject.name,
    {
      env: process.env,
      platform: host.platform,
      cacheDir: options.cacheDir,
      unpackedBytes: await unpackedBytes(subject),
      signal: options.signal,
    },
  );
}

/** Whether a machine runs programs for a target. Windows on ARM also runs those for x64, and x64 those for ia32. */
export function canRun(target: Target, host: Target): boolean {
  if (target.platform !== host.platform) return false;
  if (target.arch === host.arch) return true;
  if (target.platform !== 'win32') return false;
  return (host.arch === 'arm64' && target.arch === 'x64') || (host.arch === 'x64' && target.arch === 'ia32');
}

/** What a onefile program needs in its temporary folder. */
async function unpackedBytes({ program, bundleDir }: Subject): Promise<number> {
  if (program.mode !== 'onefile') return 0;
  const archive = await readArchive(path.join(bundleDir, program.executable));
  return archive?.entries.reduce((sum, { fullBytes }) => sum + fullBytes, 0) ?? 0;
}

async function checkHeaders(subject: Subject): Promise<{ facts: BundleFacts; warnings: string[] }> {
  const { facts, problems } = await checkBundle(subject.bundleDir, {
    target: subject.target,
    executable: subject.program.executable,
    console: subject.console,
    glibc: subject.expected.glibc,
    maxSizeBytes: subject.expected.maxSizeBytes,
    strip: subject.strip,
  });
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) {
    throw verifyError(subject, {
      seen: errors.map((problem) => problem.message).join('\n'),
      hint: errors.map((problem) => problem.hint).join('\n'),
    });
  }
  const warnings = problems.map(
    ({ message, hint }) => `${message}${message.includes('\n') ? '\n' : ' '}${hint}`,
  );
  return { facts, warnings };
}

/** The subject with what advice about a failure needs to know of the place where it is run. */
async function inPlace(subject: Subject, place: PrivatePlace): Promise<Subject> {
  const { bundleDir, context, program } = subject;
  const contents = program.mode === 'onefile' ? null : await contentsFolder(bundleDir, program.executable);
  const bundle = {
    folders: [...new Set([place.bundle, await realpath(place.bundle)])],
    contents,
    has: (relative: string) => existsSync(path.join(bundleDir, contents ?? '.', relative)),
  };
  return { ...subject, context: { ...context, bundle, console: subject.console ?? undefined } };
}

/** {@link runIn}; what fails for something missing is asked what else is. */
async function runOrLookFurther(
  subject: Subject,
  place: PrivatePlace,
  say: (title: string) => void,
  signal: AbortSignal | undefined,
): ReturnType<typeof runIn> {
  const { lender } = subject;
  let heard: string[] = [];
  try {
    return await runIn(subject, place, { say, signal, onLine: (line) => heard.push(line) });
  } catch (error) {
    signal?.throwIfAborted();
    const failure = asFailure(error);
    if (lender === undefined) throw failure;
    const first = { output: heard.join('\n'), error: failure };
    const again =
      (looked: Placed) =>
      async (lent: readonly LentPart[]): Promise<Try> => {
        say(`Looking for what else is missing (${lent.length} so far)`);
        heard = [];
        const onLine = (line: string): unknown => heard.push(line);
        const how = { say: () => undefined, signal, onLine };
        const ended = await runIn(looked.subject, looked.place, how).then(() => null, asFailure);
        signal?.throwIfAborted();
        return { output: heard.join('\n'), error: ended };
      };
    const look = async (): Promise<PyInstallerError> => {
      const looked = await asFolder({ subject, place });
      return looked === null ? failure : lookFurther(first, { ...looked, lender }, again(looked));
    };
    const found = await look().catch((): PyInstallerError => {
      signal?.throwIfAborted();
      // What goes wrong while looking is no news about the program.
      return failure;
    });
    throw found;
  }
}

async function runIn(
  subject: Subject,
  place: PrivatePlace,
  {
    say,
    signal,
    onLine,
  }: {
    readonly say: (title: string) => void;
    readonly signal: AbortSignal | undefined;
    readonly onLine: (line: string) => void;
  },
): Promise<{
  startupMs: number | null;
  stopMs: number | null;
  document: ApiDocument | undefined;
  warnings: string[];
}> {
  const { expected, manifest } = subject;
  const warnings: string[] = [];
  const hasCompanion = manifest.companion !== 'none';
  const isUntriedJob = manifest.kind === 'job' && expected.args === null;
  let trial: readonly string[] | null = null;
  if (hasCompanion && (expected.imports.length > 0 || expected.files.length > 0 || isUntriedJob)) {
    say('Importing modules and looking for files inside the frozen program');
    trial = await runCompanionCheck(subject, place, signal);
  } else if (!hasCompanion) {
    if (expected.files.length > 0) await lookForFiles(subject);
    if (expected.imports.length > 0) {
      warnings.push(
        `${subject.name}: \`verify.imports\` was not checked, because the program holds no companion (hand-written spec or prebuilt).`,
      );
    }
  }
  if (hasCompanion && subject.strip === true && subject.target.platform !== 'win32') {
    say('Loading every stripped library once');
    await runLibraryCheck(subject, place, signal);
  }
  let startupMs: number | null = null;
  let stopMs: number | null = null;
  let document: ApiDocument | undefined;
  // A job without arguments for a check might do its real work: then importing it is proof enough where that can be asked for.
  if (!(isUntriedJob && hasCompanion && trial === null)) {
    say(`Starting the frozen program${trial === null ? '' : ` with ${trial.join(' ')}`}`);
    const ran = await runProgram(subject, place, { trial: isUntriedJob ? trial : null, onLine, signal });
    ({ startupMs, stopMs, document } = ran);
    if (ran.remark !== null) warnings.push(ran.remark);
    if (expected.startWithinMs !== null && manifest.kind !== 'job' && startupMs > expected.startWithinMs) {
      throw verifyError(subject, {
        seen: `it was ready after ${Math.round(startupMs)} ms; \`verify.startWithinMs\` allows ${expected.startWithinMs}.`,
        hint: "Import slow packages where they are used instead of at the top; mode 'onedir' starts faster than 'onefile'.",
      });
    }
  }
  say('Looking for what it left');
  const leftovers = await awaitNoLeftovers(place.marker, place.bundle, vanishMs);
  if (leftovers.length > 0) {
    throw verifyError(subject, {
      seen: `after it had stopped, ${leftovers.length === 1 ? 'a process' : `${leftovers.length} processes`} of it remained: ${leftovers.map(({ pid, command }) => `${pid} (${command})`).join(', ')}.`,
      hint: 'End your own subprocesses when the program stops (`atexit`, the lifespan of the application), or start them so that they end with it.',
    });
  }
  const changes = await place.changes();
  const spoilt = changes.filter((name) => place.linked.has(name));
  if (spoilt.length > 0) {
    throw verifyError(subject, {
      seen: `it changed its own ${spoilt.length === 1 ? 'file' : 'files'} ${spoilt.slice(0, 3).join(', ')}${spoilt.length > 3 ? ` and ${spoilt.length - 3} more` : ''}, which is not possible where apps are installed, and which damaged the bundle.`,
      hint: 'Write below `electron_pyinstaller.user_data()` instead, and build again.',
    });
  }
  if (changes.length > 0) {
    warnings.push(
      `${subject.name} changed files in its own folder, which is read-only where apps are installed: ${changes.slice(0, 3).join(', ')}${changes.length > 3 ? ` and ${changes.length - 3} more` : ''}. Write below \`electron_pyinstaller.user_data()\` instead.`,
    );
  }
  const unpacked = await place.unpacked();
  if (unpacked.length > 0) {
    warnings.push(
      `${subject.name} left its unpacked files in the temporary folder (${unpacked.join(', ')}): it had to be killed.`,
    );
  }
  return { startupMs, stopMs, document, warnings };
}
