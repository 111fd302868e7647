import path from 'node:path';
import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import { relativeInside } from '../../lib/paths.js';
import { developmentManifestPath } from '../../runtime/manifest.js';

/** What is kept out of the packaged app, because only the build needs it. Paths relative to the app folder, `/` between. */
export interface Exclusions {
  /** Folders and files that are left out whole. */
  readonly paths: readonly string[];
  /**
   * Folders (`.` for the app itself) from which only Python's files are left out, because the app's own code stands there
   * too.
   */
  readonly pythonIn: readonly string[];
}

/** Facts about the app that decide whether a source folder may be left out whole. */
export interface AppFacts {
  /** Absolute folder that becomes the app (where its package.json is). */
  readonly appDir: string;
  /** `main` of that package.json, as written. */
  readonly main: string | undefined;
  /** True: that package.json holds our configuration, under `pyinstaller`. */
  readonly hasConfigKey: boolean;
  /** Virtual environments found below the app folder, absolute. */
  readonly environments: readonly string[];
  /** Bundles that were frozen into a folder of the project, absolute. */
  readonly bundles: readonly string[];
  /** Configuration files found in the project, absolute. */
  readonly configFiles: readonly string[];
}

/** Files of Python that are dead weight in a packaged app: the frozen program brings its own copies. */
export const pythonFile = /\.(?:py|pyi|pyc|pyo|pyd|pyx)$/;

/**
 * Decide what must not be shipped: the backends' sources, their environments, requirement and spec files, our
 * configuration and caches.
 *
 * A source folder that also holds the app's own `main` is not left out whole; there only Python's files are.
 *
 * @param configs - the configuration resolved for every target: each may have sources and prebuilt bundles of its own
 */
export function findExclusions(configs: readonly ResolvedConfig[], facts: AppFacts): Exclusions {
  const whole = new Set<string>();
  const pythonIn = new Set<string>();
  const add = (absolute: string) => {
    const relative = relativeInside(facts.appDir, absolute);
    if (relative !== null && relative !== '.') whole.add(relative);
  };
  const mainFile = path.resolve(facts.appDir, facts.main ?? 'index.js');

  for (const backend of configs.flatMap(({ backends }) => backends)) {
    for (const folder of backend.source) {
      const relative = relativeInside(facts.appDir, folder);
      if (relative === null) continue;
      if (relative === '.' || relativeInside(folder, mainFile) !== null) pythonIn.add(relative);
      else whole.add(relative);
    }
    for (const file of buildOnlyFiles(backend)) add(file);
  }
  for (const folder of [...facts.environments, ...facts.bundles]) add(folder);
  for (const file of facts.configFiles) add(file);
  for (const { cacheDir } of configs) add(cacheDir);
  add(path.join(facts.appDir, path.dirname(developmentManifestPath)));
  return { paths: withoutNested([...whole]), pythonIn: [...pythonIn].sort() };
}

/** Files outside the source folders that only freezing needs. */
function buildOnlyFiles(backend: ResolvedBackend): string[] {
  const { requirements, entry, python, prebuilt } = backend;
  const files: string[] = [];
  if (requirements.type === 'pip') files.push(...requirements.files);
  if (requirements.type === 'lock') files.push(requirements.file);
  if (entry.type === 'spec' || entry.type === 'script') files.push(entry.file);
  if (python.env.type === 'path') files.push(python.env.directory);
  if (prebuilt !== null) files.push(prebuilt);
  files.push(...backend.pyinstaller.hooks, ...backend.pyinstaller.runtimeHooks);
  return files;
}

function withoutNested(paths: readonly string[]): string[] {
  return paths.filter((one) => !paths.some((other) => one.startsWith(`${other}/`))).sort();
}
