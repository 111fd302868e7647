import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { repositoryDir } from '../support/paths.js';
import { freezeApp, get, serve } from './support.js';

const run = promisify(execFile);

test('FastAPI with templates, forms, e-mail, SQLAlchemy, alembic, plugins, metadata, certificates and process pools', async () => {
  const frozen = await freezeApp('fastapi', {
    entry: { asgi: 'main:app' },
    requirements: [
      'fastapi',
      'uvicorn',
      'jinja2',
      'python-multipart',
      'email-validator',
      'sqlalchemy[asyncio]',
      'aiosqlite',
      'alembic',
      'certifi',
      `preset-plugin @ file://${path.join(repositoryDir, 'test/presets/apps/fastapi/plugin')}`,
    ],
    data: ['backend/templates', 'backend/migrations'],
    run: { env: { PRESET_DATA: '{userData}' } },
  });
  const running = await serve(frozen);
  const results: Record<string, string> = {};
  const ask = async (name: string, place: string, init?: RequestInit): Promise<void> => {
    results[name] = await get(running, place, init).catch(
      (error: unknown) => `FAILED ${(error as Error).message.slice(-1500)}`,
    );
  };
  await ask('template', '/');
  await ask('email', '/people', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"email":"ada@example.com"}',
  });
  await ask('form', '/form', { method: 'POST', body: new URLSearchParams({ text: 'hi' }) });
  await ask('migrate', '/migrate');
  await ask('notes', '/notes');
  await ask('metadata', '/metadata');
  await ask('tls', '/tls');
  for (const method of ['fork', 'spawn', 'forkserver']) await ask(method, `/pool/${method}`);
  expect(results).toMatchObject({
    template: '<p>Hello Ada</p>',
    email: '{"email":"ada@example.com"}',
    form: '{"text":"hi"}',
    migrate: '{"ok":true}',
    notes: '{"count":1}',
    tls: '{"authorities":true}',
    fork: '[1,4,9]',
    spawn: '[1,4,9]',
    forkserver: '[1,4,9]',
  });
  expect(JSON.parse(results['metadata'] ?? '')).toMatchObject({ plugins: { one: 42 } });
});

test('uvicorn.run with the application as text', async () => {
  const frozen = await freezeApp('uvicorn-string', {
    entry: 'backend/server.py',
    requirements: ['fastapi', 'uvicorn'],
    address: { port: 8123 },
    ready: { http: '/' },
    run: { args: ['{port}'] },
  });
  const running = await serve(frozen, ['8123']);
  expect(await get(running, '/')).toBe('{"ok":true}');
});

test('Flask served by waitress, with templates and static files beside the module', async () => {
  const frozen = await freezeApp('flask', {
    entry: { wsgi: 'webapp:app' },
    requirements: ['flask', 'waitress'],
  });
  const running = await serve(frozen);
  expect(await get(running, '/')).toBe('<p>Hello Ada</p>');
  expect(await get(running, '/static/style.css')).toContain('red');
});

test('Django with its admin, migrations, templates and static files of an app', async () => {
  const frozen = await freezeApp('django', {
    entry: { asgi: 'mysite.asgi:application' },
    requirements: ['django', 'uvicorn'],
    run: { env: { PRESET_DATA: '{userData}' } },
  });
  const running = await serve(frozen);
  expect(await get(running, '/migrate')).toBe('{"ok": true}');
  expect(await get(running, '/')).toContain('1 questions');
  expect(await get(running, '/admin/login/')).toContain('csrfmiddlewaretoken');
});

test('numpy, pandas, scikit-learn and Pillow compute and draw', async () => {
  const frozen = await freezeApp('science', {
    entry: 'backend/analysis.py',
    kind: 'job',
    requirements: ['numpy', 'pandas', 'scikit-learn', 'pillow'],
  });
  const { stdout } = await run(path.join(frozen.bundleDir, 'engine'), [], { env: {} });
  expect(JSON.parse(stdout)).toEqual({
    score: 1,
    mean: 9.5,
    sizes: { PNG: [8, 8], JPEG: [8, 8], WEBP: [8, 8] },
  });
});
