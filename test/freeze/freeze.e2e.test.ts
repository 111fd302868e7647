import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { testCacheDir } from '../support/paths.js';
import { freeze, makeBackend, setVariable } from './support/project.js';
import { programOf } from './support/program.js';

const run = promisify(execFile);

const fastApi = {
  'backend/main.py': `from fastapi import FastAPI
from services import training
app = FastAPI()
@app.get('/api/health')
def health():
    return {'status': 'ok', 'answer': training.answer()}
`,
  'backend/services/__init__.py': '',
  'backend/services/training.py': 'def answer():\n    return 42\n',
};
const config = {
  entry: { asgi: 'main:app' },
  requirements: ['fastapi', 'uvicorn'],
  ready: { http: '/api/health' },
};

/** Commands started by this process from now on. */
function watchProcesses(): string[] {
  const started: string[] = [];
  const listener = (message: unknown): void => {
    started.push((message as { process: { spawnargs: string[] } }).process.spawnargs.join(' '));
  };
  subscribe('child_process', listener);
  onTestFinished(() => {
    unsubscribe('child_process', listener);
  });
  return started;
}

test('a FastAPI backend is frozen, run, and taken from the cache the second time without starting any process', async () => {
  const backend = await makeBackend(fastApi, config);
  const first = await freeze(backend);
  const { stdout } = await run(programOf(first.frozen), ['--electron-pyinstaller-check'], {
    env: { ELECTRON_PYINSTALLER_CHECK: '{"imports":["services.training"],"files":[]}' },
  });
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, imports: { main: null, 'services.training': null } });

  const started = watchProcesses();
  const second = await freeze(backend);
  expect(started).toEqual([]);
  expect(second.frozen).toMatchObject({
    cached: true,
    key: first.frozen.key,
    bundleDir: first.frozen.bundleDir,
  });
  expect(second.frozen.manifest).toEqual(first.frozen.manifest);
  expect(second.events.at(-1)).toMatchObject({ type: 'done', cached: true });
});

test('other settings of the runtime mean a new check of the same bundle, a changed source a new bundle and a reason', async () => {
  const backend = await makeBackend(fastApi, config);
  const first = await freeze(backend);
  const stricter = { ...backend, verify: { ...backend.verify, imports: ['not_there'] } };
  await expect(freeze(stricter)).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringContaining('not_there') as string,
  });
  const again = await freeze({ ...backend, verify: { ...backend.verify, imports: ['services.training'] } });
  expect(again.frozen).toMatchObject({ cached: true, key: first.frozen.key });
  expect(again.events.map((event) => (event.type === 'stage' ? event.stage : ''))).toContain('verify');

  // Never frozen before, also when the cache of the tests is old.
  const source = `def answer():\n    return ${Date.now()}\n`;
  await writeFile(path.join(backend.projectDir, 'backend/services/training.py'), source);
  setVariable('SOURCE_DATE_EPOCH', '400000000');
  const changed = await freeze(backend);
  expect(changed.frozen.cached).toBe(false);
  expect(changed.frozen.key).not.toBe(first.frozen.key);
  const reasons = changed.events.filter((event) => event.type === 'detail').map((event) => event.text);
  expect(reasons).toContain(
    'Freezing, because source backend/services/training.py changed, variable SOURCE_DATE_EPOCH is new',
  );
  const stages = changed.events.filter((event) => event.type === 'stage');
  expect(stages.map((event) => event.title)).toEqual(
    expect.arrayContaining(['Analyzing the program', 'Collecting files', 'Checking what was collected']),
  );
  // The last run's time is the estimate.
  expect(stages.find((event) => event.stage === 'analyze')?.estimateMs).toBeGreaterThan(1000);
});

test('a platform that this machine cannot freeze for is refused with the way to get it', async () => {
  const backend = await makeBackend(fastApi, config);
  const other = backend.target.platform === 'win32' ? 'darwin' : 'win32';
  const elsewhere = { ...backend, target: { platform: other, arch: 'x64' } } as const;
  await expect(freeze(elsewhere, { cacheDir: testCacheDir })).rejects.toMatchObject({
    code: 'ERR_TARGET',
    hint: expect.stringContaining(`backends.engine.prebuilt: { '${other}-x64': `) as string,
  });
});
