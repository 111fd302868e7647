import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freeze, makeBackend } from './support/project.js';

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

test('a FastAPI backend is frozen, and taken from the cache the second time', async () => {
  const backend = await makeBackend(fastApi, {
    entry: { asgi: 'main:app' },
    requirements: ['fastapi', 'uvicorn'],
    ready: { http: '/api/health' },
  });
  const first = await freeze(backend);
  console.log(JSON.stringify(first.events, null, 1));
  const program = path.join(first.frozen.bundleDir, 'engine');
  const { stdout } = await run(program, ['--electron-pyinstaller-check'], {
    env: { ELECTRON_PYINSTALLER_CHECK: '{"imports":["main","services.training"],"files":[]}' },
  });
  console.log(stdout);
  const second = await freeze(backend);
  expect(second.frozen.cached).toBe(true);
  console.log(second.frozen.elapsedMs);
});
