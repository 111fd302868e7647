import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** A configuration found in electron-builder's own, in the form that `loadConfig` takes. */
export interface BuilderSource {
  readonly file?: string;
  readonly inline?: unknown;
  readonly inlineSource?: string;
  readonly inlinePrefix?: readonly string[];
}

const prefix = ['extraMetadata', '_pyinstaller'];

/**
 * Read `extraMetadata._pyinstaller` where electron-builder would: `build` of package.json hides every other file.
 *
 * @returns null when it is not there, or in a file that is a program
 */
export async function readBuilderMetadata(projectDir: string): Promise<BuilderSource | null> {
  const manifest = asRecord(await readJson(path.join(projectDir, 'package.json')));
  const build = manifest?.['build'];
  if (build !== undefined && build !== null) {
    return toSource(build, 'package.json', ['build', ...prefix]);
  }
  for (const name of ['electron-builder.yml', 'electron-builder.yaml', 'electron-builder.json']) {
    const text = await readFile(path.join(projectDir, name), 'utf8').catch(() => null);
    if (text === null) continue;
    const { parse } = await import('yaml');
    return toSource(parse(text), name, prefix);
  }
  return null;
}

function toSource(
  config: unknown,
  inlineSource: string,
  inlinePrefix: readonly string[],
): BuilderSource | null {
  const value = asRecord(asRecord(config)?.['extraMetadata'])?.['_pyinstaller'];
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? { file: value } : { inline: value, inlineSource, inlinePrefix };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
