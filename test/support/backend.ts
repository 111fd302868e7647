import { plainData } from '../../src/config/check/plain.js';
import { problemsError } from '../../src/config/check/problem.js';
import { resolveConfig } from '../../src/config/resolve/resolve.js';
import type { ResolvedBackend, ResolvedConfig } from '../../src/config/resolved.js';
import { configSchema, type BackendConfig } from '../../src/config/schema/index.js';
import { validate } from '../../src/config/check/validate.js';
import { hostTarget, type Target } from '../../src/target.js';
import { testCacheDir } from './paths.js';

/** Resolve the configuration of several backends with the real schema and the real `resolveConfig`. */
export function resolvedConfig(
  projectDir: string,
  backends: Readonly<Record<string, BackendConfig>>,
  target: Target = hostTarget(),
): ResolvedConfig {
  const origin = { configFile: 'pyinstaller.config.ts', file: null, prefix: [] };
  const { value, problems } = plainData({ backends });
  const wrong = [...problems, ...validate(configSchema, value)];
  if (wrong.length > 0) throw problemsError(origin, wrong);
  return resolveConfig({ ...origin, projectDir, config: { backends } }, { target, cacheDir: testCacheDir });
}

/** One backend called `engine`, resolved by the real `resolveConfig`. */
export function resolvedBackend(
  projectDir: string,
  overrides: BackendConfig,
  target: Target = hostTarget(),
): ResolvedBackend {
  const [backend] = resolvedConfig(projectDir, { engine: overrides }, target).backends;
  if (backend === undefined) throw new Error('no backend was resolved');
  return backend;
}
