import { attempt } from '../attempt.js';
import { stripAnsi } from './ansi.js';

/** What secrets are replaced by. */
export const redacted = '[redacted]';

/** Values of an `Authorization` header, whatever the scheme, and of the token's, however they are printed. */
const secretHeader =
  /(authorization["']?\s*[:=,]\s*b?["']?[\w-]+[ \t]+|electron[-_]pyinstaller[-_]token["']?\s*[:=,]\s*b?["']?)(?!\[redacted\])[^\s"',)\]}]+/gi;

/** Characters of a secret's beginning or end that are recognised alone: a line may have been cut in the middle of it. */
const partLength = 12;

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/**
 * Make a function that removes secrets: the given ones literally (cut in two as well), `Authorization` values, and what the patterns
 * match.
 *
 * @param secrets In base64url; shorter ones than eight characters are no secrets.
 * @param patterns Regular expressions as source text; an invalid one is ignored (the build has checked them).
 */
export function createRedactor(secrets: readonly string[], patterns: readonly string[]): Redact {
  const literal = secrets.filter((secret) => secret.length >= 8);
  const parts = literal
    .filter((secret) => secret.length >= 2 * partLength)
    .flatMap((secret) => {
      const [first, last] = [secret.slice(0, partLength), secret.slice(-partLength)];
      return [
        { text: first, pattern: new RegExp(`${first}[\\w-]{0,${secret.length}}`, 'g') },
        { text: last, pattern: new RegExp(`[\\w-]{0,${secret.length}}${last}`, 'g') },
      ];
    });
  const expressions = patterns.flatMap((pattern) => attempt(() => new RegExp(pattern, 'g')) ?? []);
  const redact: Redact = (text) => {
    let result = text;
    for (const secret of literal) if (result.includes(secret)) result = result.replaceAll(secret, redacted);
    for (const { text: part, pattern } of parts)
      if (result.includes(part)) result = result.replace(pattern, redacted);
    if (/authorization|pyinstaller/i.test(result)) result = result.replace(secretHeader, `$1${redacted}`);
    for (const expression of expressions) result = result.replace(expression, redacted);
    return result;
  };
  return (text) => {
    const clean = redact(text);
    const plain = stripAnsi(clean);
    if (plain === clean) return clean;
    // Colours cut a secret into pieces, which stand together again where they are taken out.
    const cleanPlain = redact(plain);
    return cleanPlain === plain ? clean : cleanPlain;
  };
}
