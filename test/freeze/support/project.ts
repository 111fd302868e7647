import { onTestFinished } from 'vitest';
import { loadConfig, resolveConfig, type ResolvedBackend } from '../../../src/config/index.js';
import { freezeBackend } from '../../../src/freeze/index.js';
import type { EngineEvent } from '../../../src/report.js';
import { hostTarget } from '../../../src/target.js';
import type { FrozenBackend } from '../../../src/bundle/frozen.js';
import type { FreezeOptions } from '../../../src/freeze/types.js';
import { writeFiles } from '../../support/files.js';
import { testCacheDir } from '../../support/paths.js';
import { verifyBundle } from '../../../src/verify/verify.js';

/** Write a project and resolve its configuration. */
export async function makeProject(
  files: Readonly<Record<string, string>>,
  config: unknown,
  folder?: string,
): Promise<{ readonly projectDir: string; readonly backends: readonly ResolvedBackend[] }> {
  const projectDir = await writeFiles(
    { 'package.json': '{"name":"project"}', 'pyinstaller.config.json': JSON.stringify(config), ...files },
    folder,
  );
  const loaded = await loadConfig({ projectDir });
  return {
    projectDir,
    backends: resolveConfig(loaded, { target: hostTarget(), cacheDir: testCacheDir }).backends,
  };
}

/** As {@link makeProject} for one backend called `engine`. */
export async function makeBackend(
  files: Readonly<Record<string, string>>,
  backend: Readonly<Record<string, unknown>>,
  folder?: string,
): Promise<ResolvedBackend> {
  const { backends } = await makeProject(
    files,
    { backends: { engine: { source: 'backend', ...backend } } },
    folder,
  );
  const [only] = backends;
  if (only === undefined) throw new Error('no backend');
  return only;
}

/** Freeze into the cache of all tests and keep the events. */
export async function freeze(
  backend: ResolvedBackend,
  options: Partial<FreezeOptions> = {},
): Promise<{ readonly frozen: FrozenBackend; readonly events: EngineEvent[] }> {
  const events: EngineEvent[] = [];
  const frozen = await freezeBackend(backend, {
    cacheDir: testCacheDir,
    verify: verifyBundle,
    report: (event) => events.push(event),
    ...options,
  });
  return { frozen, events };
}

/** Put an environment variable for the time of the test. */
export function setVariable(name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}
