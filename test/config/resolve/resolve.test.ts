import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../../src/target.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { errorOf, linux, problemsOf, resolved, resolvedEngine } from '../support.js';

const asgi = { asgi: 'main:app' };

/** A project with the usual files. */
async function project(more: Readonly<Record<string, string>> = {}): Promise<string> {
  return writeFiles({
    'package.json': '{}',
    'backend/main.py': 'app = None\n',
    'backend/requirements.txt': 'fastapi\n',
    'backend/services/__init__.py': '',
    'backend/services/billing.py': '',
    'backend/config/a.json': '{}',
    'backend/config/deep/b.json': '{}',
    ...more,
  });
}

test('a backend with nothing but an entry gets every default', async () => {
  const folder = await project();
  const backend = await resolvedEngine(folder, { entry: 'backend/main.py' });
  expect(backend).toMatchObject({
    name: 'engine',
    kind: 'http',
    target: linux,
    projectDir: folder,
    configFile: 'pyinstaller.config.ts',
    configPath: 'backends.engine',
    entry: { type: 'script', file: path.join(folder, 'backend/main.py') },
    source: [path.join(folder, 'backend')],
    python: {
      version: '>=3.10',
      interpreter: null,
      env: { type: 'managed' },
      installer: 'auto',
      offline: false,
    },
    requirements: {
      type: 'pip',
      files: [path.join(folder, 'backend/requirements.txt')],
      packages: [],
      requireHashes: false,
    },
    presets: { auto: true, on: [], off: [] },
    pyinstaller: {
      version: '6.22.3',
      mode: 'onedir',
      name: 'engine',
      console: true,
      upx: false,
      contentsDirectory: '_internal',
    },
    development: { interpreter: null, args: [], env: {}, watch: true },
    verify: { run: true, imports: [], maxSizeBytes: null },
    prebuilt: null,
  });
  // The figures of a supervisor that neither gives up early nor restarts for ever.
  expect(backend.settings).toEqual({
    address: { type: 'announce' },
    ready: { announced: true, http: null, log: null, timeoutMs: 90_000, slowAfterMs: 10_000 },
    health: null,
    restart: {
      max: 4,
      windowMs: 180_000,
      delayMs: 500,
      factor: 2,
      maxDelayMs: 30_000,
      stableAfterMs: 60_000,
      maxStartFailures: 3,
      never: [78],
      immediately: [75],
    },
    stop: { graceMs: 5000, terminateMs: 1500, killMs: 1000, http: null },
    logs: { file: true, maxFiles: 5, maxBytes: 5_242_880, ringLines: 200, redact: [] },
    integrity: 'exe',
    token: true,
    lifeline: 'thread',
    stdio: 'json-lines',
    startAfter: [],
    args: [],
    env: {},
    cwd: null,
  });
});

test('every entry is told apart', async () => {
  const folder = await project({ 'backend/x.spec': '' });
  const entry = async (config: object): Promise<unknown> =>
    (await resolvedEngine(folder, { source: 'backend', ...config })).entry;
  expect(await entry({ entry: { asgi: 'services.billing:make.app' } })).toEqual({
    type: 'asgi',
    module: 'services.billing',
    attribute: 'make.app',
  });
  expect(await entry({ entry: { wsgi: 'main:app' } })).toEqual({
    type: 'wsgi',
    module: 'main',
    attribute: 'app',
  });
  expect(await entry({ entry: { call: 'main:run' } })).toEqual({
    type: 'call',
    module: 'main',
    attribute: 'run',
  });
  expect(await entry({ entry: { module: 'http.server' } })).toEqual({
    type: 'module',
    module: 'http.server',
  });
  expect(await entry({ entry: { consoleScript: 'datasette' } })).toEqual({
    type: 'consoleScript',
    script: 'datasette',
  });
  expect(await entry({ entry: { script: 'backend/main.py' } })).toEqual({
    type: 'script',
    file: path.join(folder, 'backend/main.py'),
  });
  expect(
    await entry({ pyinstaller: { spec: 'backend/x.spec' }, address: { port: 8000 }, ready: '/ok' }),
  ).toEqual({
    type: 'spec',
    file: path.join(folder, 'backend/x.spec'),
  });
});

