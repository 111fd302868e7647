import { buildTable, placeWriter, type DiagnosisPlace } from './table.js';

/** What is known about a failed build. */
export interface BuildEvidence {
  /** What was said, the most telling lines first. */
  readonly lines: readonly string[];
  /** Signal that ended the driver; null: none. */
  readonly signal: string | null;
  /** The last thing PyInstaller was doing. */
  readonly lastStage: string;
}

/** A cause, found by its evidence. */
export interface BuildDiagnosis {
  readonly id: string;
  /** One sentence. */
  readonly cause: string;
  /** The line that gave it away. */
  readonly evidence: string;
  /** The exact edit or command. */
  readonly fix: string;
}

/** Find the cause of a failed build; null: not a known one. Pure. */
export function diagnoseBuild(place: DiagnosisPlace, evidence: BuildEvidence): BuildDiagnosis | null {
  if (evidence.signal === 'SIGKILL') {
    return {
      id: 'out-of-memory',
      cause: 'The system killed PyInstaller, almost always for lack of memory.',
      evidence: evidence.lastStage,
      fix: `Free memory or build on a larger machine; leave big packages out with excludes in ${place.configPath}.`,
    };
  }
  const set = placeWriter(place);
  for (const row of buildTable) {
    for (const line of evidence.lines) {
      const match = row.pattern.exec(line);
      if (match === null) continue;
      const groups = match.slice(1);
      return { id: row.id, cause: row.cause(groups), evidence: firstLine(match), fix: row.fix(groups, set) };
    }
  }
  return null;
}

/** The line of a longer text in which the pattern was found. */
function firstLine(match: RegExpExecArray): string {
  const start = match.input.lastIndexOf('\n', match.index) + 1;
  const end = match.input.indexOf('\n', match.index + match[0].length);
  return match.input.slice(start, end < 0 ? undefined : end).trim();
}
