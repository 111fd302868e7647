/**
 * Replace everything in JavaScript or TypeScript source that is not code (comments, the inside of strings and templates)
 * by spaces, keeping every position. What is left can be searched without mistaking a comment for code.
 *
 * Regular expression literals are not recognised; a configuration file that holds one with a quote in it is simply not
 * edited but explained.
 */
export function maskCode(text: string): string {
  let result = '';
  let index = 0;
  const keep = (count: number) => {
    result += text.slice(index, index + count);
    index += count;
  };
  const hide = (end: number) => {
    result += text.slice(index, end).replaceAll(/[^\n]/g, ' ');
    index = end;
  };
  while (index < text.length) {
    const two = text.slice(index, index + 2);
    const one = two.charAt(0);
    if (two === '//') hide(endOf(text, '\n', index));
    else if (two === '/*') hide(Math.min(text.length, endOf(text, '*/', index + 2) + 2));
    else if (one === "'" || one === '"' || one === '`') {
      keep(1);
      hide(endOfString(text, one, index));
      keep(1);
    } else keep(1);
  }
  return result.slice(0, text.length);
}

/** Where the bracket at a position of masked code is closed; the end of the code when it is not. */
export function closingBracket(code: string, start: number): number {
  let depth = 0;
  for (let index = start; index < code.length; index++) {
    const character = code.charAt(index);
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth === 0) return index;
  }
  return code.length;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found;
}

function endOfString(text: string, quote: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\\') index++;
    else if (character === quote) return index;
    else if (character === '\n' && quote !== '`') return index;
  }
  return text.length;
}
