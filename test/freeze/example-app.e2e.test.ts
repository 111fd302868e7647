import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig, resolveConfig, type ResolvedBackend } from '../../src/config/index.js';
import { typedBackends, typesState } from '../../src/hosts/client/index.js';
import { hostTarget } from '../../src/target.js';
import { repositoryDir, testCacheDir } from '../support/paths.js';
import { freeze } from './support/project.js';

const projectDir = path.join(repositoryDir, 'example-app');

async function exampleBackend(): Promise<ResolvedBackend> {
  const loaded = await loadConfig({ projectDir });
  const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir: testCacheDir }).backends;
  if (backend === undefined) throw new Error('the example app has no backend');
  return backend;
}

test("the example app's backend is frozen as its configuration says, and has the API that its types were made of", async () => {
  const { frozen } = await freeze(await exampleBackend());
  expect(frozen.warnings).toEqual([]);
  expect(frozen.manifest.companion).toBe('full');
  // The types in the repository were made of what the source answers with.
  const [typed] = typedBackends([frozen.backend]);
  if (typed === undefined || frozen.document === undefined) throw new Error('no document was asked for');
  expect(await typesState(typed, frozen.document)).toEqual({ state: 'current' });
});

test('without its hiddenImports the build fails and names the modules and the lines to add', async () => {
  const backend = await exampleBackend();
  const message = await freeze({ ...backend, hiddenImports: [] }).then(
    () => 'it succeeded',
    (error: unknown) => (error as Error).message,
  );
  for (const [module, place] of [
    ['services.report', 'backend/services/__init__.py:'],
    ['connectors.heartbeat', 'backend/connectors/__init__.py:'],
  ] as const) {
    expect(message).toMatch(new RegExp(`Modules? .*\\b${module}\\b.* loaded by name in`));
    expect(message).toContain(`loaded by name in ${place}`);
  }
  // One edit for both.
  const [, edit] =
    /Add hiddenImports: \[(.*?)\] to backends\.engine in pyinstaller\.config\.ts/.exec(message) ?? [];
  expect(edit?.split(', ').toSorted()).toEqual(["'connectors.*'", "'services.*'"]);
});
