import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { provisionEnvironment } from '../../src/python/index.js';
import { resolvedBackend } from '../support/backend.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { bundlePython, processesMentioning, uvFolder } from './tools.js';

let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  env = { ...process.env, PATH: `${await uvFolder()}${path.delimiter}${process.env['PATH']}` };
});

async function setUp() {
  const folder = await writeFiles({ 'backend/main.py': '' });
  const cacheDir = await temporaryFolder();
  const backend = resolvedBackend(folder, {
    entry: 'backend/main.py',
    source: 'backend',
    requirements: ['six'],
  });
  const module = await bundlePython(folder);
  const backendFile = path.join(folder, 'backend.json');
  await writeFile(backendFile, JSON.stringify(backend));
  const program =
    `import { readFileSync } from 'node:fs';\n` +
    `import { provisionEnvironment } from ${JSON.stringify(module)};\n` +
    `const backend = JSON.parse(readFileSync(${JSON.stringify(backendFile)}, 'utf8'));\n` +
    `const { key, reused } = await provisionEnvironment(backend, { cacheDir: ${JSON.stringify(cacheDir)} });\n` +
    `console.log(JSON.stringify({ key, reused }));\n`;
  const start = () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  return { backend, cacheDir, start };
}

async function answer(child: ChildProcess): Promise<{ key: string; reused: boolean }> {
  let output = '';
  for await (const chunk of child.stdout ?? []) output += String(chunk);
  return JSON.parse(output) as { key: string; reused: boolean };
}

/** Installers end a moment after their guard has seen the end of its stdin. */
async function leftovers(cacheDir: string): Promise<string[]> {
  for (let round = 0; round < 60; round += 1) {
    if ((await processesMentioning(cacheDir)).length === 0) return [];
    await sleep(50);
  }
  return processesMentioning(cacheDir);
}

test('of several processes that want the same environment one makes it and the others wait for it', async () => {
  const { start, cacheDir } = await setUp();
  const answers = await Promise.all([start(), start(), start()].map(answer));
  expect(new Set(answers.map(({ key }) => key)).size).toBe(1);
  expect(answers.filter(({ reused }) => !reused)).toHaveLength(1);
  expect(await readdir(path.join(cacheDir, 'environments'))).toEqual([answers[0]?.key]);
});

test('cancelling stops the installer at once and leaves nothing', async () => {
  const { backend, cacheDir } = await setUp();
  const controller = new AbortController();
  const options = {
    cacheDir,
    signal: controller.signal,
    report: (event: { type: string; title?: string }) => {
      if (event.type === 'stage' && event.title?.startsWith('Installing') === true) controller.abort();
    },
  };
  const started = performance.now();
  await expect(provisionEnvironment(backend, options, { env })).rejects.toMatchObject({
    code: 'ERR_CANCELLED',
  });
  expect(performance.now() - started).toBeLessThan(60_000);
  expect(await readdir(path.join(cacheDir, 'environments'))).toEqual([]);
  expect(await leftovers(cacheDir)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'killed at any moment, no process is left and the next build is whole',
  async () => {
    const { start, cacheDir, backend } = await setUp();
    for (const delayMs of [150, 400, 700, 1000, 1500, 2200]) {
      const child = start();
      await sleep(delayMs);
      child.kill('SIGKILL');
      expect(await leftovers(cacheDir)).toEqual([]);
    }
    const environment = await provisionEnvironment(backend, { cacheDir }, { env });
    expect(environment.distributions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['six', 'pyinstaller', 'pyinstaller-hooks-contrib']),
    );
    expect(await readdir(path.join(cacheDir, 'environments'))).toEqual([environment.key]);
  },
);
