import path from 'node:path';
import { parse } from 'smol-toml';
import { asRecord, namesIn, readText } from '../../lib/files.js';
import { withSlashes } from '../../lib/paths.js';

/** Files that say which packages a program needs, the surest first. */
const ranked: readonly RegExp[] = [
  /^uv\.lock$/,
  /^poetry\.lock$/,
  /^pdm\.lock$/,
  /^Pipfile\.lock$/,
  /^requirements\.txt$/i,
  /^requirements[-_.](?:prod|production|base|main|app|backend|server|runtime)\.txt$/i,
  /^requirements\.in$/i,
  /^pyproject\.toml$/,
  /^Pipfile$/,
  /^(?:environment|conda|conda[-_]env)\.ya?ml$/i,
  /^requirements[-_.](?!dev|test|lint|doc|ci)\w+\.txt$/i,
];

/**
 * The file with the packages of a program: beside it, else above it, up to the project (or, for a backend elsewhere, to
 * where the project's surroundings end).
 *
 * @param from - absolute folder of the program
 * @param top - absolute folder to stop at
 * @returns an absolute path, or null
 */
export async function findRequirements(from: string, top: string): Promise<string | null> {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found =
      (await inFolder(folder)) ?? (await inFolder(path.join(folder, 'requirements'), requirementSets));
    if (found !== null) return found;
    if (folder === top || path.dirname(folder) === folder) return null;
  }
}

const requirementSets: readonly RegExp[] = [
  /^(?:prod|production)\.txt$/i,
  /^(?:base|main|common|requirements)\.txt$/i,
];

async function inFolder(folder: string, patterns: readonly RegExp[] = ranked): Promise<string | null> {
  const names = await namesIn(folder);
  for (const pattern of patterns) {
    for (const name of names.filter((candidate) => pattern.test(candidate))) {
      const file = path.join(folder, name);
      if (await saysPackages(file, names)) return file;
    }
  }
  return null;
}

async function saysPackages(file: string, beside: readonly string[]): Promise<boolean> {
  const name = path.basename(file);
  // A lock without the project it locks belongs to something else.
  if (/^(?:uv|poetry|pdm)\.lock$/.test(name)) return beside.includes('pyproject.toml');
  if (name !== 'pyproject.toml') return true;
  const project = tables(await readText(file));
  const tool = asRecord(project?.['tool']);
  return (
    asRecord(project?.['project']) !== null || asRecord(asRecord(tool?.['poetry'])?.['dependencies']) !== null
  );
}

function tables(text: string | null): Record<string, unknown> | null {
  try {
    return text === null ? null : asRecord(parse(text));
  } catch {
    return null;
  }
}

/** Names one of these packages somewhere; for choosing between two ways to serve. */
export async function mentionsPackage(file: string | null, packages: readonly string[]): Promise<boolean> {
  const text = file === null ? null : await readText(file);
  return text !== null && packages.some((name) => new RegExp(`(^|[^\\w-])${name}\\b`, 'im').test(text));
}

/** A path as it stands in the configuration. */
export function configPath(projectDir: string, file: string): string {
  return withSlashes(path.relative(projectDir, file)) || '.';
}
