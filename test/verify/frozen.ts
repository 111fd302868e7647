import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig, resolveConfig, type ResolvedBackend } from '../../src/config/index.js';
import { freezeBackend } from '../../src/freeze/index.js';
import type { FreezeOptions } from '../../src/freeze/types.js';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import type { BackendManifest, RuntimeSettings } from '../../src/runtime/manifest.js';
import { hostTarget } from '../../src/target.js';
import type { VerifyInput } from '../../src/verify/index.js';
import { writeFiles } from '../support/files.js';
import { testCacheDir } from '../support/paths.js';
import { verifyBundle } from '../../src/verify/verify.js';

/** Freeze a backend with the real PyInstaller, without running it; the cache keeps it for the next time. */
export async function frozenBackend(
  files: Readonly<Record<string, string>>,
  config: Readonly<Record<string, unknown>>,
  verify: FreezeOptions['verify'] = verifyBundle,
): Promise<FrozenBackend> {
  const backends = { engine: { source: 'backend', verify: { run: false }, ...config } };
  // Not `temporaryFolder`: this is also called before all tests, and the bundle outlives its project.
  const projectDir = await mkdtemp(path.join(tmpdir(), 'epy projekt-'));
  try {
    const configFile = { 'pyinstaller.config.json': JSON.stringify({ backends }) };
    await writeFiles({ 'package.json': '{"name":"project"}', ...configFile, ...files }, projectDir);
    return await freezeProject(projectDir, verify);
  } finally {
    await rm(projectDir, { recursive: true, force: true });
  }
}

async function freezeProject(projectDir: string, verify: FreezeOptions['verify']): Promise<FrozenBackend> {
  const loaded = await loadConfig({ projectDir });
  const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir: testCacheDir }).backends;
  if (backend === undefined) throw new Error('no backend was resolved');
  return freezeBackend(backend, { cacheDir: testCacheDir, verify });
}

/** What to verify, with changes: of the `verify` group, and of the settings the runtime reads. */
export function verifyInput(
  { backend, bundleDir, manifest }: FrozenBackend,
  verify: Partial<ResolvedBackend['verify']> = {},
  settings: Partial<RuntimeSettings> = {},
): VerifyInput {
  const changed: BackendManifest = { ...manifest, settings: { ...manifest.settings, ...settings } };
  return {
    backend: { ...backend, verify: { ...backend.verify, run: true, ...verify } },
    bundleDir,
    manifest: changed,
  };
}
