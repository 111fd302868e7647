import { parse, type ParseError } from 'jsonc-parser';

/** A place in a text; both begin at 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a text stops being JSON, or null when it is JSON.
 *
 * `JSON.parse` says so only in some of its messages.
 */
export function jsonErrorPosition(text: string): TextPosition | null {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [first] = errors;
  return first === undefined ? null : positionAt(text, first.offset);
}

/** Line and column of an index. */
export function positionAt(text: string, index: number): TextPosition {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
