import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { provisionEnvironment } from '../../src/python/index.js';
import { createBackend } from '../../src/runtime/index.js';
import type { Backend, BackendOptions } from '../../src/runtime/index.js';
import type { BackendManifest, RuntimeSettings } from '../../src/runtime/manifest.js';
import { FakeApp, manifestOf } from '../runtime/support.js';
import { repositoryDir, testCacheDir } from '../support/paths.js';
import { frozenBackend } from '../verify/frozen.js';

const source = path.join(import.meta.dirname, 'backend');

/** Freeze the backend that is attacked. */
export async function freezeTarget(): Promise<FrozenBackend> {
  const files: Record<string, string> = {};
  for (const name of ['main.py', 'work.py'])
    files[`backend/${name}`] = await readFile(path.join(source, name), 'utf8');
  return frozenBackend(files, {
    entry: { asgi: 'main:app' },
    requirements: ['fastapi==0.165.0', 'uvicorn==0.54.0', 'websockets==17.4'],
    ready: '/health',
  });
}

/** A backend that runs, and what it must not lose. */
export interface Target extends AsyncDisposable {
  readonly backend: Backend;
  readonly app: FakeApp;
  /** The app's folder, user data and logs included. */
  readonly folder: string;
  readonly secret: string;
  readonly url: () => string;
  readonly countChanges: () => Promise<number>;
}

/** Run the frozen backend with the production runtime. */
export async function runFrozen(
  frozen: FrozenBackend,
  settings: Partial<RuntimeSettings> = {},
): Promise<Target> {
  return started(await prepareFrozen(frozen, settings));
}

/** The frozen backend, not started yet. */
export function prepareFrozen(
  frozen: FrozenBackend,
  settings: Partial<RuntimeSettings> = {},
  options: Partial<BackendOptions> = {},
): Promise<Target> {
  const { manifest, bundleDir } = frozen;
  if (manifest.program.type !== 'frozen') throw new Error('not frozen');
  const directories = { [process.arch]: path.basename(bundleDir) };
  const program = { ...manifest.program, directories };
  return prepare(
    { ...manifest, settings: { ...manifest.settings, ...settings }, program },
    {
      resourcesPath: path.dirname(bundleDir),
      ...options,
    },
  );
}

/**
 * Run the same source as many examples do: served by uvicorn itself, open to every origin, nothing of ours in front of it. The runtime
 * only watches it.
 */
export async function runUnprotected(frozen: FrozenBackend): Promise<Target> {
  const environment = await provisionEnvironment(
    frozen.backend,
    { cacheDir: testCacheDir },
    { pyinstaller: 'ignored' },
  );
  const { manifest } = frozen;
  const target = await prepare({
    ...manifest,
    companion: 'none',
    settings: {
      ...manifest.settings,
      address: { type: 'port', host: '127.0.0.1', from: 42_300, to: 42_399 },
      ready: { ...manifest.settings.ready, announced: false },
      args: ['--host', '{host}', '--port', '{port}'],
      env: { FIXTURE_CORS: '1' },
    },
    program: {
      type: 'development',
      interpreter: environment.interpreter,
      args: ['-B', '-m', 'uvicorn', 'main:app'],
      cwd: source,
      env: { PYTHONPATH: path.join(repositoryDir, 'companion') },
      watch: [],
    },
  });
  return started(target);
}

async function prepare(manifest: BackendManifest, options: Partial<BackendOptions> = {}): Promise<Target> {
  const folder = await mkdtemp(path.join(tmpdir(), 'epy sécurité-'));
  const secret = `secret-${randomBytes(12).toString('hex')}`;
  const { settings } = manifest;
  const withSecret = { ...settings, env: { ...settings.env, FIXTURE_SECRET: secret } };
  const app = new FakeApp(folder);
  const backend = createBackend({
    app,
    name: 'engine',
    manifest: manifestOf({ ...manifest, settings: withSecret }),
    ...options,
  });
  return {
    backend,
    app,
    folder,
    secret,
    url: () => {
      if (backend.url === null) throw new Error('the backend does not run');
      return backend.url;
    },
    countChanges: async () => {
      const response = await backend.fetch('/changes');
      return ((await response.json()) as { changes: number }).changes;
    },
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function started(target: Target): Promise<Target> {
  try {
    await target.backend.start();
  } catch (error) {
    await target[Symbol.asyncDispose]();
    throw error;
  }
  return target;
}
