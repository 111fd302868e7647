import path from 'node:path';
import { unpackedBundle } from '../bundle/index.js';
import { isPyInstallerError } from '../errors.js';
import { isBackendError, type Backend } from '../runtime/index.js';
import { diagnose } from '../advice/diagnose.js';
import { askForDocument, documentHint } from './api-document.js';
import { checkRequests } from './check-requests.js';
import { keptLines, placedBackend } from './placed-backend.js';
import type { PrivatePlace } from './private-place.js';
import { recentOutput, type RecentOutput } from './recent-output.js';
import type { Subject } from './subject.js';
import { fromBackendError, verifyError } from './verify-error.js';

/** What a backend says of its API, parsed. */
export type ApiDocument = Readonly<Record<string, unknown>>;

/** What a run of the frozen program showed. */
export interface RunResult {
  /** Milliseconds from the start to ready; for jobs to the end. */
  readonly startupMs: number;
  /** Milliseconds to stop; null for jobs, which end by themselves. */
  readonly stopMs: number | null;
  /** What a person should know although it is no failure. */
  readonly remark: string | null;
  /** The OpenAPI document, when types are made of it. */
  readonly document?: ApiDocument | undefined;
}

/** Milliseconds a job may take. */
const jobTimeoutMs = 300_000;
/** Milliseconds a job is given that nobody gave arguments for: enough to fail at its start. */
const untriedJobMs = 10_000;
/** Milliseconds for a trial, which ends by itself. */
const trialMs = 60_000;

/**
 * Run the frozen program with the runtime that the app itself uses: start, wait until ready, ask what `verify.http`
 * wants, stop; or run the job.
 *
 * @param options - `trial`: arguments of a job that nobody gave any for: with them it shows that it starts; null: it has none.
 * @throws PyInstallerError `ERR_VERIFY`
 */
export async function runProgram(
  subject: Subject,
  place: PrivatePlace,
  {
    trial,
    onLine,
    signal,
  }: {
    readonly trial: readonly string[] | null;
    readonly onLine?: (line: string) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<RunResult> {
  const output = recentOutput(keptLines);
  const backend = placedBackend(subject, place);
  backend.on('log', ({ line }) => {
    output.add(line);
    onLine?.(line);
  });
  try {
    return subject.manifest.kind === 'job'
      ? await runJob(subject, backend, { output: output.lines, given: argsOf(subject, place), trial, signal })
      : await runServer(subject, backend, output, signal);
  } finally {
    await backend[Symbol.asyncDispose]();
  }
}

async function runServer(
  subject: Subject,
  backend: Backend,
  output: RecentOutput,
  signal: AbortSignal | undefined,
): Promise<RunResult> {
  const started = performance.now();
  try {
    await backend.start({ signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw fromBackendError(subject, 'it could not be started', error, output.lines);
  }
  const startupMs = performance.now() - started;
  await checkRequests(subject, backend, output, signal);
  const document = await documentOf(subject, backend, output, signal);
  const stopping = performance.now();
  try {
    await backend.stop({ signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw fromBackendError(subject, 'it could not be stopped', error, output.lines);
  }
  return { startupMs, stopMs: performance.now() - stopping, remark: null, document };
}

async function documentOf(
  subject: Subject,
  backend: Backend,
  output: RecentOutput,
  signal: AbortSignal | undefined,
): Promise<ApiDocument | undefined> {
  if (subject.openapi === undefined) return undefined;
  const answer = await askForDocument(backend, subject.openapi, signal);
  if ('document' in answer) return answer.document;
  const { configPath, configFile } = subject.context;
  throw verifyError(subject, {
    seen: `${answer.seen}.`,
    output: output.lines,
    hint: documentHint(configPath, configFile),
    cause: answer.cause,
  });
}

/** `verify.args`; the app itself asks for its folders where it starts a job. */
function argsOf({ expected, program }: Subject, place: PrivatePlace): readonly string[] | null {
  const values = {
    '{bundle}': program.mode === 'onefile' ? unpackedBundle : path.join(place.bundle, program.contents ?? ''),
    '{resources}': place.resources,
    '{userData}': place.userData,
  };
  const fill = (text: string): string =>
    Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, () => value), text);
  return expected.args?.map(fill) ?? null;
}

async function runJob(
  subject: Subject,
  backend: Backend,
  {
    output,
    given,
    trial,
    signal,
  }: {
    readonly output: readonly string[];
    readonly given: readonly string[] | null;
    readonly trial: readonly string[] | null;
    readonly signal: AbortSignal | undefined;
  },
): Promise<RunResult> {
  const { configPath, configFile } = subject.context;
  const args = given ?? trial ?? [];
  const timeoutMs = given === null ? (trial === null ? untriedJobMs : trialMs) : jobTimeoutMs;
  const how = `run with ${args.length === 0 ? 'no arguments' : JSON.stringify(args)}, the job`;
  const hint = `Set \`verify.args\` of ${configPath} in ${configFile} to arguments with which it succeeds.`;
  const remark = (what: string): string | null =>
    trial === null ? null : `${subject.name}: ${how} ${what}; that proves nothing. ${hint}`;
  try {
    const { exitCode, tookMs, tail } = await backend.run(args, {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const shown = tail.length > output.length ? tail : output;
    const isFine = given === null ? startsWell(subject, exitCode, shown) : exitCode === 0;
    if (!isFine) {
      throw verifyError(subject, {
        seen: `${how} ended with exit code ${exitCode}.`,
        output: shown,
        hint,
      });
    }
    const said = shown.findLast((line) => line.trim() !== '');
    return {
      startupMs: tookMs,
      stopMs: null,
      remark:
        exitCode === 0
          ? null
          : remark(`ended with exit code ${exitCode}${said === undefined ? '' : ` (${said.trim()})`}`),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (isPyInstallerError(error)) throw error;
    const isStillWorking = isBackendError(error) && error.code === 'E_TIMEOUT' && given === null;
    if (isStillWorking)
      return {
        startupMs: timeoutMs,
        stopMs: null,
        remark: remark(`did not end within ${timeoutMs / 1000} s`),
      };
    throw fromBackendError(subject, 'the job could not be run', error, output);
  }
}

/**
 * Without arguments of its own a check run proves that the program starts, not that it can do something: any exit code
 * will do. Except those of PyInstaller's bootloader and the companion, and an uncaught exception that only freezing explains.
 */
function startsWell(subject: Subject, exitCode: number, output: readonly string[]): boolean {
  if (exitCode === 255 || exitCode === 78) return false;
  return exitCode !== 1 || diagnose('verify', output.join('\n'), subject.context).length === 0;
}