describe('requirements', () => {
  const files = {
    'uvapp/uv.lock': '',
    'uvapp/pyproject.toml': '',
    'poetryapp/poetry.lock': '',
    'poetryapp/pyproject.toml': '',
    'plain/pyproject.toml': '',
    'wheels/x-1.0-py3-none-any.whl': '',
    'reqs.txt': '',
    'reqs-dev.in': '',
  };
  const pip = { type: 'pip', files: [], packages: [], requireHashes: false };
  const whole = { extras: [], groups: [] };
  const lock =
    (tool: 'uv' | 'poetry', wanted: object = whole) =>
    (folder: string) => ({
      type: 'lock',
      tool,
      file: path.join(folder, `${tool}app/${tool}.lock`),
      directory: path.join(folder, `${tool}app`),
      ...wanted,
    });

  test.each<readonly [unknown, (folder: string) => object]>([
    ['reqs.txt', (folder) => ({ ...pip, files: [path.join(folder, 'reqs.txt')] })],
    ['fastapi>=0.110', () => ({ ...pip, packages: ['fastapi>=0.110'] })],
    ['uvicorn[standard]', () => ({ ...pip, packages: ['uvicorn[standard]'] })],
    [
      'pkg @ https://example.com/a/pkg-1.0.zip',
      () => ({ ...pip, packages: ['pkg @ https://example.com/a/pkg-1.0.zip'] }),
    ],
    [
      'numpy==2.0; python_version < "3.13"',
      () => ({ ...pip, packages: ['numpy==2.0; python_version < "3.13"'] }),
    ],
    [
      ['reqs.txt', 'reqs-dev.in', 'rich'],
      (folder) => ({
        ...pip,
        files: [path.join(folder, 'reqs.txt'), path.join(folder, 'reqs-dev.in')],
        packages: ['rich'],
      }),
    ],
    [
      'wheels/x-1.0-py3-none-any.whl',
      (folder) => ({ ...pip, packages: [path.join(folder, 'wheels/x-1.0-py3-none-any.whl')] }),
    ],
    ['uvapp/uv.lock', lock('uv')],
    ['uvapp', lock('uv')],
    ['./poetryapp', lock('poetry')],
    [
      'uvapp/pyproject.toml',
      (folder) => ({ type: 'project', directory: path.join(folder, 'uvapp'), ...whole }),
    ],
    ['plain', (folder) => ({ type: 'project', directory: path.join(folder, 'plain'), ...whole })],
    [[], () => ({ type: 'none' })],
    [{}, () => ({ type: 'none' })],
    [
      { files: ['reqs.txt'], requireHashes: true },
      (folder) => ({ ...pip, files: [path.join(folder, 'reqs.txt')], requireHashes: true }),
    ],
    [
      { project: 'plain', extras: ['gpu'], groups: ['prod'] },
      (folder) => ({
        type: 'project',
        directory: path.join(folder, 'plain'),
        extras: ['gpu'],
        groups: ['prod'],
      }),
    ],
    [{ lock: 'uvapp', packages: ['uvapp'] }, lock('uv', { ...whole, itself: true })],
    [{ lock: 'uvapp/uv.lock', packages: ['./uvapp/'] }, lock('uv', { ...whole, itself: true })],
    [
      { project: 'plain', packages: ['plain'] },
      (folder) => ({ type: 'project', directory: path.join(folder, 'plain'), ...whole, itself: true }),
    ],
    [
      { packages: ['./plain', 'rich'] },
      (folder) => ({ ...pip, packages: [path.join(folder, 'plain'), 'rich'] }),
    ],
    [{ lock: 'uvapp', project: 'uvapp', extras: ['gpu'] }, lock('uv', { extras: ['gpu'], groups: [] })],
  ])('%j', async (requirements, expected) => {
    const folder = await project(files);
    expect(
      (await resolvedEngine(folder, { entry: asgi, source: 'backend', requirements })).requirements,
    ).toEqual(expected(folder));
  });

  test.each<readonly [Readonly<Record<string, string>>, object, object]>([
    [{ 'a/uv.lock': '', 'a/pyproject.toml': '', 'a/requirements.txt': '' }, {}, { type: 'lock', tool: 'uv' }],
    [{ 'a/uv.lock': '', 'a/requirements.txt': '' }, {}, { type: 'pip' }],
    [{ 'a/pyproject.toml': '' }, {}, { type: 'project' }],
    [{}, {}, { type: 'none' }],
    [{ 'a/requirements.txt': '' }, { python: { env: 'active' } }, { type: 'none' }],
  ])('left out, they are found beside the code: %j', async (more, config, expected) => {
    const folder = await writeFiles({ 'a/main.py': '', ...more });
    expect((await resolvedEngine(folder, { entry: 'a/main.py', ...config })).requirements).toMatchObject(
      expected,
    );
  });
});

describe('data', () => {
  test.each<readonly [unknown, { from: string; base: string; to: string }]>([
    ['backend/config', { from: 'backend/config', base: 'backend/config', to: 'config' }],
    ['backend/config/a.json', { from: 'backend/config/a.json', base: 'backend/config', to: 'config' }],
    ['backend/config/**/*.json', { from: 'backend/config/**/*.json', base: 'backend/config', to: 'config' }],
    ['backend/main.py', { from: 'backend/main.py', base: 'backend', to: '.' }],
    ['assets', { from: 'assets', base: 'assets', to: 'assets' }],
    ['{assets,backend}/*.png', { from: '{assets,backend}/*.png', base: '', to: '.' }],
    ['assets/[x].png', { from: 'assets/[x].png', base: 'assets', to: 'assets' }],
    [
      { from: 'backend/config', to: './a//b/' },
      { from: 'backend/config', base: 'backend/config', to: 'a/b' },
    ],
    [
      { from: 'assets\\*.png', to: 'x\\y' },
      { from: 'assets/*.png', base: 'assets', to: 'x/y' },
    ],
  ])('%j', async (rule, { from, base, to }) => {
    const folder = await project({ 'assets/[x].png': '', 'assets/logo.png': '' });
    const { data, binaries } = await resolvedEngine(folder, {
      entry: asgi,
      source: 'backend',
      data: [rule],
      binaries: [rule],
    });
    const whole = {
      // A glob is written with slashes on every system.
      from: path.join(folder, from).replaceAll(path.sep, '/'),
      base: path.resolve(folder, base),
      exclude: [],
      optional: false,
    };
    expect(data).toEqual([{ ...whole, to, path: 'backends.engine.data[0]' }]);
    // Libraries lie at the root of the bundle, where the loader looks, unless told otherwise.
    expect(binaries).toEqual([
      { ...whole, to: typeof rule === 'string' ? '.' : to, path: 'backends.engine.binaries[0]' },
    ]);
  });

  test('an optional rule may name what does not exist', async () => {
    const rules = [
      { from: 'no/*.x', optional: true },
      { from: 'no.json', optional: true, exclude: ['a'] },
    ];
    const { data } = await resolvedEngine(await project(), { entry: asgi, source: 'backend', data: rules });
    expect(data.map((rule) => rule.optional)).toEqual([true, true]);
    expect(data[1]?.exclude).toEqual(['a']);
  });
});

