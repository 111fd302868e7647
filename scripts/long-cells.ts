/** Cells of tables stay short: what a text says beyond its first sentences goes below the table. Pure. */

/** Words that a cell may have. */
export const cellWords = 40;

/** A text in two parts, cut after a sentence. */
export interface ShortText {
  readonly cell: string;
  /** What stands below the table; null: everything fits. */
  readonly rest: string | null;
}

const below = '(More below.)';

/** Words, as `wc -w` counts them. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** Cut a text that is too long for a cell, which may have to hold `besides` too. */
export function shorten(text: string, besides = ''): ShortText {
  if (countWords(`${text} ${besides}`) <= cellWords) return { cell: text, rest: null };
  const sentences = text.split(/(?<=[.!?]\)?) (?=[A-Z`(])/);
  const fits = (count: number): boolean =>
    countWords(`${sentences.slice(0, count).join(' ')} ${below} ${besides}`) <= cellWords;
  let kept = sentences.length - 1;
  while (kept > 1 && !fits(kept)) kept -= 1;
  return { cell: `${sentences.slice(0, kept).join(' ')} ${below}`, rest: sentences.slice(kept).join(' ') };
}

/** The rests of several texts as a list, each named. Empty when there is none. */
export function listRests(rests: readonly (readonly [name: string, rest: string | null])[]): string {
  const lines = rests.flatMap(([name, rest]) => (rest === null ? [] : [wrapped(`- ${name}: ${rest}`)]));
  return lines.length === 0 ? '' : `\n\n${lines.join('\n')}`;
}

/** Prose in lines of at most 150 characters, so that a change of it can be read in a diff. */
export function wrapped(text: string): string {
  return text.replaceAll(/(?=.{151})(.{1,150}) /g, '$1\n');
}
