import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isInside, shownPath } from '../../lib/paths.js';
import { escapeRegExp } from '../../lib/text.js';
import { listEdit } from '../config-edit.js';
import type { Audit } from '../driver/records.js';
import type { Finding } from './finding.js';

const isSettings = /\.(?:ya?ml|json|toml|ini|cfg|conf|xml)$/i;
/** What people write by hand is smaller. */
const mostBytes = 1_000_000;

/**
 * Modules of the project that only a file among the data names (`operationId: api.hello`, `class: app.logs.Handler`), and that are not in
 * the bundle. A text counts when it names something that the module defines.
 */
export function judgeNamedInData(
  backend: ResolvedBackend,
  { firstParty, files, laid }: Pick<Audit, 'firstParty' | 'files' | 'laid'>,
): Finding[] {
  const absent = firstParty.filter(({ present }) => !present);
  if (absent.length === 0) return [];
  const sources = new Set([...files.map(([, source]) => source), ...laid.map(({ source }) => source)]);
  const texts = [...sources].flatMap((file) =>
    file !== null && isSettings.test(file) && isInside(backend.projectDir, file)
      ? [{ file, text: textOf(file) }]
      : [],
  );
  const named = absent.flatMap(({ name, file: module }) => {
    const code = textOf(module);
    const naming = new RegExp(`(?<![\\w.])${escapeRegExp(name)}[.:](\\w+)`, 'g');
    for (const { file, text } of texts) {
      const found = [...text.matchAll(naming)].find(([, attribute = '']) => defines(code, attribute));
      if (found === undefined) continue;
      const line = text.slice(0, found.index).split('\n').length;
      return [{ name, place: `${shownPath(backend.projectDir, file)}:${line}`, text: found[0] }];
    }
    return [];
  });
  const edit = listEdit(
    backend,
    'hiddenImports',
    named.map(({ name }) => name),
  );
  return named.map(({ name, place, text }, index) => ({
    severity: 'warning',
    rule: 'loaded-by-name',
    message: `Module ${name} is not in the bundle, and ${place} names something of it (${text}).`,
    fix: index === 0 ? `If it is loaded by that, add ${edit}.` : 'It is in the edit above.',
  }));
}

function defines(code: string, name: string): boolean {
  return new RegExp(`^(?:async def|def|class)\\s+${name}\\b|^${name}\\s*[:=]`, 'm').test(code);
}

function textOf(file: string): string {
  try {
    return statSync(file).size > mostBytes ? '' : readFileSync(path.resolve(file), 'utf8');
  } catch {
    return '';
  }
}