test('a name twice is kept once, and is optional only when both are', async () => {
  const hiddenImports = [
    'a',
    { name: 'a', optional: true },
    { name: 'b', optional: true },
    { name: 'b', optional: true },
    { name: 'c', optional: true },
    'c',
  ];
  expect(
    (await resolvedEngine(await project(), { entry: asgi, source: 'backend', hiddenImports })).hiddenImports,
  ).toEqual([
    { name: 'a', optional: false, path: 'backends.engine.hiddenImports[0]' },
    { name: 'b', optional: true, path: 'backends.engine.hiddenImports[2]' },
    { name: 'c', optional: false, path: 'backends.engine.hiddenImports[4]' },
  ]);
});

describe('settings', () => {
  test.each<readonly [object, object]>([
    [
      { entry: asgi, source: 'backend' },
      { health: { http: '/.electron-pyinstaller/ping' }, ready: { announced: true } },
    ],
    [
      { entry: asgi, source: 'backend', ready: '/ok' },
      { ready: { http: '/ok', announced: true }, health: { http: '/ok', intervalMs: 10_000 } },
    ],
    [{ entry: asgi, source: 'backend', health: false }, { health: null }],
    [{ entry: asgi, source: 'backend', health: '/h' }, { health: { http: '/h' } }],
    [
      { entry: asgi, source: 'backend', address: { port: 8000 } },
      { address: { type: 'port', host: '127.0.0.1', from: 8000, to: 8000 }, ready: { announced: true } },
    ],
    [
      {
        entry: 'backend/main.py',
        address: { port: [8000, 8010], host: '::1' },
        ready: '/ok',
        run: { args: ['{host}', '{port}'] },
      },
      {
        address: { type: 'port', host: '::1', from: 8000, to: 8010 },
        ready: { announced: false, http: '/ok' },
        args: ['{host}', '{port}'],
        health: { http: '/ok' },
      },
    ],
    [
      { entry: 'backend/main.py', address: 'unix' },
      { address: { type: 'unix' }, ready: { announced: true }, health: null },
    ],
    [
      { entry: 'backend/main.py', kind: 'stdio' },
      {
        address: { type: 'none' },
        ready: { announced: true },
        token: false,
        health: null,
        restart: { max: 4 },
      },
    ],
    [
      { entry: 'backend/main.py', kind: 'stdio', stdio: 'raw' },
      { ready: { announced: false }, stdio: 'raw' },
    ],
    [
      { entry: 'backend/main.py', kind: 'job' },
      {
        address: { type: 'none' },
        ready: { announced: false },
        token: false,
        health: null,
        restart: { max: 0 },
      },
    ],
    [{ entry: asgi, source: 'backend', restart: false }, { restart: { max: 0, windowMs: 180_000 } }],
    [
      { entry: asgi, source: 'backend', restart: { max: 9, never: [1] } },
      { restart: { max: 9, never: [1], immediately: [75] } },
    ],
    [
      { entry: asgi, source: 'backend', ready: { timeoutMs: 3000 } },
      { ready: { timeoutMs: 3000, slowAfterMs: 3000 } },
    ],
    [
      { entry: asgi, source: 'backend', logs: { maxSize: '2 MB', redact: ['x'] } },
      { logs: { maxBytes: 2_000_000, redact: ['x'], maxFiles: 5 } },
    ],
    [{ entry: asgi, source: 'backend', auth: { token: false } }, { token: false }],
    [
      { entry: asgi, source: 'backend', run: { env: { A: '{token}', B: '{message}' } } },
      { env: { A: '{token}', B: '{message}' } },
    ],
  ])('%j', async (config, expected) => {
    expect((await resolvedEngine(await project(), config)).settings).toMatchObject(expected);
  });
});

test('development takes its arguments, environment and interpreter from run.dev', async () => {
  const folder = await project();
  const run = {
    args: ['a'],
    env: { A: '1', B: '1' },
    dev: { args: ['b'], env: { B: '2' }, interpreter: '.venv/bin/python', watch: false },
  };
  const { development } = await resolvedEngine(folder, { entry: asgi, source: 'backend', run });
  expect(development).toEqual({
    args: ['b'],
    env: { A: '1', B: '2' },
    interpreter: path.join(folder, '.venv/bin/python'),
    watch: false,
  });
});

