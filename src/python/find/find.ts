import { hostTarget, type TargetArch } from '../../target.js';
import { homedir } from 'node:os';
import path from 'node:path';
import type { ResolvedPython } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import type { Report } from '../../report.js';
import type { Candidate } from './candidate.js';
import { listCandidates } from './candidates.js';
import { cleanEnvironment } from '../clean-environment.js';
import { mayBringUv } from '../environment/bring-uv.js';
import { realDisk } from '../environment/disk.js';
import { findOnPath, type DiskView } from './path-search.js';
import { judge, type InterpreterNeeds } from './problems.js';
import type { ProbeResult } from './parse-probe.js';
import { tryProbe } from './probe.js';
import type { CandidateVerdict, FoundInterpreter, InterpreterProbe } from '../types.js';
import { describe, notFound, notTried, refusal } from './verdicts.js';
import { formatVersion } from '../../config/version-range.js';
import { run } from '../../lib/run.js';

/** Options of {@link findInterpreter}. */
export interface FindOptions {
  readonly python: ResolvedPython;
  /** Absolute folder of the project. */
  readonly projectDir: string;
  /** Absolute source folders of the backend; virtual environments are looked for there too. */
  readonly sourceDirs?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Architecture the backend is for. Default: that of the running Node. */
  readonly arch?: TargetArch;
  /** Default `freeze`. */
  readonly purpose?: 'freeze' | 'run';
  /** Folder with interpreters that uv brought for builds. */
  readonly broughtDir?: string;
  /** Key of the configuration that names `python.interpreter`, for messages. Default `python.interpreter`. */
  readonly interpreterKey?: string | undefined;
  /** Name of the backend, for messages and events. */
  readonly backend?: string;
  readonly report?: Report | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: the real disk. */
  readonly disk?: DiskView;
  /** Default: the user's home folder. */
  readonly homeDir?: string;
}

/**
 * Find the interpreter to freeze with: the first candidate that answers and can do it.
 *
 * For a managed environment the interpreter *behind* a virtual environment is returned, because environments are made
 * from it; otherwise the environment's own.
 *
 * @throws PyInstallerError `ERR_PYTHON` listing everything that was tried, why it was refused and how to mend it.
 */
export async function findInterpreter(options: FindOptions): Promise<FoundInterpreter> {
  const disk = options.disk ?? realDisk;
  const started = performance.now();
  const backend = options.backend ?? '';
  options.report?.({ type: 'stage', backend, stage: 'probe', title: 'Looking for Python', elapsedMs: 0 });
  const candidates = listCandidates(candidateInput(options), disk);
  const needs = needsOf(options, disk);
  const verdicts: CandidateVerdict[] = [];
  const seen = new Set<string>();
  for (const [index, candidate] of candidates.entries()) {
    throwIfCancelled(options.signal);
    const { probe, verdict } = await examine(candidate, needs, options, seen);
    throwIfCancelled(options.signal);
    verdicts.push(verdict);
    if (probe === null) {
      const hadNoAnswer = candidate.asks && verdict.problem === 'missing';
      if (candidate.binding && !hadNoAnswer) break;
      continue;
    }
    const reason = `${candidate.origin}: Python ${formatVersion(probe.version)} in ${probe.executable}`;
    options.report?.({ type: 'detail', backend, text: reason, elapsedMs: performance.now() - started });
    const rest = candidates.slice(index + 1).map(notTried);
    return { probe, reason, source: candidate.source, candidates: [...verdicts, ...rest] };
  }
  throw notFound(
    { backend: options.backend, version: options.python.version, platform: options.platform },
    verdicts,
  );
}

/** What {@link listCandidates} needs, from the options of {@link findInterpreter}. */
export function candidateInput(options: FindOptions) {
  return {
    python: options.python,
    projectDir: options.projectDir,
    sourceDirs: options.sourceDirs ?? [],
    env: options.env,
    platform: options.platform,
    homeDir: options.homeDir ?? homedir(),
    broughtDir: options.broughtDir ?? null,
    interpreterKey: options.interpreterKey ?? 'python.interpreter',
  };
}

/** What will make and fill a managed environment; uv without a program is brought. */
export function installerFor(
  python: ResolvedPython,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  disk: DiskView = realDisk,
): { readonly kind: 'pip' } | { readonly kind: 'uv'; readonly program: string | null } {
  if (python.installer === 'pip') return { kind: 'pip' };
  const program = findOnPath('uv', env, platform, disk)[0] ?? null;
  const isThere = program !== null || mayBringUv(python);
  return isThere || python.installer === 'uv' ? { kind: 'uv', program } : { kind: 'pip' };
}

function needFor(installer: ReturnType<typeof installerFor>): InterpreterNeeds['environment'] {
  return installer.kind === 'uv' && installer.program === null ? 'bring' : installer.kind;
}

function needsOf(options: FindOptions, disk: DiskView): InterpreterNeeds {
  const { python, env, platform } = options;
  return {
    version: python.version,
    platform,
    arch: options.arch ?? hostTarget().arch,
    purpose: options.purpose ?? 'freeze',
    environment: python.env.type === 'managed' ? needFor(installerFor(python, env, platform, disk)) : 'none',
  };
}

async function examine(
  candidate: Candidate,
  needs: InterpreterNeeds,
  options: FindOptions,
  seen: Set<string>,
) {
  const refused = (result: Pick<CandidateVerdict, 'problem' | 'detail'>, probe?: InterpreterProbe) => ({
    probe: null,
    verdict: refusal(candidate, needs, result, probe),
  });
  const result = await askCandidate(candidate, options);
  if (!result.ok) return refused(result);
  const { probe } = result;
  if (seen.has(probe.executable)) {
    return { probe: null, verdict: { ...describe(candidate, probe), status: 'same' as const } };
  }
  seen.add(probe.executable);
  const problem = judge(probe, needs);
  if (problem !== null) return refused(problem, probe);
  return { probe, verdict: { ...describe(candidate, probe), status: 'chosen' as const } };
}

/** Probe what a candidate stands for. */
async function askCandidate(candidate: Candidate, options: FindOptions): Promise<ProbeResult> {
  const { env, signal } = options;
  const common = { env, cwd: candidate.cwd, signal };
  let file = candidate.command;
  if (candidate.asks) {
    const answer = await run(file, candidate.args, {
      ...common,
      env: cleanEnvironment(env),
      timeoutMs: 30_000,
    });
    const printed = answer.stdout
      .split(/\r?\n/)
      .map((line) => line.trim())
      .findLast((line) => path.isAbsolute(line));
    if (answer.exitCode !== 0 || printed === undefined) {
      const said = answer.stderr.trim().split(/\r?\n/).at(-1) ?? '';
      return {
        ok: false,
        problem: 'missing',
        detail: `it names no interpreter${said === '' ? '' : ` (${said})`}`,
      };
    }
    file = printed;
  }
  const result = await tryProbe(file, { ...common, args: candidate.asks ? [] : candidate.args });
  if (!result.ok || options.python.env.type !== 'managed') return result;
  const { probe } = result;
  if (probe.prefix === probe.basePrefix || probe.baseExecutable === probe.executable) return result;
  // An environment cannot be based on another one: take the interpreter it was made from.
  return tryProbe(probe.baseExecutable, common);
}

/** @throws PyInstallerError `ERR_CANCELLED` */
function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new PyInstallerError('ERR_CANCELLED', 'Cancelled while preparing the Python environment.');
}
