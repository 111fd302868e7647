/**
 * Makes `import` and `require` work inside archives and know `electron`. Node resolves and reads on the mirror; modules keep the
 * archive's URLs, so that `import.meta.url` and `__dirname` say what they say in Electron.
 */
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isInternalThread } from 'node:worker_threads';
import { fromMirror, toMirror } from './mirror.ts';

const electronNames = new Set(['electron', 'electron/main', 'electron/common']);

/** @param folder where `electron.cjs`, `electron.mjs` and `original-fs.cjs` of the distribution stand. */
export function patchModules(folder: string): void {
  // Node's own thread for asynchronous hooks (Yarn PnP has some) cannot resolve synchronously.
  if (isInternalThread) return;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const imported = context.conditions.includes('import');
      if (electronNames.has(specifier))
        return own(path.join(folder, imported ? 'electron.mjs' : 'electron.cjs'));
      if (specifier === 'original-fs' || specifier === 'node:original-fs')
        return own(path.join(folder, 'original-fs.cjs'));
      const parent = mirrorOfUrl(context.parentURL);
      const direct = mirrorOfSpecifier(specifier);
      if (parent === null && direct === null) return nextResolve(specifier, context);
      if (imported) {
        const resolved = nextResolve(direct === null ? specifier : pathToFileURL(direct).href, {
          ...context,
          ...(parent === null ? {} : { parentURL: pathToFileURL(parent).href }),
        });
        return { ...resolved, url: archiveUrl(resolved.url), shortCircuit: true };
      }
      // For `require` Node ignores a changed parent: ask a require function that stands in the mirror.
      const file = createRequire(parent ?? __filename).resolve(direct ?? specifier);
      const url = path.isAbsolute(file)
        ? pathToFileURL(fromMirror(file)).href
        : `node:${file.replace(/^node:/, '')}`;
      return { url, shortCircuit: true };
    },
    load(url, context, nextLoad) {
      const mirrored = mirrorOfUrl(url);
      if (mirrored === null) return nextLoad(url, context);
      return { ...nextLoad(pathToFileURL(mirrored).href, context), shortCircuit: true };
    },
  });
}

function own(file: string): { url: string; format: string; shortCircuit: true } {
  const format = file.endsWith('.mjs') ? 'module' : 'commonjs';
  return { url: pathToFileURL(file).href, format, shortCircuit: true };
}

function mirrorOfUrl(url: string | undefined): string | null {
  return url?.startsWith('file:') === true ? toMirror(fileURLToPath(url)) : null;
}

function mirrorOfSpecifier(specifier: string): string | null {
  if (specifier.startsWith('file:')) return mirrorOfUrl(specifier);
  return path.isAbsolute(specifier) ? toMirror(specifier) : null;
}

function archiveUrl(url: string): string {
  return url.startsWith('file:') ? pathToFileURL(fromMirror(fileURLToPath(url))).href : url;
}