test('verify is filled in, and false switches every check off', async () => {
  const folder = await project();
  const verify = {
    imports: ['a'],
    files: ['a\\b.json'],
    http: ['/a', { path: '/b', contains: 'x' }],
    maxSize: '1.5 KiB',
    startWithinMs: 5,
    glibc: '2.28',
  };
  expect((await resolvedEngine(folder, { entry: asgi, source: 'backend', verify })).verify).toEqual({
    run: true,
    imports: ['a'],
    resources: [],
    files: ['a/b.json'],
    http: [
      { path: '/a', status: null, contains: null },
      { path: '/b', status: null, contains: 'x' },
    ],
    args: null,
    maxSizeBytes: 1536,
    startWithinMs: 5,
    glibc: '2.28',
  });
  expect(
    (await resolvedEngine(folder, { entry: asgi, source: 'backend', verify: false })).verify,
  ).toMatchObject({ run: false, imports: [] });
});

test('prebuilt is taken for its target only', async () => {
  const folder = await project({ 'pre/linux.tar.gz': '' });
  const engine = {
    entry: asgi,
    source: 'backend',
    prebuilt: { 'linux-x64': 'pre/linux.tar.gz', 'darwin-arm64': 'pre/not-here' },
  };
  expect((await resolvedEngine(folder, engine)).prebuilt).toBe(path.join(folder, 'pre/linux.tar.gz'));
  expect((await resolvedEngine(folder, engine, { platform: 'win32', arch: 'x64' })).prebuilt).toBeNull();
  expect(await problemsOf(folder, { backends: { engine } }, { platform: 'darwin', arch: 'arm64' })).toEqual([
    'backends.engine.prebuilt["darwin-arm64"]: the file or folder "pre/not-here" does not exist (looked at <project>/pre/not-here).',
  ]);
});

test('overrides of the platform, then of platform and architecture', async () => {
  const folder = await project();
  const engine = {
    entry: asgi,
    source: 'backend',
    excludes: ['a'],
    run: { env: { A: '1', B: '1' } },
    health: '/h',
    platforms: {
      win32: { pyinstaller: { name: 'win' }, run: { env: { B: '2' } } },
      'win32-arm64': { pyinstaller: { strip: true }, excludes: ['b'], health: { intervalMs: 5 } },
    },
  };
  const at = (target: Target): ReturnType<typeof resolvedEngine> => resolvedEngine(folder, engine, target);
  const arm = await at({ platform: 'win32', arch: 'arm64' });
  expect(arm).toMatchObject({ pyinstaller: { name: 'win', strip: true }, excludes: ['b'] });
  expect(arm.settings).toMatchObject({ env: { A: '1', B: '2' }, health: { http: '/h', intervalMs: 5 } });
  const x64 = await at({ platform: 'win32', arch: 'x64' });
  expect(x64).toMatchObject({ pyinstaller: { name: 'win', strip: false }, excludes: ['a'] });
  expect((await at(linux)).pyinstaller.name).toBe('engine');
});

test('the generated module goes to src of a TypeScript project, to a place named, or nowhere', async () => {
  const typed = await project({ 'tsconfig.json': '{}', 'src/main.ts': '' });
  const backends = { engine: { entry: asgi, source: 'backend' } };
  expect((await resolved(typed, { backends })).generate).toBe(path.join(typed, 'src/backends.gen.ts'));
  expect((await resolved(typed, { backends, generate: false })).generate).toBeNull();
  expect((await resolved(typed, { backends, generate: 'app/b.gen.ts' })).generate).toBe(
    path.join(typed, 'app/b.gen.ts'),
  );
  expect((await resolved(await project(), { backends })).generate).toBeNull();
});

test('things that work but should be read are warnings', async () => {
  const engine = {
    entry: asgi,
    source: 'backend',
    pyinstaller: { console: false },
    run: { args: ['--token={token}'] },
  };
  const { warnings } = await resolved(await project(), { backends: { engine } });
  expect(warnings.map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
    'pyinstaller.config.ts: backends.engine.pyinstaller.console',
    'pyinstaller.config.ts: backends.engine.run.args[0]',
  ]);
});

const script = { entry: 'backend/main.py' };
const ownSpec = { pyinstaller: { spec: 'backend/x.spec' }, address: { port: 8000 }, ready: '/ok' };
const served = { entry: asgi, source: 'backend' };

