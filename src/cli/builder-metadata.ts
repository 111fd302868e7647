import path from 'node:path';
import { metadataKey } from '../hosts/electron-builder/config-source.js';
import { asRecord, readJson, readText } from '../lib/files.js';

/** A configuration found in electron-builder's own, in the form that `loadConfig` takes. */
export interface BuilderSource {
  readonly file?: string;
  readonly inline?: unknown;
  readonly inlineSource?: string;
  readonly inlinePrefix?: readonly string[];
}

const prefix = ['extraMetadata', metadataKey];

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
    const text = await readText(path.join(projectDir, name));
    if (text === null) continue;
    const { parse } = await import('../lib/yaml.js');
    return toSource(parse(text), name, prefix);
  }
  return null;
}

function toSource(
  config: unknown,
  inlineSource: string,
  inlinePrefix: readonly string[],
): BuilderSource | null {
  const value = asRecord(asRecord(config)?.['extraMetadata'])?.[metadataKey];
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? { file: value } : { inline: value, inlineSource, inlinePrefix };
}
