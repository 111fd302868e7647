import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isFile } from '../../lib/files.js';
import { isInside } from '../../lib/paths.js';
import { appEntryPoints } from './runtime-package.js';

/** What the main process imports when it is not bundled. */
const specifiers: readonly string[] = appEntryPoints.map((entry) => `electron-pyinstaller/${entry}`);

/**
 * Tell whether the app's main process loads the runtime from node_modules: it was not bundled, so the import still stands
 * in it. Followed from `main` through relative imports; a bundler leaves none of the runtime's.
 *
 * Only plain texts are seen (`require('./x')`, `import … from './x'`), as bundlers see them.
 *
 * @param appDir - absolute folder with the app's package.json
 * @param main - its `main`; undefined: `index.js`
 */
export async function importsRuntime(appDir: string, main: string | undefined): Promise<boolean> {
  const seen = new Set<string>();
  const queue = [path.resolve(appDir, main ?? 'index.js')];
  for (let wanted = queue.pop(); wanted !== undefined; wanted = queue.pop()) {
    const file = await findModule(wanted);
    if (file === null || seen.has(file) || !isInside(appDir, file)) continue;
    seen.add(file);
    for (const specifier of importsOf(await readFile(file, 'utf8'))) {
      if (specifiers.includes(specifier)) return true;
      if (/^\.\.?(?:\/|$)/.test(specifier)) queue.push(path.resolve(path.dirname(file), specifier));
    }
  }
  return false;
}

/** Every module a text imports or requires by a plain name. Pure. */
export function importsOf(text: string): string[] {
  const imports =
    /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(?:"([^"\n]+)"|'([^'\n]+)'|`([^`\n$]+)`)/g;
  return [...text.matchAll(imports)].map(([, ...quoted]) => quoted.find((one) => one !== undefined) ?? '');
}

/** The script a path stands for, as `require` completes it; null: none, or not a script. */
async function findModule(wanted: string): Promise<string | null> {
  for (const ending of ['', '.js', '.cjs', '.mjs', '/index.js', '/index.cjs', '/index.mjs']) {
    const file = `${wanted}${ending}`;
    if (/\.[cm]?js$/.test(file) && (await isFile(file))) return file;
  }
  return null;
}
