import path from 'node:path';
import type { Target } from '../../target.js';
import { cacheDirVariable, defaultCacheDir } from '../find/cache-dir.js';
import type { LoadedConfig } from '../find/load.js';
import { mergePlatforms } from '../find/merge.js';
import { formatPath, formatProblem, problemsError, type ConfigPath, type Problem } from '../check/problem.js';
import { resolveBackend } from './backend.js';
import { checkBetween, type NamedBackend } from './between.js';
import { ignoringTypes } from './generated-files.js';
import type { BackendContext } from './context.js';
import { statOrNull } from './paths.js';
import type { ResolvedConfig } from '../resolved.js';

/** What {@link resolveConfig} is given besides the configuration. */
export interface ResolveOptions {
  /** The platform and architecture to freeze for. */
  readonly target: Target;
  /** Cache folder; goes before the configuration and the environment. */
  readonly cacheDir?: string;
}

/**
 * Turn a loaded configuration into what the engine works with, for one target: overrides of the platform merged, every
 * default applied, every path absolute, the rules between keys checked, and every file and folder it names looked for.
 *
 * @throws PyInstallerError `ERR_CONFIG` (or `ERR_NOT_FOUND` when nothing but files is missing) with one line for each
 * problem.
 */
export function resolveConfig(loaded: LoadedConfig, options: ResolveOptions): ResolvedConfig {
  const { config, projectDir, configFile } = loaded;
  const { target } = options;
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const resolved: NamedBackend[] = [];
  const names = Object.keys(config.backends);
  if (names.length === 0)
    problems.push({
      path: ['backends'],
      text: "the object is empty; name at least one backend, such as engine: { entry: { asgi: 'main:app' } }",
    });
  checkNames(names, problems);
  const generateProblems: Problem[] = [];
  const generate = resolveGenerate(loaded, generateProblems);
  for (const [name, written] of Object.entries(config.backends)) {
    const { config: merged, origin } = mergePlatforms(written, target, ['backends', name]);
    const note = (at: ConfigPath, text: string, missing: boolean): void => {
      const problem: Problem = { path: origin(at), text, ...(missing ? { missing } : {}) };
      problems.push(problem);
    };
    const context: BackendContext = {
      name,
      projectDir,
      target,
      problem: (at, text) => note(at, text, false),
      missing: (at, text) => note(at, text, true),
      warn: (at, text) => warnings.push(formatProblem(loaded, { path: origin(at), text })),
      shown: (at) => formatPath([...loaded.prefix, ...origin(at)]),
    };
    const backend = resolveBackend(context, merged, { configFile, generate });
    if (backend !== null) resolved.push({ backend, problem: context.problem });
  }
  checkBetween(resolved, names);
  problems.push(...generateProblems);
  if (problems.length > 0) throw problemsError(loaded, problems);
  return {
    projectDir,
    configFile,
    target,
    cacheDir: resolveCacheDir(loaded, options),
    backends: ignoringTypes(resolved.map(({ backend }) => backend)),
    generate,
    warnings,
  };
}

/** Two names that differ only in case are one folder on Windows and macOS. */
function checkNames(names: readonly string[], problems: Problem[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other === undefined) seen.set(name.toLowerCase(), name);
    else
      problems.push({
        path: ['backends', name],
        text: `differs from "${other}" only in upper and lower case, which is one folder on Windows and macOS; choose another name`,
      });
  }
}

function resolveCacheDir({ projectDir, config }: LoadedConfig, options: ResolveOptions): string {
  if (options.cacheDir !== undefined) return path.resolve(projectDir, options.cacheDir);
  const fromEnvironment = process.env[cacheDirVariable];
  if (config.cacheDir !== undefined && (fromEnvironment === undefined || fromEnvironment === ''))
    return path.resolve(projectDir, config.cacheDir);
  return defaultCacheDir(process.env, process.platform);
}

function resolveGenerate({ projectDir, config }: LoadedConfig, problems: Problem[]): string | null {
  const { generate } = config;
  if (generate === false) return null;
  if (generate === undefined) {
    const typed =
      statOrNull(path.join(projectDir, 'tsconfig.json')) !== null &&
      statOrNull(path.join(projectDir, 'src'))?.isDirectory() === true;
    return typed ? path.join(projectDir, 'src', 'backends.gen.ts') : null;
  }
  if (!/\.[cm]?ts$/.test(generate))
    problems.push({
      path: ['generate'],
      text: `expected a path that ends in .ts, got ${JSON.stringify(generate.slice(0, 100))}`,
    });
  return path.resolve(projectDir, generate);
}
