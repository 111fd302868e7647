import path from 'node:path';
import { expect, test } from 'vitest';
import type { BackendManifest, FrozenProgram } from '../../src/runtime/manifest.js';
import { subjectOf } from '../../src/verify/subject.js';
import { resolvedBackend } from '../support/backend.js';

test.each([
  'pyinstaller.config.json',
  'config/backends.json',
  '/elsewhere/a.json',
  'forge.config.ts (PyInstallerPlugin)',
])(
  'advice names the configuration file as the configuration does, wherever the command runs: %s',
  (configFile) => {
    // This test's working directory is a folder of the project, as with `build --project ..`.
    const backend = { ...resolvedBackend(path.resolve('..'), { entry: { asgi: 'a:b' } }), configFile };
    const { context } = subjectOf(backend, '/bundle', {} as BackendManifest, {} as FrozenProgram);
    expect(context.configFile).toBe(configFile);
  },
);
