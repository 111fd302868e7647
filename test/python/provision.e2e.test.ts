import { expect, test } from 'vitest';
import { provisionEnvironment } from '../../src/python/index.js';
import type { EngineEvent } from '../../src/report.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { sampleBackend } from './sample-backend.js';

test('makes an environment from a requirements file and reuses it', async () => {
  const project = await writeFiles({ 'backend/requirements.txt': 'six==1.17.0\n' });
  const cacheDir = await temporaryFolder();
  const backend = sampleBackend(project, {
    requirements: {
      type: 'pip',
      files: [`${project}/backend/requirements.txt`],
      packages: ['idna'],
      requireHashes: false,
    },
  });
  const events: EngineEvent[] = [];
  const first = await provisionEnvironment(backend, { cacheDir, report: (event) => events.push(event) });
  expect(first.reused).toBe(false);
  expect(first.distributions.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['six', 'idna', 'pyinstaller']),
  );
  const second = await provisionEnvironment(backend, { cacheDir });
  expect(second).toEqual({ ...first, reused: true });
});
