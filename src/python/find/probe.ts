import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { cleanEnvironment } from '../clean-environment.js';
import { describeProblem } from './problems.js';
import { parseProbe, type ProbeResult } from './parse-probe.js';
import { companionDir } from '../../lib/package-root.js';
import type { InterpreterProbe } from '../types.js';
import { describeEnd, run, type RunResult } from '../../lib/run.js';

/** Stands in front of the probe's answer; see the script. */
export const probeMarker = 'electron-pyinstaller-probe:';

/** Run as `python -I`; says what the interpreter is. */
export const probeScript = path.join(companionDir, 'tools', 'probe.py');

/** Options of {@link tryProbe}. */
export interface ProbeOptions {
  /** Arguments before the probe's own, e.g. `-3.12` for the Windows launcher. */
  readonly args?: readonly string[];
  /** Working directory: pyenv's and asdf's shims choose by it. Default: the current one. */
  readonly cwd?: string | undefined;
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default 20 000: the first run after an installation is slow where a virus scanner looks on. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Do not take a remembered answer: something was installed since. */
  readonly fresh?: boolean;
}

const cache = new Map<string, Promise<ProbeResult>>();

/**
 * Ask an interpreter about itself, in one short run. The answer is remembered in memory until the file changes.
 *
 * @param file Absolute path of the interpreter (or of a shim: the probe then tells what is behind it).
 * @throws PyInstallerError `ERR_PYTHON` when it does not run or does not answer.
 */
export async function probeInterpreter(file: string, options: ProbeOptions = {}): Promise<InterpreterProbe> {
  const result = await tryProbe(file, options);
  if (result.ok) return result.probe;
  throw new PyInstallerError('ERR_PYTHON', `Could not use the Python interpreter ${file}: ${result.detail}`, {
    hint: describeProblem(result.problem, { version: '' }),
  });
}

/** As {@link probeInterpreter}, but a failure is a value. Never rejects. */
export async function tryProbe(file: string, options: ProbeOptions = {}): Promise<ProbeResult> {
  let identity: string;
  try {
    const { mtimeMs, size } = await stat(file);
    identity = JSON.stringify([file, options.args ?? [], options.cwd ?? '', mtimeMs, size]);
  } catch {
    return { ok: false, problem: 'missing', detail: `there is no file ${file}` };
  }
  const known = cache.get(identity);
  if (known !== undefined && options.fresh !== true) return known;
  const running = ask(file, options);
  cache.set(identity, running);
  const result = await running;
  // A failure may be a passing one (a time-out, a cancellation), and what a shim or a launcher stands for changes without
  // the shim changing: ask again next time.
  if (!result.ok || !(await isSameFile(file, result.probe.executable))) cache.delete(identity);
  return result;
}

async function isSameFile(file: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([file, other].map((name) => realpath(name).catch(() => name)));
  return a === b;
}

async function ask(file: string, options: ProbeOptions): Promise<ProbeResult> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const outcome = await run(file, [...(options.args ?? []), '-I', probeScript], {
    env: cleanEnvironment(options.env ?? process.env),
    timeoutMs,
    cwd: options.cwd,
    signal: options.signal,
  });
  return readAnswer(file, outcome, timeoutMs);
}

/** Turn what the probe process did into a result. Pure. */
export function readAnswer(file: string, outcome: RunResult, timeoutMs: number): ProbeResult {
  const answer = outcome.stdout.split(/\r?\n/).find((line) => line.startsWith(probeMarker));
  if (answer !== undefined) return parseProbe(answer.slice(probeMarker.length));
  const said = lastLine(outcome.stderr) ?? lastLine(outcome.stdout) ?? 'it said nothing';
  if (outcome.cancelled) return { ok: false, problem: 'no-answer', detail: 'the search was cancelled' };
  if (isStoreAlias(file, outcome)) {
    return {
      ok: false,
      problem: 'store-alias',
      detail: 'it is only the alias that opens the Microsoft Store',
    };
  }
  if (outcome.timedOut) {
    return { ok: false, problem: 'timeout', detail: `it did not answer within ${timeoutMs / 1000} s` };
  }
  if (outcome.startError !== null) {
    const reason = outcome.startError.code ?? outcome.startError.message;
    return { ok: false, problem: 'not-runnable', detail: `it cannot be started (${reason})` };
  }
  // Python 2 has no -I and says so.
  if (/unknown option:? -I/i.test(outcome.stderr)) {
    return { ok: false, problem: 'python-2', detail: 'it is Python 2' };
  }
  return {
    ok: false,
    problem: 'no-answer',
    detail: `it did not answer like Python (${describeEnd(outcome)}: ${said})`,
  };
}

/**
 * The alias that Windows puts on PATH as long as no Python is installed: it prints an advertisement and ends with
 * 9009. (The same path is a working interpreter when Python was installed from the Store, so only a failure counts.)
 */
function isStoreAlias(file: string, outcome: RunResult): boolean {
  const said = `${outcome.stdout}${outcome.stderr}`;
  if (/Microsoft Store/i.test(said)) return true;
  return /[\\/]Microsoft[\\/]WindowsApps[\\/]/i.test(path.normalize(file)) && outcome.exitCode !== 0;
}

function lastLine(text: string): string | undefined {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .at(-1)
    ?.slice(0, 300);
}
