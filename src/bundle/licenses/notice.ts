import type { LicensedPart } from './list-licenses.js';

const rule = '='.repeat(78);

/** The file for the app: who has written what, and under which license, with the texts. Ends of lines are `\n`. Pure. */
export function noticeText(parts: readonly LicensedPart[]): string {
  const head = `This program contains the following third-party software.\n\n${parts.map((part) => `  ${titleOf(part)}: ${licenseOf(part)}\n`).join('')}`;
  const sections = parts.map((part) => {
    const lines = [rule, titleOf(part), `License: ${licenseOf(part)}`];
    if (part.homepage !== null) lines.push(part.homepage);
    const texts = part.texts.map(
      ({ file, text }) => `\n--- ${file} ---\n\n${text.replaceAll('\r\n', '\n').trimEnd()}\n`,
    );
    return `${lines.join('\n')}\n${texts.join('')}`;
  });
  return [head, ...sections].join('\n');
}

/** `numpy 2.1` */
export function titleOf({ name, version }: LicensedPart): string {
  return version === null || version === '' ? name : `${name} ${version}`;
}

/** The expression; or the part's own words, which are no expression. */
export function licenseOf({ expression, declared }: LicensedPart): string {
  const [line = ''] = declared.split('\n');
  return expression ?? (declared === 'UNKNOWN' ? 'unknown' : `${line.slice(0, 80)} (not an SPDX license)`);
}
