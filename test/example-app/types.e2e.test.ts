import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { loadConfig, resolveConfig } from '../../src/config/index.js';
import { presentDocument, typedBackends, typesState } from '../../src/hosts/client/index.js';
import { generateBackends } from '../../src/hosts/codegen/index.js';
import { hostTarget } from '../../src/target.js';
import { repositoryDir, testCacheDir } from '../support/paths.js';

const projectDir = path.join(repositoryDir, 'example-app');

test("the example app's types are those of its backend, and the app compiles with them", async () => {
  const config = resolveConfig(await loadConfig({ projectDir }), {
    target: hostTarget(),
    cacheDir: testCacheDir,
  });
  const [backend] = typedBackends(config.backends);
  if (backend === undefined) throw new Error('the example app has no types');
  const document = await presentDocument(backend, { cacheDir: testCacheDir });
  expect(await typesState(backend, document)).toEqual({ state: 'current' });
  expect(await readFile(config.generate ?? '', 'utf8')).toBe(generateBackends(config));
  const compiler = path.join(repositoryDir, 'node_modules/typescript/bin/tsc');
  const { stdout } = await execa(process.execPath, [compiler, '-p', projectDir], { reject: false });
  // What the hosts bring is not installed there.
  expect(stdout.split('\n').filter((line) => /^(?:example-app\/)?src\//.test(line))).toEqual([]);
}, 300_000);