/** Each: a backend whose keys contradict each other, and the line about it. */
const contradictions: readonly (readonly [engine: object, said: string])[] = [
  [
    {},
    ": the key \"entry\" is missing; write what starts the backend, such as entry: { asgi: 'main:app' } or entry: 'backend/main.py' (or pyinstaller.spec)",
  ],
  [
    { ...ownSpec, ...script },
    '.entry: cannot be combined with pyinstaller.spec, which names its own script; keep one of the two',
  ],
  [
    { entry: 'main:app' },
    '.entry: "main:app" looks like module:attribute; write entry: { asgi: \'main:app\' }, { wsgi: … } or { call: … }',
  ],
  [
    { entry: 'backend/app.py:app' },
    ".entry: \"backend/app.py:app\" is an application in a file; under entry: { asgi: … }, { wsgi: … } or { call: … } write 'app:app' and source: 'backend': a module has no ending, and the source folder is where imports start",
  ],
  [
    { entry: 'app.py:app' },
    '.entry: "app.py:app" is an application in a file; under entry: { asgi: … }, { wsgi: … } or { call: … } write \'app:app\': a module has no ending',
  ],
  [
    { entry: 'backend/x.spec' },
    '.entry: "backend/x.spec" is a spec file; write pyinstaller: { spec: \'backend/x.spec\' } instead of entry',
  ],
  [{ entry: 'backend' }, '.entry: "backend" is a folder, expected a file (looked at <project>/backend)'],
  [
    { ...ownSpec, hiddenImports: ['a'] },
    '.hiddenImports: has no effect together with pyinstaller.spec; write it into the spec file',
  ],
  [
    { ...ownSpec, pyinstaller: { spec: 'backend/x.spec', strip: true } },
    '.pyinstaller.strip: has no effect together with pyinstaller.spec; write it into the spec file',
  ],
  [
    { ...ownSpec, pyinstaller: { spec: 'backend/x.spec', upx: true } },
    '.pyinstaller.upx: has no effect together with pyinstaller.spec; write it into the spec file',
  ],
  [
    { ...ownSpec, address: 'announce' },
    ".address: a program from a spec file cannot announce its address; write address: { port: [8000, 8010] } with {port} in run.args, and ready: { http: '/health' }",
  ],
  [
    { ...ownSpec, address: 'unix' },
    '.address: a program from a spec file is told no socket; write address: { port: [8000, 8010] }',
  ],
  [
    { pyinstaller: ownSpec.pyinstaller, kind: 'stdio' },
    ".stdio: a program from a spec file does not speak 'json-lines'; write stdio: 'raw'",
  ],
  [
    { ...ownSpec, ready: { http: '/ok', announce: true } },
    '.ready.announce: a program from a spec file cannot announce anything; use ready.http or ready.log',
  ],
  [
    { ...served, kind: 'job' },
    ".kind: 'job' does not go with an asgi entry, which is a server; use kind: 'http', or an entry such as { call } or { script }",
  ],
  [
    { ...script, kind: 'stdio', address: 'announce' },
    ".address: a 'stdio' backend has no address; leave the key out, or use kind: 'http'",
  ],
  [
    { ...script, kind: 'job', ready: '/x' },
    ".ready.http: a 'job' backend has no address that could be asked; leave the key out",
  ],
  [
    { ...script, kind: 'job', health: '/x' },
    ".health: a 'job' backend has no address that could be asked; leave the key out",
  ],
  [
    { ...script, kind: 'job', restart: {} },
    '.restart: a job runs once and is not restarted; leave the key out',
  ],
  [
    { ...script, kind: 'stdio', auth: { token: true } },
    ".auth.token: a 'stdio' backend has no address that others could reach; leave the key out",
  ],
  [
    { ...script, kind: 'stdio', stop: { http: '/x' } },
    ".stop.http: a 'stdio' backend has no address that could be asked; leave the key out",
  ],
  [{ ...script, stdio: 'raw' }, ".stdio: works with kind: 'stdio' only; this backend is 'http'"],
  [
    { ...script, address: 'none' },
    ".address: an 'http' backend needs an address; use 'announce' or { port: 8000 }, or another kind",
  ],
  [
    { ...script, address: { port: [9000, 8000] }, ready: '/x' },
    '.address.port: the range begins at 9000 and ends at 8000; write the lower port first',
  ],
  [
    { ...script, address: { port: 8000 } },
    ".address: nothing tells when the backend is ready; add ready: { http: '/health' } (a path that answers), ready: { log: '…' } (a line it prints) or ready: { connect: true } (it speaks no HTTP)",
  ],
  [
    { entry: asgi, source: 'backend', ready: { connect: true } },
    '.ready.connect: the companion serves the application, and says when it does; leave the key out',
  ],
  [
    { ...script, ready: { connect: true } },
    '.ready.connect: needs a port to connect to; add address: { port: [8000, 8010] }',
  ],
  [
    { ...script, ready: { announce: false, http: '/x' } },
    ".ready.announce: false does not go with address: 'announce', because then nothing says where the backend is; use address: { port: 8000 }",
  ],
  [
    { ...script, ready: { timeoutMs: 5, slowAfterMs: 6 } },
    '.ready.slowAfterMs: 6 is later than ready.timeoutMs (5), so it would never be reached',
  ],
  [
    { ...script, health: { intervalMs: 5 } },
    ".health: nothing can be asked; add http, such as health: { http: '/health' }",
  ],
  [
    { ...script, run: { args: ['{port}'] } },
    '.run.args[0]: {port} in "{port}" has no value, because the backend takes a free port itself and announces it; write address: { port: [8000, 8010] }',
  ],
  [
    { ...script, pyinstaller: { mode: 'onefile' }, run: { cwd: '{bundle}/a' } },
    '.run.cwd: {bundle} in "{bundle}/a" has no value, because a onefile program starts before it unpacks itself; ask for files in the code (from electron_pyinstaller import resource_path), or use pyinstaller: { mode: \'onedir\' }',
  ],
  [
    { ...script, ready: { status: 401 } },
    ".ready.status: belongs to a path that is asked; add http, such as '/api/health'",
  ],
  [
    { ...script, verify: { resources: [{ from: 'build', to: 'engine/lib' }] } },
    '.verify.resources[0]: "engine/lib" is where the backend itself lies in the app\'s resources; nothing of the app can be there',
  ],
  [
    { ...script, run: { env: { A: '{tokn}' } } },
    '.run.env.A: unknown placeholder {tokn} in "{tokn}". Did you mean {token}?',
  ],
  [
    { ...script, auth: { token: false }, run: { env: { A: '{token}' } } },
    '.run.env.A: {token} in "{token}" has no value, because auth.token is off for this backend',
  ],
  [
    { ...script, pyinstaller: { runtimeTmpdir: '/x' } },
    ".pyinstaller.runtimeTmpdir: works with mode: 'onefile' only; a onedir program unpacks nothing",
  ],
  [
    { ...script, pyinstaller: { mode: 'onefile', contentsDirectory: 'lib' } },
    ".pyinstaller.contentsDirectory: works with mode: 'onedir' only; a onefile program has no such folder",
  ],
  [{ ...script, pyinstaller: { upxExclude: ['a'] } }, '.pyinstaller.upxExclude: works with upx: true only'],
  [
    { ...script, pyinstaller: { name: 'engine.exe' } },
    '.pyinstaller.name: leave ".exe" out of "engine.exe"; it is added on Windows',
  ],
  [
    { ...script, pyinstaller: { version: '5.13' } },
    '.pyinstaller.version: PyInstaller 5.13 is not supported; use 6.16 or newer, below 7 (6.22.3 is recommended)',
  ],
  [
    { ...script, pyinstaller: { version: '7.0.0' } },
    '.pyinstaller.version: PyInstaller 7.0.0 is not supported; use 6.16 or newer, below 7 (6.22.3 is recommended)',
  ],
  [
    { ...script, python: { version: '3.9' } },
    ".python.version: no supported Python satisfies \"3.9\" (supported: >=3.10,<3.16); write for example '>=3.10' or '3.12'",
  ],
  [
    { ...script, python: { offline: true, indexUrl: 'https://a.example/simple' } },
    '.python.offline: cannot be combined with python.indexUrl or python.extraIndexUrls: offline asks no index',
  ],
  [
    { ...script, requirements: { extras: ['a'] } },
    ".requirements.extras: works with project or lock only; write extras of a package as packages: ['name[extra]']",
  ],
  [
    { ...script, requirements: { files: ['backend/requirements.txt'], project: 'app' } },
    '.requirements.project: cannot be combined with files or packages; put everything into the pyproject.toml',
  ],
  [
    { ...script, requirements: { project: 'app', packages: ['app', 'rich'] } },
    '.requirements.project: cannot be combined with files or packages; put everything into the pyproject.toml',
  ],
  [
    { ...script, requirements: { requireHashes: true, packages: ['a'] } },
    '.requirements.requireHashes: works with files only; lock files carry their hashes, single packages have none',
  ],
  [
    { ...script, requirements: ['app', 'rich'] },
    '.requirements[0]: "app" is a whole project and cannot be combined with others; put everything into its pyproject.toml',
  ],
  [
    { ...script, requirements: ['--pre'] },
    '.requirements[0]: "--pre" is an option of pip, not a requirement; write options into python.pipArgs',
  ],
  [
    { ...script, requirements: ['not a package'] },
    '.requirements[0]: "not a package" is neither a requirement such as \'fastapi>=0.110\' nor a file that is known (*.txt, pyproject.toml, *.lock, Pipfile, environment.yml)',
  ],
  [
    { ...script, requirements: 'app/pixi.lock' },
    '.requirements: "pixi.lock" is not a lock file that is known; these are: uv.lock, poetry.lock, pdm.lock, Pipfile.lock',
  ],
  [{ ...script, source: [] }, '.source: the list is empty; name a folder, or leave the key out'],
  [
    { ...script, verify: { run: false, http: ['/x'] } },
    '.verify.http: needs the program to be run; leave out verify.run: false',
  ],
  [
    { ...script, verify: { args: ['--help'] } },
    ".verify.args: works with kind: 'job' only; the arguments of a 'http' backend are run.args",
  ],
  [
    { ...script, kind: 'job', verify: { http: ['/x'] } },
    ".verify.http: a 'job' backend answers no requests; leave the key out",
  ],
  [
    { ...script, verify: { files: ['/etc/passwd'] } },
    '.verify.files[0]: "/etc/passwd" is not inside the bundle; write a path relative to the bundle, such as \'config/defaults.json\'',
  ],
  [
    { ...script, startAfter: ['engin'] },
    '.startAfter[0]: there is no backend "engin"; did you mean "engine"?',
  ],
  [
    { ...script, startAfter: ['engine'] },
    '.startAfter[0]: the backends wait for each other: engine → engine; remove one of these',
  ],
];

