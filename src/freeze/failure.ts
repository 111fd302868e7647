import type { ResolvedBackend } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';
import { diagnose } from '../advice/diagnose.js';
import type { DriverOutcome } from './driver/driver.js';
import type { DriverProblem } from './driver/records.js';
import type { Finding } from './strict/finding.js';
import { judgeProblems } from './strict/strict.js';
import { describeEnd } from '../lib/run.js';

/** The error for a run of the driver that did not end well. */
export function driverFailure(
  backend: ResolvedBackend,
  outcome: DriverOutcome,
  logFile: string,
): PyInstallerError {
  const problems = outcome.records.filter((record) => record.type === 'problem') as DriverProblem[];
  if (problems.length > 0) return findingsFailure(backend, judgeProblems(backend, problems), logFile);
  const crash = outcome.records.find((record) => record.type === 'crash');
  const exit = outcome.records.find((record) => record.type === 'exit');
  const said = exit?.message ?? crash?.error ?? outcome.output.findLast((line) => line.trim() !== '') ?? '';
  const how = describeEnd(outcome);
  const errors = outcome.records.flatMap((record) =>
    record.type === 'log' && ['ERROR', 'CRITICAL', 'FATAL'].includes(record.level) ? [record.message] : [],
  );
  const lines = [said, ...errors, crash?.traceback ?? '', ...outcome.output].filter((line) => line !== '');
  const [diagnosis] = diagnose('build', [...lines, `PyInstaller ended with ${how}`].join('\n'), backend);
  const seen = said === '' ? how : `${firstLine(said)} (${how})`;
  return new PyInstallerError(
    'ERR_FREEZE',
    `Freezing backend ${backend.name} failed: ${seen}.${diagnosis === undefined ? '' : `\n${diagnosis.cause}`}`,
    {
      backend: backend.name,
      file: backend.configFile,
      path: backend.configPath,
      log: logFile,
      hint: diagnosis?.edit ?? 'Read the end of the full log.',
    },
  );
}

/** The error for everything that strict checks found, all in one message. */
export function findingsFailure(
  backend: ResolvedBackend,
  findings: readonly Finding[],
  logFile: string,
): PyInstallerError {
  const shown = findings.slice(0, maxShown);
  const rows = shown.map((finding) => `- ${finding.message}\n  ${finding.fix}`);
  if (findings.length > shown.length) rows.push(`- and ${findings.length - shown.length} more of this kind`);
  const [only] = findings;
  const single = findings.length === 1 && only !== undefined;
  return new PyInstallerError(
    findings.every((finding) => finding.rule === 'request') ? 'ERR_NOT_FOUND' : 'ERR_FREEZE',
    single
      ? `Freezing backend ${backend.name}: ${only.message}`
      : `Freezing backend ${backend.name}: ${findings.length} problems.\n${rows.join('\n')}`,
    {
      backend: backend.name,
      file: backend.configFile,
      path: backend.configPath,
      log: logFile,
      ...(single ? { hint: only.fix } : {}),
    },
  );
}

const maxShown = 12;

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}
