/** What secrets are replaced by. */
export const redacted = '[redacted]';

/** Values of an `Authorization` header, however it is printed. */
const authorization = /(authorization["']?\s*[:=,]\s*b?["']?(?:bearer|basic)\s+)[^\s"',)\]}]+/gi;

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/**
 * Make a function that removes secrets: the given ones literally, `Authorization` values, and what the patterns match.
 *
 * @param patterns Regular expressions as source text; an invalid one is ignored (the build has checked them).
 */
export function createRedactor(secrets: readonly string[], patterns: readonly string[]): Redact {
  const literal = secrets.filter((secret) => secret.length >= 8);
  const expressions = patterns.flatMap((pattern) => {
    try {
      return [new RegExp(pattern, 'g')];
    } catch {
      return [];
    }
  });
  return (text) => {
    let result = text;
    for (const secret of literal) if (result.includes(secret)) result = result.replaceAll(secret, redacted);
    if (/authorization/i.test(result)) result = result.replace(authorization, `$1${redacted}`);
    for (const expression of expressions) result = result.replace(expression, redacted);
    return result;
  };
}
