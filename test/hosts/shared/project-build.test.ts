import { rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { ProjectBuild } from '../../../src/hosts/shared/project-build.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { foreignBundles } from '../../support/foreign.js';

const target = { platform: 'darwin', arch: 'x64' } as const;

let projectDir: string;
let build: ProjectBuild;

beforeEach(async () => {
  projectDir = await writeFiles({ 'package.json': '{}', 'backend/main.py': '' });
  build = new ProjectBuild({ projectDir });
  const prebuilt = await foreignBundles(path.join(projectDir, 'prebuilt'));
  await configure({ entry: { asgi: 'main:app' }, source: 'backend', prebuilt });
});

async function configure(engine: object): Promise<void> {
  const config = { cacheDir: path.join(await temporaryFolder(), 'cache'), backends: { engine } };
  await writeFiles({ 'pyinstaller.config.json': JSON.stringify(config) }, projectDir);
}

test('a configuration that was wrong is read again', async () => {
  await writeFiles({ 'pyinstaller.config.json': '{"backends":' }, projectDir);
  await expect(build.config(target)).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  await configure({ entry: { asgi: 'main:app' }, source: 'backend' });
  expect((await build.config(target)).backends.map(({ name }) => name)).toEqual(['engine']);
});

test('who asks for the same target while it is frozen gets the same run, and so does who asks later', async () => {
  const [first, second] = await Promise.all([build.freeze(target), build.freeze(target)]);
  expect(second).toBe(first);
  expect(await build.freeze(target)).toBe(first);
  expect(await build.freeze({ ...target, arch: 'arm64' })).not.toBe(first);
});

test('a freeze that failed is tried again, one that was made is forgotten by a reset', async () => {
  const events: string[] = [];
  const report = ({ type }: { readonly type: string }): void => void events.push(type);
  const file = path.join(projectDir, 'prebuilt/darwin-x64/engine');
  await rm(file);
  await expect(build.freeze(target)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  await foreignBundles(path.join(projectDir, 'prebuilt'));
  const first = await build.freeze(target, { report });
  expect(events).toContain('done');
  build.reset();
  const second = await build.freeze(target);
  expect(second).not.toBe(first);
  expect(second[0]?.cached).toBe(true);
});
