import type { ResolvedBackend } from '../../config/resolved.js';
import { buildTable } from './table.js';

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
export interface Diagnosis {
  readonly id: string;
  /** One sentence. */
  readonly cause: string;
  /** The line that gave it away. */
  readonly evidence: string;
  /** The exact edit or command. */
  readonly fix: string;
}

/** Find the cause of a failed build; null: not a known one. Pure. */
export function diagnoseBuild(backend: ResolvedBackend, evidence: BuildEvidence): Diagnosis | null {
  if (evidence.signal === 'SIGKILL') {
    return {
      id: 'out-of-memory',
      cause: 'The system killed PyInstaller, almost always for lack of memory.',
      evidence: evidence.lastStage,
      fix: `Free memory or build on a larger machine; leave big packages out with excludes in ${backend.configPath}.`,
    };
  }
  for (const row of buildTable) {
    for (const line of evidence.lines) {
      const match = row.pattern.exec(line);
      if (match === null) continue;
      return { id: row.id, cause: row.cause(match), evidence: line, fix: row.fix(match, backend) };
    }
  }
  return null;
}
