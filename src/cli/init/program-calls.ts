import path from 'node:path';
import { withSlashes } from '../../lib/paths.js';

const literal = /(["'`])((?:\\.|(?!\1)[^\\]){0,2000})\1/g;
const isCall = /pyinstaller(?:\.exe)?["']?[ \t]/i;
/** `'pyinstaller', [ … ]`, or a list with `'PyInstaller'` in it. */
const list =
  /(?:(["'`])((?:(?!\1).)*pyinstaller(?:\.exe)?)\1\s*,\s*)?\[((?:[^[\]"'`]|(["'`])(?:\\.|(?!\4)[^\\])*\4)*)\]/gi;

/**
 * What a program of Node says to PyInstaller, each as a line of a shell; what is not known stays a variable. Pure.
 *
 * @param folder - of the program, absolute
 */
export function callsIn(text: string, folder: string): string[] {
  const known = text
    .replaceAll(/\bpath\.delimiter\b/g, "':'")
    .replaceAll(/\bpath\.(?:join|resolve)\(([^()]*)\)/g, (whole, inner: string) => {
      const parts = inner.split(',').map((part) => part.trim());
      const texts = parts.flatMap((part) =>
        part === '__dirname' ? folder : [...part.matchAll(literal)].map(([, , inner = '']) => inner),
      );
      return texts.length < parts.length ? whole : `'${withSlashes(path.join(...texts))}'`;
    })
    .replaceAll(/(["'`])\s*\+\s*\1/g, '');
  const lines = [...known.matchAll(literal)].flatMap(([, , line = '']) =>
    isCall.test(line) ? plain(line) : [],
  );
  for (const [, , program, items = ''] of known.matchAll(list)) {
    const words = [...items.matchAll(/(["'`])((?:\\.|(?!\1)[^\\])*)\1|[^,\s"'`][^,"'`]*/g)].map(
      ([whole, quote, inner]) =>
        quote === undefined ? `$(${whole.replaceAll(/[^\w.]/g, '')})` : plain(inner ?? ''),
    );
    if (program !== undefined || words.includes('PyInstaller'))
      lines.push(asLine([...(program === undefined ? [] : [plain(program)]), ...words]));
  }
  return lines;
}

/** Words as a line of a shell. */
export function asLine(words: readonly string[]): string {
  return words.map((word) => (/[\s;&|]/.test(word) ? `"${word}"` : word)).join(' ');
}

/** A literal's text; what it puts in is a variable. */
function plain(text: string): string {
  return text
    .replaceAll(/\$\{([^}]*)\}/g, (_, inner: string) => `$(${inner.replaceAll(/[^\w.]/g, '')})`)
    .replaceAll(/\\(.)/g, '$1')
    .replaceAll(/\s+/g, ' ');
}
