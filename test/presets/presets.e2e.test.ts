import { expect, test } from 'vitest';
import type { EngineEvent } from '../../src/report.js';
import { typeInto } from '../../scripts/programs/streamlit-client.ts';
import { useServer } from '../../scripts/programs/use.ts';
import { presetPrograms, requirementsOf } from './programs.js';
import { freezeApp, get, serve, type Running } from './support.js';

/** Ask for several paths; a failure is an answer too, so that one run shows all of them. */
async function answers(running: Running, places: Readonly<Record<string, string>>): Promise<unknown> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(places)) {
    found[name] = await get(running, name).catch(
      (error: unknown) => `FAILED ${(error as Error).message.slice(-1500)}`,
    );
  }
  return found;
}

const compact = (text: string | undefined): string => (text ?? '').replaceAll(/(?<=[:,]) /g, '');

test('FastAPI with Jinja2, forms, pydantic, alembic, SQLAlchemy, plugins, certifi and every kind of process pool', async () => {
  const frozen = await freezeApp('everyday', {
    entry: { asgi: 'main:app' },
    requirements: [
      ...requirementsOf('fastapi', 'jinja2', 'pydantic', 'alembic', 'sqlalchemy', 'plugins', 'certifi'),
      'python-multipart',
    ],
    data: ['backend/templates', 'backend/migrations'],
    run: { env: { PRESET_DATA: '{userData}' } },
  });
  const running = await serve(frozen);
  const expected = {
    // In this order: the table that alembic makes is the one SQLAlchemy fills.
    ...Object.fromEntries(
      ['alembic', 'sqlalchemy', 'plugins', 'certifi', 'jinja2'].map((name) => [
        `/${name}`,
        compact(presetPrograms[name]?.check.contains),
      ]),
    ),
    '/': '<p>Hello Ada</p>',
    '/pool/fork': '[1,4,9]',
    '/pool/spawn': '[1,4,9]',
    '/pool/forkserver': '[1,4,9]',
    '/pool': '[16,25]',
  };
  expect(await answers(running, expected)).toEqual(expected);
  const person = await get(running, '/people', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"email":"ada@EXAMPLE.com"}',
  });
  expect(person).toBe('{"email":"ada@example.com"}');
  const form = await get(running, '/form', { method: 'POST', body: new URLSearchParams({ text: 'hi' }) });
  expect(form).toBe('{"text":"hi"}');
});

test('a script of its own that calls uvicorn.run with the application as text, and starts processes', async () => {
  const { folder, entry, requirements, config } = presetPrograms['fastapi'] ?? {};
  const frozen = await freezeApp(folder ?? '', { entry, requirements, ...config });
  const running = await serve(frozen, ['8123']);
  const expected = { '/': '{"ok":true}', '/pool': '[1,4,9]' };
  expect(await answers(running, expected)).toEqual(expected);
});

test('Flask served by waitress, with templates and static files beside the module', async () => {
  const frozen = await freezeApp('flask', {
    entry: { wsgi: 'webapp:app' },
    requirements: requirementsOf('flask'),
  });
  const running = await serve(frozen);
  expect(await get(running, '/')).toBe('<p>Hello Ada</p>');
  expect(await get(running, '/static/style.css')).toContain('red');
  expect((await fetch(running.url)).headers.get('server')).toBe('waitress');
});

test('Django with its admin, migrations, templates and static files of an app', async () => {
  const frozen = await freezeApp('django', {
    entry: { asgi: 'mysite.asgi:application' },
    requirements: requirementsOf('django'),
    run: { env: { PRESET_DATA: '{userData}' } },
  });
  const running = await serve(frozen);
  expect(await get(running, '/migrate')).toBe('{"ok": true}');
  expect(await get(running, '/')).toContain('1 questions');
  expect(await get(running, '/admin/login/')).toContain('csrfmiddlewaretoken');
  expect(await get(running, '/static/polls/style.css')).toContain('red');
  expect(await get(running, '/static/admin/css/base.css')).toContain('--primary');
  expect((await fetch(running.url)).headers.get('x-stamp')).toBe('polls');
});

test('numpy, pandas, scikit-learn, SciPy, Pillow and tiktoken in one backend, each at its own path', async () => {
  const names = ['numpy', 'scikit-learn', 'pillow', 'tiktoken'];
  const events: EngineEvent[] = [];
  const frozen = await freezeApp(
    'everyday',
    {
      entry: { wsgi: 'science:app' },
      requirements: requirementsOf(...names),
    },
    events,
  );
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'detail', text: 'Presets: tiktoken, certifi, plugins, packages' }),
  );
  const running = await serve(frozen);
  const expected = Object.fromEntries(
    names.map((name) => [`/${name}`, presetPrograms[name]?.check.contains ?? '']),
  );
  expect(await answers(running, expected)).toEqual(expected);
});

test('celery, Flask-SocketIO, keyring, passlib and a module compiled by mypyc, which all load their own modules by name', async () => {
  const frozen = await freezeApp('everyday', {
    entry: { wsgi: 'named:app' },
    requirements: ['celery', 'flask-socketio', 'keyring', 'keyrings.alt', 'passlib', 'tomli', 'waitress'],
  });
  const running = await serve(frozen);
  const expected = {
    '/celery': '{"sum":5}',
    '/keyring': '{"kept":"secret"}',
    '/passlib': '{"verified":true}',
    '/tomli': '{"compiled":true,"numbers":[1,2]}',
  };
  const seen = (await answers(running, expected)) as Record<string, string>;
  expect(Object.fromEntries(Object.entries(seen).map(([place, text]) => [place, text.trim()]))).toEqual(
    expected,
  );
  const server = {
    url: running.url,
    fetch: (place: string, init?: RequestInit) => fetch(new URL(place, running.url), init),
  };
  await useServer(server, { type: 'socketio', event: 'shout', text: 'hello', answer: '["echo","HELLO"]' });
});

test('Streamlit shows a page over the WebSocket and what is typed into its widget; a module that only the page imports is there', async () => {
  const { folder, entry, requirements, config } = presetPrograms['streamlit'] ?? {};
  const frozen = await freezeApp(folder ?? '', { entry, requirements, ...config });
  const running = await serve(frozen, ['8397']);
  expect(await get(running, '/')).toContain('<title>Streamlit</title>');
  await typeInto(running.url, { shows: 'Hello Ada', typed: 'Grace', shownThen: 'Hello Grace' });
});

test('presets that are switched off add nothing: the same program then misses what they bring', async () => {
  const events: EngineEvent[] = [];
  const frozen = await freezeApp(
    'everyday',
    {
      entry: { wsgi: 'bare:app' },
      requirements: requirementsOf('tiktoken', 'plugins'),
      presets: { tiktoken: false, plugins: false, packages: false },
    },
    events,
  );
  expect(events).toContainEqual(expect.objectContaining({ type: 'detail', text: 'Presets: certifi' }));
  const running = await serve(frozen);
  expect(JSON.parse(await get(running, '/'))).toEqual({
    encodings_of_text: { known: false, tokens: [97, 32, 98] },
    plugins: "ModuleNotFoundError: No module named 'preset_plugin'",
  });
});
