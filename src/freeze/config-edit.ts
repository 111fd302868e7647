import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';

/**
 * What to add so that names are in a list of the configuration, and where: `hiddenImports: ['services.*'] to backends.engine in
 * forge.config.ts`; when the list is there already, `'services.*' to the list hiddenImports of …`, with its line where
 * that is certain.
 */
export function listEdit(
  backend: ResolvedBackend,
  key: 'hiddenImports' | 'excludes',
  names: readonly string[],
): string {
  const quoted = names.map((name) => `'${name}'`).join(', ');
  const { configFile } = backend;
  if (backend[key].length === 0) return `${key}: [${quoted}] to ${backend.configPath} in ${configFile}`;
  // `forge.config.ts (PyInstallerPlugin)`
  const [, name = configFile, inside = ''] = /^(.*?)( \(.*\))?$/.exec(configFile) ?? [];
  const line = onlyLineOf(path.resolve(backend.projectDir, name), key);
  const place = line === null ? configFile : `${name}:${line}${inside}`;
  return `${quoted} to the list ${key} of ${backend.configPath} in ${place}`;
}

/** The line on which a key stands; null: on none or several, then nobody can tell which backend's it is. */
function onlyLineOf(file: string, key: string): number | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const pattern = new RegExp(String.raw`^(?!\s*(?://|#|\*)).*\b${key}\b['"]?\s*:`);
  const lines = text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
  return lines.length === 1 ? (lines[0] ?? null) : null;
}
