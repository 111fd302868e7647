/** A place in a text; both begin at 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

// `[ !#-[\]-\uffff]`: everything from the space on but `"` and `\`.
const token =
  /[ \t\n\r]*(?:("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([[\]{}:,]))/y;

type Expected = 'value' | 'value or ]' | 'key or }' | 'key' | ':' | ', or end';

/**
 * Where a text stops being JSON, or null when it is JSON.
 *
 * `JSON.parse` says so only in some of its messages.
 */
export function jsonErrorPosition(text: string): TextPosition | null {
  const open: ('{' | '[')[] = [];
  let expected = 'value' as Expected;
  let at = 0;
  token.lastIndex = 0;
  while (!(open.length === 0 && expected === ', or end')) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) return positionAt(text, at + leadingSpace(text, at));
    const [whole, string, scalar, sign] = match;
    const wrong = positionAt(text, at + leadingSpace(text, at));
    at += whole.length;
    const wantsValue = expected === 'value' || expected === 'value or ]';
    if (sign === ']' && open.at(-1) === '[' && (expected === 'value or ]' || expected === ', or end'))
      close();
    else if (sign === '}' && open.at(-1) === '{' && (expected === 'key or }' || expected === ', or end'))
      close();
    else if (wantsValue && sign === '{') begin('{');
    else if (wantsValue && sign === '[') begin('[');
    else if (wantsValue && (string !== undefined || scalar !== undefined)) expected = ', or end';
    else if ((expected === 'key' || expected === 'key or }') && string !== undefined) expected = ':';
    else if (expected === ':' && sign === ':') expected = 'value';
    else if (expected === ', or end' && sign === ',') expected = open.at(-1) === '{' ? 'key' : 'value';
    else return wrong;
  }
  const rest = leadingSpace(text, at);
  return at + rest === text.length ? null : positionAt(text, at + rest);

  function begin(sign: '{' | '['): void {
    open.push(sign);
    expected = sign === '{' ? 'key or }' : 'value or ]';
  }

  function close(): void {
    open.pop();
    expected = ', or end';
  }
}

function leadingSpace(text: string, from: number): number {
  let count = 0;
  while (' \t\n\r'.includes(text[from + count] ?? 'x')) count += 1;
  return count;
}

/** Line and column of an index. */
export function positionAt(text: string, index: number): TextPosition {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
