import { isExpression } from '../../lib/spdx.js';
import { expressionOf } from './classifiers.js';

/** What the metadata of a package says about its license. */
export interface DeclaredLicense {
  /** An SPDX expression; null: it says none that is one license for certain. */
  readonly expression: string | null;
  /** In its own words: the expression, else its classifiers, else its `License` field; `UNKNOWN`: nothing. */
  readonly declared: string;
  readonly homepage: string | null;
}

/** Read the header of a METADATA file. Pure. `texts` are the license files of the package. */
export function declaredLicense(metadata: string, texts: readonly string[]): DeclaredLicense {
  const header = metadata.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const all = (key: string): string[] =>
    [...header.matchAll(new RegExp(`^${key}:[ \\t]*(.*(?:\\r?\\n[ \\t]+.*)*)$`, 'gim'))].map((match) =>
      (match[1] ?? '').trim(),
    );
  const homepage = all('Home-page')[0] ?? urlOf(all('Project-URL'));
  const [written] = all('License-Expression');
  if (written !== undefined && isExpression(written))
    return { expression: written, declared: written, homepage };
  const classified = all('Classifier')
    .filter((line) => line.startsWith('License :: '))
    .map((line) => line.split(' :: ').at(-1) ?? '')
    .filter((line) => line !== 'OSI Approved');
  const field = all('License')[0] ?? '';
  const fieldText = field === 'UNKNOWN' ? '' : field;
  const declared = written ?? (classified.length > 0 ? classified.join('; ') : fieldText || 'UNKNOWN');
  return { expression: ofWords(classified, fieldText, texts), declared, homepage };
}

function ofWords(classified: readonly string[], field: string, texts: readonly string[]): string | null {
  const fromField = field === '' ? null : expressionOf(field, texts);
  if (classified.length === 0) return fromField;
  // Several classifiers do not say whether one may choose. The field often does.
  if (classified.length > 1) return fromField;
  return expressionOf(classified[0] ?? '', texts) ?? fromField;
}

function urlOf(lines: readonly string[]): string | null {
  const urls = lines.map((line) => /^([^,]*),\s*(\S+)$/.exec(line));
  const wanted = ['homepage', 'home', 'repository', 'source', 'source code'];
  const found = urls.find((match) => match !== null && wanted.includes((match[1] ?? '').toLowerCase()));
  return (found ?? urls[0])?.[2] ?? null;
}
