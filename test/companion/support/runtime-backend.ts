import { EventEmitter } from 'node:events';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { defaultSettings } from '../../../src/runtime/default-settings.js';
import { type Backend, type BackendManifest, createBackend } from '../../../src/runtime/index.js';
import { TokenWatch } from '../../security/ledger.js';
import { temporaryFolder } from '../../support/files.js';
import { type BackendSetup, prepare } from './backend.js';

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly #folder: string;

  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  getAppPath(): string {
    return this.#folder;
  }

  getPath(name: string): string {
    return path.join(this.#folder, name);
  }

  quit(): void {
    this.emit('will-quit', { preventDefault: () => {} });
  }
}

/** A backend of the production runtime that runs a program under the companion's bootstrap. */
export async function runtimeBackend(
  setup: BackendSetup,
  kind: BackendManifest['kind'],
  settings: Partial<BackendManifest['settings']> = {},
): Promise<Backend> {
  const { folder, command, args } = await prepare({ ...setup, handshake: { kind } });
  const manifest: BackendManifest = {
    name: 'engine',
    kind,
    companion: ['asgi', 'wsgi'].includes(String(setup.entry['type'])) ? 'full' : 'lifeline',
    key: 'development',
    versions: { python: '3', pyinstaller: '', package: '0' },
    settings: { ...defaultSettings, stop: { ...defaultSettings.stop, graceMs: 2000 }, ...settings },
    program: { type: 'development', interpreter: command, args, cwd: folder, env: {}, watch: [] },
  };
  const home = await temporaryFolder();
  const app = new App(home);
  const backend = createBackend({
    app,
    name: 'engine',
    manifest: { version: 1, backends: { engine: manifest } },
  });
  const watch = new TokenWatch(backend);
  onTestFinished(() => watch.end(home));
  return backend;
}