test.each(contradictions)('keys that contradict each other are explained: %j', async (engine, said) => {
  const folder = await project({ 'backend/x.spec': '', 'app/pyproject.toml': '', 'app/pixi.lock': '' });
  const error = await errorOf(resolved(folder, { backends: { engine } }));
  expect(error.code).toBe('ERR_CONFIG');
  expect(await problemsOf(folder, { backends: { engine } })).toEqual([`backends.engine${said}`]);
});

/** Each: a backend that names what does not exist, and the line about it. */
const missing: readonly (readonly [engine: object, said: string])[] = [
  [
    { entry: 'main.py' },
    '.entry: the file "main.py" does not exist (looked at <project>/main.py). There is "backend/main.py"; was that meant?',
  ],
  [
    { entry: 'backend/mian.py' },
    '.entry: the file "backend/mian.py" does not exist (looked at <project>/backend/mian.py). There is "backend/main.py"; was that meant?',
  ],
  [
    { entry: { script: 'bakcend/main.py' } },
    '.entry.script: the file "bakcend/main.py" does not exist (looked at <project>/bakcend/main.py). There is "backend"; was that meant?',
  ],
  [
    { ...served, source: 'backends' },
    '.source: the folder "backends" does not exist (looked at <project>/backends). There is "backend"; was that meant?',
  ],
  [
    { ...script, requirements: 'backend/requirement.txt' },
    '.requirements: the file "backend/requirement.txt" does not exist (looked at <project>/backend/requirement.txt). There is "backend/requirements.txt"; was that meant?',
  ],
  [
    { ...script, requirements: ['rich', 'nowhere.txt'] },
    '.requirements[1]: the file "nowhere.txt" does not exist (looked at <project>/nowhere.txt).',
  ],
  [
    { ...script, requirements: { lock: 'backend' } },
    '.requirements.lock: the folder "backend" has no uv.lock, poetry.lock, pdm.lock, Pipfile.lock (looked in <project>/backend)',
  ],
  [
    { ...script, requirements: { project: 'backend' } },
    '.requirements.project: there is no pyproject.toml in <project>/backend',
  ],
  [
    { ...script, requirements: './backend/config' },
    '.requirements: the folder "./backend/config" has no uv.lock, poetry.lock, pdm.lock, Pipfile.lock, requirements.txt or pyproject.toml (looked in <project>/backend/config)',
  ],
  [
    { ...script, requirements: 'lone/uv.lock' },
    '.requirements: there is no pyproject.toml beside uv.lock (looked in <project>/lone)',
  ],
  [
    { ...script, data: ['backend/conf'] },
    '.data[0]: the file or folder "backend/conf" does not exist (looked at <project>/backend/conf).',
  ],
  [
    { ...script, data: [{ from: 'backend/confg/*.json' }] },
    '.data[0].from: the folder "backend/confg" of the glob "backend/confg/*.json" does not exist (looked at <project>/backend/confg). There is "backend/config"; was that meant?',
  ],
  [
    { ...script, pyinstaller: { runtimeHooks: ['rth.py'] } },
    '.pyinstaller.runtimeHooks[0]: the file "rth.py" does not exist (looked at <project>/rth.py).',
  ],
  [
    { ...script, pyinstaller: { versionInfo: 'v.txt' } },
    '.pyinstaller.versionInfo: the file "v.txt" does not exist (looked at <project>/v.txt).',
  ],
  [
    { ...script, python: { env: '.venv' } },
    '.python.env: the folder ".venv" does not exist (looked at <project>/.venv).',
  ],
  [
    { ...script, python: { interpreter: './python3' } },
    '.python.interpreter: the file "./python3" does not exist (looked at <project>/python3).',
  ],
  [
    { ...script, python: { findLinks: ['https://a.example/', 'wheels'] } },
    '.python.findLinks[1]: the file or folder "wheels" does not exist (looked at <project>/wheels).',
  ],
  [
    { entry: asgi },
    '.entry.asgi: the module "main" is not in the source (.), but in "backend"; write source: \'backend\'',
  ],
  [
    { entry: { asgi: 'mian:app' }, source: 'backend' },
    '.entry.asgi: there is no module "mian" in the source (backend). Did you mean "main"?',
  ],
  [
    { entry: { call: 'services.biling:run' }, source: 'backend' },
    '.entry.call: there is no module "services.biling" in backend/services; there is billing',
  ],
];

