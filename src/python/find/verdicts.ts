import { PyInstallerError } from '../../errors.js';
import type { Candidate } from './candidate.js';
import { describeProblem, noPythonAdvice, type InterpreterNeeds } from './problems.js';
import type { CandidateVerdict, InterpreterProbe } from '../types.js';
import { formatVersion } from '../../config/version-range.js';

/** What was searched, for the message. */
export interface SearchFacts {
  readonly backend: string | undefined;
  readonly version: string;
  readonly platform: NodeJS.Platform;
}

/** What is known about a candidate before it is judged. */
export function describe(candidate: Candidate, probe: InterpreterProbe | undefined): CandidateVerdict {
  return {
    source: candidate.source,
    origin: candidate.origin,
    command: [candidate.command, ...candidate.args].join(' '),
    status: 'refused',
    executable: probe?.executable ?? null,
    version: probe === undefined ? null : formatVersion(probe.version),
    problem: null,
    detail: '',
    fix: '',
  };
}

/** A candidate that cannot be used, with the reason and the fix. */
export function refusal(
  candidate: Candidate,
  needs: InterpreterNeeds,
  result: Pick<CandidateVerdict, 'problem' | 'detail'>,
  probe: InterpreterProbe | undefined,
): CandidateVerdict {
  const context = {
    version: probe === undefined ? '' : formatVersion(probe.version.slice(0, 2)),
    executable: probe?.executable ?? candidate.command,
    range: needs.version,
    platform: needs.platform,
    arch: needs.arch,
    isConda: probe?.isConda ?? false,
  };
  // "Correct the path" would be no help where a tool was asked for it.
  const hasFix = result.problem !== null && !(candidate.asks && result.problem === 'missing');
  const fix = hasFix ? describeProblem(result.problem, context) : '';
  return { ...describe(candidate, probe), problem: result.problem, detail: result.detail, fix };
}

/** A candidate after the one that was chosen. */
export function notTried(candidate: Candidate): CandidateVerdict {
  return { ...describe(candidate, undefined), status: 'not-tried' };
}

/** Candidates with the same problem beyond these are only counted. */
const shownPerProblem = 3;

/** The error that lists what was tried: a line for each candidate that matters, each fix once. */
export function notFound(options: SearchFacts, verdicts: readonly CandidateVerdict[]): PyInstallerError {
  const subject = options.backend === undefined ? 'the backend' : `the backend "${options.backend}"`;
  const refused = relevant(verdicts);
  const wanted = `a Python that satisfies ${options.version}`;
  const { backend } = options;
  if (refused.length === 0) {
    return new PyInstallerError(
      'ERR_PYTHON',
      `Looked for ${wanted} for ${subject}: there is none on this machine.`,
      { backend, hint: noPythonAdvice(options.platform, options.version) },
    );
  }
  const message = `Looked for ${wanted} for ${subject}: none of those found can be used.\n${lines(refused).join('\n')}`;
  const fixes = [...new Set(refused.map(({ fix }) => fix))].filter((fix) => fix !== '');
  const end = refused.some(isNamed)
    ? 'Nothing else was tried, because this one was named.'
    : `Use one that stands elsewhere with ELECTRON_PYINSTALLER_PYTHON or \`python.interpreter\`.`;
  return new PyInstallerError('ERR_PYTHON', message, { backend, hint: [...fixes, end].join('\n') });
}

function isNamed({ source }: CandidateVerdict): boolean {
  return source === 'config' || source === 'variable' || source === 'environment';
}

/** Where an interpreter answered, commands behind which there is none say nothing, unless they were named. */
function relevant(verdicts: readonly CandidateVerdict[]): readonly CandidateVerdict[] {
  const refused = verdicts.filter((verdict) => verdict.status === 'refused');
  const telling = refused.filter((verdict) => verdict.executable !== null || isNamed(verdict));
  return telling.length === 0 ? refused : telling;
}

function lines(refused: readonly CandidateVerdict[]): string[] {
  const shown = new Map<CandidateVerdict['problem'], number>();
  const rows = refused.flatMap((verdict) => {
    const count = (shown.get(verdict.problem) ?? 0) + 1;
    shown.set(verdict.problem, count);
    const found = verdict.executable ?? verdict.command;
    return count > shownPerProblem ? [] : [`  - ${verdict.origin} (${found}): ${verdict.detail}.`];
  });
  const more = refused.length - rows.length;
  return more === 0
    ? rows
    : [...rows, `  - and ${more} more with the same ${more === 1 ? 'problem' : 'problems'}`];
}
