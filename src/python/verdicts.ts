import { PyInstallerError } from '../errors.js';
import type { Candidate } from './candidate.js';
import { describeProblem, noPythonAdvice, type InterpreterNeeds } from './problems.js';
import type { CandidateVerdict, InterpreterProbe } from './types.js';
import { formatVersion } from './version-range.js';

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

/** The error that lists everything that was tried. */
export function notFound(options: SearchFacts, verdicts: readonly CandidateVerdict[]): PyInstallerError {
  const subject = options.backend === undefined ? 'the backend' : `the backend "${options.backend}"`;
  const refused = verdicts.filter((verdict) => verdict.status === 'refused');
  const tried = refused.map((verdict) => {
    const found = verdict.executable ?? verdict.command;
    return `  - ${verdict.origin} (${found}): ${verdict.detail}.${verdict.fix === '' ? '' : `\n    ${verdict.fix}`}`;
  });
  const wanted = `a Python that satisfies ${options.version}`;
  const details = options.backend === undefined ? {} : { backend: options.backend };
  if (tried.length === 0) {
    return new PyInstallerError(
      'ERR_PYTHON',
      `Looked for ${wanted} for ${subject}: there is none on this machine.`,
      {
        ...details,
        hint: noPythonAdvice(options.platform),
      },
    );
  }
  const message = `Looked for ${wanted} for ${subject}: none of those found can be used.\n${tried.join('\n')}`;
  const named = refused.some(
    ({ source }) => source === 'config' || source === 'variable' || source === 'environment',
  );
  return new PyInstallerError('ERR_PYTHON', message, {
    ...details,
    hint: named ? 'Nothing else was tried, because this one was named.' : noPythonAdvice(options.platform),
  });
}
