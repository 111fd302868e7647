import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { TargetArch } from '../../target.js';

/**
 * The resources folder inside one of Forge's output folders (`out/<name>-<platform>-<arch>`).
 *
 * @returns absolute; null when the output holds no macOS app
 */
export async function resourcesOf(output: string, platform: string): Promise<string | null> {
  if (platform !== 'darwin' && platform !== 'mas') return path.join(output, 'resources');
  const app = (await readdir(output)).find((name) => name.endsWith('.app'));
  return app === undefined ? null : path.join(output, app, 'Contents', 'Resources');
}

/**
 * Architecture of an output folder, read from the end of its name. A universal app counts as either: it carries both.
 */
export function archOf(output: string): TargetArch | null {
  const word = /-(x64|arm64|ia32|armv7l|universal)$/.exec(path.basename(output))?.[1];
  if (word === undefined) return null;
  return word === 'universal' ? 'x64' : (word as TargetArch);
}
