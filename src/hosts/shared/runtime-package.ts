import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { copy, pathExists, readJson, remove, outputJson } from 'fs-extra/esm';
import { packageDir } from '../../lib/package-root.js';

/** Where an app that is not bundled looks for this package; relative to the app. */
export const runtimePackageFolder = 'node_modules/electron-pyinstaller';

/** What apps import of this package: `electron-pyinstaller/<entry>`. */
export const appEntryPoints = ['runtime', 'preload', 'client', 'diagnose'] as const;

/**
 * Write this package as a packaged app needs it: the runtime, which has no dependencies, and nothing of the build. So it can
 * stay a development dependency, which the hosts leave out of the app.
 *
 * @param directory - absolute folder of the package, as `<app>/node_modules/electron-pyinstaller`; replaced
 */
export async function writeRuntimePackage(directory: string): Promise<void> {
  const { name, version, license } = (await readJson(path.join(packageDir, 'package.json'))) as Record<
    string,
    unknown
  >;
  const entries = appEntryPoints.map((entry) => [
    `./${entry}`,
    { import: `./${entry}.js`, require: `./${entry}.cjs` },
  ]);
  const exports = { ...Object.fromEntries(entries), './package.json': './package.json' };
  await remove(directory);
  for (const file of appEntryPoints.flatMap((entry) => [`${entry}.js`, `${entry}.cjs`]))
    await copy(path.join(packageDir, 'dist/app', file), path.join(directory, file));
  await outputJson(
    path.join(directory, 'package.json'),
    { name, version, license, type: 'module', exports },
    { spaces: 2 },
  );
}

/** True: the app brings a copy of this package already. */
export async function hasRuntimePackage(appDir: string): Promise<boolean> {
  return await pathExists(path.join(appDir, runtimePackageFolder, 'package.json'));
}

/**
 * What to say about a project that has this package among the dependencies which are shipped; null: nothing.
 *
 * @param projectDir - absolute folder with the app's package.json
 */
export async function shippedPackageWarning(projectDir: string): Promise<string | null> {
  const text = await readFile(path.join(projectDir, 'package.json'), 'utf8').catch(() => '{}');
  const { dependencies } = JSON.parse(text) as { dependencies?: Record<string, unknown> | null };
  if (dependencies?.['electron-pyinstaller'] === undefined) return null;
  return (
    'electron-pyinstaller is among the dependencies in package.json, so the app ships the build tool and its packages. ' +
    'Move it: npm install --save-dev electron-pyinstaller. The app gets the runtime all the same.'
  );
}
