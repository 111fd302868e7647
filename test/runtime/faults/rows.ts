import type { FaultNumber } from './catalogue.js';

/** Where `npm run reliability` wants the rows of docs/reliability.md; null: nobody does. One JSON object a line. */
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
