import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BackendManifest, RuntimeSettings } from '../../src/runtime/manifest.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { python, testSettings } from './support.js';

/** A backend of a module of test/fixtures/runtime under the real companion, from source. */
export async function companionBackend(
  kind: BackendManifest['kind'],
  module: string,
  settings: Partial<RuntimeSettings> = {},
): Promise<BackendManifest> {
  const entry = path.join(await temporaryFolder(), 'entry.json');
  const source = path.join(repositoryDir, 'test/fixtures/runtime');
  const isServer = kind === 'http';
  const descriptor = {
    v: 1,
    name: 'engine',
    kind,
    entry: isServer
      ? { type: 'wsgi', module, attribute: 'app' }
      : { type: 'call', module, attribute: 'main' },
    paths: [source],
  };
  await writeFile(entry, JSON.stringify(descriptor));
  return {
    name: 'engine',
    kind,
    companion: isServer ? 'full' : 'lifeline',
    key: 'development',
    versions: { python: '3', pyinstaller: '', package: '0' },
    settings: {
      ...testSettings,
      address: isServer ? { type: 'announce' } : { type: 'none' },
      ...settings,
    },
    program: {
      type: 'development',
      interpreter: python,
      args: [
        '-u',
        '-X',
        'utf8',
        path.join(repositoryDir, 'companion/bootstrap.py'),
        `--electron-pyinstaller-entry=${entry}`,
      ],
      cwd: source,
      env: { PYTHONDONTWRITEBYTECODE: '1' },
      watch: [],
    },
  };
}
