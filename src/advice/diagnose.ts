import { stripVTControlCharacters } from 'node:util';
import { findFailures } from '../runtime/life/failure-rows.js';
import type { BundlePlace } from './bundle-file.js';
import { packageOf } from './distribution-names.js';
import type { ProgramOrigins } from './origins.js';
import type { AdviceContext, FailureStage } from './row.js';
import { adviceTable } from './table.js';
import { inOrderOfWeight } from './traceback.js';

/** What advice may refer to. */
export interface AdvicePlace {
  /** Where the configuration is, for messages, e.g. `pyinstaller.config.ts`; left out: not known. */
  readonly configFile?: string;
  /** Place of the backend in it, e.g. `backends.engine`. */
  readonly configPath: string;
  /** Normalised names of the distributions in the environment; left out: not known. */
  readonly installed?: ReadonlySet<string>;
  /** What the program was frozen from; left out: not known. */
  readonly origins?: ProgramOrigins | undefined;
  /** Where it was run; left out: not known. */
  readonly bundle?: BundlePlace | undefined;
  /** Whether it is a console program; left out: not known. */
  readonly console?: boolean | undefined;
}

/** A failure that was recognised. */
export interface Diagnosis {
  /** Row of the table, e.g. `missing-module`. */
  readonly id: string;
  /** One or more sentences. */
  readonly cause: string;
  /** The line of the output that shows it. */
  readonly evidence: string;
  /** What to do: an edit of the configuration where there is one. */
  readonly edit: string;
}

/**
 * Explain a failure from what was printed.
 *
 * @param output - any amount of text. What nobody caught counts before what was handled or only logged; of two rows that match
 * there, the first of the table.
 * @param limit - how many explanations with different edits are wanted.
 * @returns the explanations that fit, the most telling first; empty when nothing is known.
 */
export function diagnose(stage: FailureStage, output: string, place: AdvicePlace, limit = 1): Diagnosis[] {
  const text = stripVTControlCharacters(output);
  const rows = adviceTable.filter(({ at }) => at.includes(stage));
  const context = contextOf(place);
  const all = [...findFailures(rows, text, context)].filter(({ row, index }) => {
    if (row.fits === undefined) return true;
    const pattern = new RegExp(row.pattern, `${row.pattern.flags}y`);
    pattern.lastIndex = index;
    const groups = pattern.exec(text)?.slice(1) ?? [];
    return row.fits(
      groups.filter((group): group is string => group !== undefined),
      context,
    );
  });
  const found = new Map<string, Diagnosis>();
  for (const { row, index, match, cause, edit } of inOrderOfWeight(text, all)) {
    if (found.has(edit)) continue;
    found.set(edit, {
      id: row.id,
      // The runtime's rows are clauses, because it puts them into a sentence of its own.
      cause: row.at.includes('run') ? asSentence(cause) : cause,
      evidence: linesAround(text, index, index + match.length),
      edit,
    });
    if (found.size === limit) break;
  }
  return [...found.values()];
}

/** How advice is worded while something is built. */
export function contextOf({
  configFile = 'the configuration',
  configPath,
  installed,
  origins,
  bundle,
  console,
}: AdvicePlace): AdviceContext {
  return {
    place: configPath,
    program: 'frozen',
    mode: null,
    greeted: false,
    installed,
    origins,
    bundle,
    console,
    add: (line) => `Add \`${line}\` to ${configPath} in ${configFile}.`,
    packageOf,
  };
}

function linesAround(text: string, from: number, to: number): string {
  const start = text.lastIndexOf('\n', from) + 1;
  const end = text.indexOf('\n', Math.max(from, to - 1));
  return text
    .slice(start, end === -1 ? undefined : end)
    .trim()
    .slice(0, 300);
}

/** A clause as a sentence. */
export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Diagnoses as lines for a message. */
export function formatDiagnoses(diagnoses: readonly Diagnosis[]): string {
  return diagnoses
    .map(({ cause, evidence, edit }) => `${cause}\n  seen: ${evidence}\n  fix:  ${edit}`)
    .join('\n');
}
