import { expect, test } from 'vitest';
import * as entryPoint from '../../src/index.js';
import { presetNames } from '../../src/config/presets/names.js';
import { presetTable } from '../../src/config/presets/table.js';
import { defineConfig, type BackendConfig, type Config, type PythonConfig } from '../../src/index.js';

test('the entry point offers what a configuration needs, and nothing heavy', () => {
  expect(Object.keys(entryPoint).sort()).toEqual(['defineConfig']);
});

test('defineConfig returns what it is given and types it', async () => {
  const engine: BackendConfig = { entry: { asgi: 'main:app' }, address: { port: [8000, 8010] } };
  const config: Config = { backends: { engine } };
  expect(defineConfig(config)).toBe(config);
  expect(defineConfig(() => config)()).toBe(config);
  expect(await defineConfig(() => Promise.resolve(config))()).toBe(config);
});

test('a misspelt key and a wrong type are type errors', () => {
  // @ts-expect-error -- unknown key
  defineConfig({ backends: { engine: { entry: 'main.py', hiddenImport: ['x'] } } });
  // @ts-expect-error -- two entries
  const both: BackendConfig = { entry: { asgi: 'main:app', wsgi: 3 } };
  // @ts-expect-error -- not a text
  const number: BackendConfig = { source: 3 };
  // @ts-expect-error -- no backends
  defineConfig({ cacheDir: 'x' });
  // @ts-expect-error -- not a mode
  const mode: BackendConfig = { pyinstaller: { mode: 'single' } };
  const frozen = { excludes: ['a'], address: { port: [1, 2] } } as const satisfies BackendConfig;
  expect([both, number, mode, frozen]).toHaveLength(4);
});

test('the editor completes what has names, and takes what has none', () => {
  const env: PythonConfig = { env: 'active' };
  const folder: PythonConfig = { env: 'backend/.venv' };
  const presets: BackendConfig['presets'] = { django: false };
  // @ts-expect-error -- not the name of a preset
  const misspelt: BackendConfig['presets'] = { djnago: false };
  expect([env, folder, presets, misspelt]).toHaveLength(4);
  expect(presetTable.map(({ name }) => name)).toEqual(presetNames);
});
