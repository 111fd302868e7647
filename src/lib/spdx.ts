import parseExpression from 'spdx-expression-parse';

/** Whether a text is an SPDX license expression, e.g. `MIT OR Apache-2.0`. */
export function isExpression(text: string): boolean {
  return parsed(text) !== null;
}

/**
 * A license of an SPDX expression that a deny list does not allow; null: it can be used without any of them.
 *
 * Of `A OR B` one has to be allowed, of `A AND B` both. A license with an exception is another one than without: denied is
 * `GPL-2.0-only WITH Classpath-exception-2.0` only when it is listed with its exception.
 *
 * @param denied SPDX identifiers, with ` WITH …` where an exception belongs to it.
 */
export function deniedLicense(expression: string, denied: readonly string[]): string | null {
  const info = parsed(expression);
  const list = new Set(denied.map((id) => id.toLowerCase()));
  return info === null ? null : deniedIn(info, list);
}

function deniedIn(info: parseExpression.Info, denied: ReadonlySet<string>): string | null {
  if (!('conjunction' in info)) {
    const { license, plus, exception } = info;
    const id = `${license}${plus === true ? '+' : ''}${exception === undefined ? '' : ` WITH ${exception}`}`;
    return denied.has(id.toLowerCase()) ? id : null;
  }
  const left = deniedIn(info.left, denied);
  const right = deniedIn(info.right, denied);
  if (info.conjunction === 'and') return left ?? right;
  return left !== null && right !== null ? left : null;
}

function parsed(text: string): parseExpression.Info | null {
  try {
    return parseExpression(text);
  } catch {
    return null;
  }
}