test.each(missing)('what does not exist is named with where it was looked for: %j', async (engine, said) => {
  const folder = await project({ 'lone/uv.lock': '' });
  expect(await problemsOf(folder, { backends: { engine } })).toEqual([`backends.engine${said}`]);
  expect((await errorOf(resolved(folder, { backends: { engine } }))).code).toBe('ERR_NOT_FOUND');
});

test('a module that may come from a distribution is left to Python', async () => {
  const folder = await project({ 'backend/api.py': '' });
  for (const entry of [
    { asgi: 'app:app' },
    { call: 'mian:run' },
    { module: 'flask' },
    { asgi: 'main:app' },
    { module: 'services' },
  ]) {
    await expect(resolvedEngine(folder, { entry, source: 'backend' })).resolves.toMatchObject({
      name: 'engine',
    });
  }
});

describe('between backends', () => {
  const job = { entry: 'backend/main.py', kind: 'job' };

  test('a circle of startAfter is shown', async () => {
    const backends = {
      a: { ...job, startAfter: ['b'] },
      b: { ...job, startAfter: ['c'] },
      c: { ...job, startAfter: ['a'] },
      d: { ...job, startAfter: ['a'] },
    };
    expect(await problemsOf(await project(), { backends })).toEqual([
      'backends.a.startAfter[0]: the backends wait for each other: a → b → c → a; remove one of these',
      'backends.b.startAfter[0]: the backends wait for each other: b → c → a → b; remove one of these',
      'backends.c.startAfter[0]: the backends wait for each other: c → a → b → c; remove one of these',
    ]);
  });

  test('an order without a circle is kept', async () => {
    const backends = { a: { ...job, startAfter: ['b', 'c', 'b'] }, b: { ...job, startAfter: ['c'] }, c: job };
    const config = await resolved(await project(), { backends });
    expect(config.backends.map((backend) => backend.settings.startAfter)).toEqual([['b', 'c'], ['c'], []]);
  });

  test('two programs with one name are refused', async () => {
    const backends = { a: { ...job, pyinstaller: { name: 'Engine' } }, engine: job };
    expect(await problemsOf(await project(), { backends })).toEqual([
      'backends.engine.pyinstaller.name: the program would be called "engine", like that of the backend "a"; give one of them another pyinstaller.name',
    ]);
  });
});

