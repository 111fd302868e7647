import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FaultNumber } from './catalogue.js';

/** Where `npm run reliability` wants the rows of docs/reliability*.md; null: nobody does. One JSON object a line. */
export const reliabilityFile = process.env['ELECTRON_PYINSTALLER_RELIABILITY'] ?? null;

/** What one fault did to one kind of program. */
export interface ReliabilityRow {
  readonly number: FaultNumber;
  readonly fault: string;
  readonly injected: string;
  readonly expected: string;
  /** `development`, `onedir`, `onefile`, or what else was used. */
  readonly program: string;
  readonly measured: string;
  /** 2: the first try failed. */
  readonly attempt: number;
}

/** With what the frozen programs were made. */
export interface ProgramVersions {
  readonly python: string;
  readonly pyinstaller: string;
}

export function note(line: ReliabilityRow | ProgramVersions): void {
  if (reliabilityFile === null) return;
  mkdirSync(path.dirname(reliabilityFile), { recursive: true });
  appendFileSync(reliabilityFile, `${JSON.stringify(line)}\n`);
}
