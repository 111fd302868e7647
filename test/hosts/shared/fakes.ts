import path from 'node:path';
import type { ResolvedBackend, ResolvedConfig } from '../../../src/config/resolved.js';
import type { FrozenBackend } from '../../../src/bundle/frozen.js';
import type { BackendManifest, ManifestFile } from '../../../src/runtime/manifest.js';
import { hostTarget } from '../../../src/target.js';

/** A resolved backend with the few fields that hosts look at; the real one is made by `resolveConfig`. */
export function fakeBackend(changes: Partial<ResolvedBackend> = {}): ResolvedBackend {
  return {
    name: 'engine',
    kind: 'http',
    target: hostTarget(),
    source: [],
    requirements: { type: 'none' },
    entry: { type: 'asgi', module: 'main', attribute: 'app' },
    python: { env: { type: 'managed' } },
    pyinstaller: { mode: 'onedir', hooks: [], runtimeHooks: [], entitlements: null },
    prebuilt: null,
    ...changes,
  } as ResolvedBackend;
}

/** A resolved configuration around backends. */
export function fakeConfig(
  projectDir: string,
  backends: readonly ResolvedBackend[],
  cacheDir = path.resolve('/cache'),
): ResolvedConfig {
  return {
    projectDir,
    configFile: path.join(projectDir, 'pyinstaller.config.ts'),
    target: hostTarget(),
    cacheDir,
    backends,
    generate: null,
    warnings: [],
  };
}

/** A frozen backend that points to a folder, with the given digest list. */
export function fakeFrozen(
  bundleDir: string,
  files: readonly ManifestFile[],
  changes: Partial<ResolvedBackend> = {},
): FrozenBackend {
  const backend = fakeBackend(changes);
  const { arch, platform } = backend.target;
  const manifest = {
    name: backend.name,
    kind: backend.kind,
    companion: 'none',
    key: `key-${arch}`,
    versions: { python: '3.11.7', pyinstaller: '6.22.3', package: '0.0.0' },
    settings: { integrity: 'exe' },
    program: {
      type: 'frozen',
      mode: 'onedir',
      platform,
      directories: { [arch]: backend.name },
      executable: backend.name,
      files: { [arch]: files },
    },
  } as unknown as BackendManifest;
  return {
    backend,
    bundleDir,
    manifest,
    key: manifest.key,
    cached: false,
    elapsedMs: 1,
    sizeBytes: 1,
    fileCount: files.length,
    warnings: [],
  };
}

/** One file of a digest list. */
export function fakeFile(name: string, changes: Partial<ManifestFile & { type: 'file' }> = {}): ManifestFile {
  return {
    type: 'file',
    path: name,
    size: 0,
    digest: '',
    algorithm: 'sha256',
    core: false,
    executable: false,
    ...changes,
  };
}