test('the configuration is not changed by resolving it', async () => {
  const folder = await project();
  const config = {
    backends: {
      engine: {
        entry: asgi,
        source: 'backend',
        restart: { never: [1] },
        platforms: { linux: { excludes: ['a'] } },
      },
    },
  };
  const before = structuredClone(config);
  await resolved(folder, config);
  await resolved(folder, config);
  expect(config).toEqual(before);
});

test('paths with backslashes, spaces and letters of every kind work', async () => {
  const folder = await writeFiles({ 'bäck end/main file.py': '', 'bäck end/requirements.txt': '' });
  const backend = await resolvedEngine(folder, { entry: 'bäck end/main file.py', data: ['bäck end/*.txt'] });
  expect(backend.source).toEqual([path.join(folder, 'bäck end')]);
  expect(backend.requirements).toMatchObject({ files: [path.join(folder, 'bäck end/requirements.txt')] });
  expect(await temporaryFolder()).toContain(' ');
});

test('types of an API go beside the generated module, or to a place named, and are no sources', async () => {
  const typed = await project({ 'tsconfig.json': '{}', 'src/main.ts': '' });
  const backend = { entry: asgi, source: ['backend', 'src'] };
  const clientOf = async (client: unknown, more: object = {}) => {
    const { backends } = await resolved(typed, { backends: { engine: { ...backend, client } }, ...more });
    return backends[0];
  };
  const ours = await clientOf(true);
  expect(ours?.client).toEqual({
    openapi: '/openapi.json',
    output: path.join(typed, 'src/engine.api.gen.ts'),
    document: path.join(typed, 'src/engine.api.gen.json'),
  });
  expect(ours?.sourceIgnore.slice(-2)).toEqual(['engine.api.gen.ts', 'engine.api.gen.json']);
  const named = { openapi: '/v1/openapi.json', output: 'types/a.d.ts' };
  expect((await clientOf(named, { generate: false }))?.client).toEqual({
    openapi: '/v1/openapi.json',
    output: path.join(typed, 'types/a.d.ts'),
    document: path.join(typed, 'types/a.json'),
  });
  expect((await clientOf(false))?.client).toBeNull();
  expect((await clientOf(undefined))?.client).toBeNull();
});

test('types are refused for a backend without HTTP, without a place for them, and at a place that is taken', async () => {
  const folder = await project();
  const engine = { entry: asgi, source: 'backend' };
  const tool = { entry: 'backend/main.py', client: true };
  expect(
    await problemsOf(folder, {
      backends: {
        engine: { ...engine, client: true },
        pipe: { ...tool, kind: 'stdio' },
        tool: { ...tool, kind: 'job' },
      },
    }),
  ).toEqual([
    "backends.engine.client: there is no backends.gen.ts to put the types beside; say where they go: client: { output: 'src/engine.api.gen.ts' }",
    'backends.pipe.client: types are made from the OpenAPI document of a server, and a backend of kind "stdio" has none; remove `client`, and talk to it with request()',
    'backends.tool.client: types are made from the OpenAPI document of a server, and a backend of kind "job" has none; remove `client`, and talk to it with run()',
  ]);
  expect(
    await problemsOf(folder, {
      generate: 'b.gen.ts',
      backends: {
        a: { ...engine, client: { output: 'b.gen.ts' } },
        b: { ...engine, client: { output: 'x.ts' } },
        c: { ...engine, client: { output: 'x.mts' } },
        d: { ...engine, client: { output: 'x.js' } },
      },
    }),
  ).toEqual([
    'backends.a.client.output: backends.gen.ts is written there (`generate`); choose another file',
    'backends.d.client.output: expected a path that ends in .ts, got "x.js"',
    'backends.c.client.output: the types of the backend "b" go there too; choose another file',
  ]);
});
