import { expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { errorOf, problemsOf, resolved } from './support.js';

const asgi = { asgi: 'main:app' };

/** Each: what is written in the backend `engine`, and the one line that is said about it. */
const wrongKeys: readonly (readonly [written: object, said: string])[] = [
  [
    { hiddenImport: ['x'] },
    'backends.engine.hiddenImport: unknown key (its value: ["x"] (list)). Did you mean "hiddenImports"?',
  ],
  [
    { hiddenimports: [] },
    'backends.engine.hiddenimports: unknown key (its value: [] (list)). Did you mean "hiddenImports"?',
  ],
  [
    { 'hidden-import': 'x' },
    'backends.engine["hidden-import"]: unknown key (its value: "x" (string)). Did you mean "hiddenImports"?',
  ],
  [
    { datas: [] },
    'backends.engine.datas: unknown key (its value: [] (list)). Did you mean "data"? (each item a path or { from, to })',
  ],
  [
    { 'add-data': 'a:b' },
    'backends.engine["add-data"]: unknown key (its value: "a:b" (string)). Did you mean "data"? (each item a path or { from, to })',
  ],
  [
    { onefile: true },
    "backends.engine.onefile: unknown key (its value: true (boolean)). Did you mean backends.engine.pyinstaller.mode? (write mode: 'onefile')",
  ],
  [
    { pyinstaller: { onefile: true } },
    'backends.engine.pyinstaller.onefile: unknown key (its value: true (boolean)). Did you mean "mode"? (write mode: \'onefile\')',
  ],
  [
    { noconsole: true },
    'backends.engine.noconsole: unknown key (its value: true (boolean)). Did you mean backends.engine.pyinstaller.console? (best left out: the app starts the backend without a window in any case)',
  ],
  [
    { pyinstaller: { windowed: true } },
    'backends.engine.pyinstaller.windowed: unknown key (its value: true (boolean)). Did you mean "console"? (best left out: the app starts the backend without a window in any case)',
  ],
  [
    { pyinstaller: { hiddenimports: ['x'] } },
    'backends.engine.pyinstaller.hiddenimports: unknown key (its value: ["x"] (list)). Did you mean backends.engine.hiddenImports?',
  ],
  [
    { pyinstaller: { splash: 'a.png' } },
    'backends.engine.pyinstaller.splash: unknown key (its value: "a.png" (string)). Leave it out: a backend has no window; show start-up in the app with the events of the backend.',
  ],
  [
    { distpath: 'dist' },
    'backends.engine.distpath: unknown key (its value: "dist" (string)). Leave it out: the bundle goes into the cache and from there into the app.',
  ],
  [
    { port: 8003 },
    'backends.engine.port: unknown key (its value: 8003 (number)). Did you mean backends.engine.address.port? (write address: { port: 8000 })',
  ],
  [
    { copy_metadata: ['tqdm'] },
    'backends.engine.copy_metadata: unknown key (its value: ["tqdm"] (list)). Did you mean backends.engine.collect.metadata?',
  ],
  [
    { icon: 'x.ico' },
    'backends.engine.icon: unknown key (its value: "x.ico" (string)). It belongs in backends.engine.pyinstaller.icon.',
  ],
  [
    { args: [] },
    'backends.engine.args: unknown key (its value: [] (list)). It belongs in backends.engine.run.args, backends.engine.run.dev.args or backends.engine.verify.args.',
  ],
  [
    { cacheDir: 'x' },
    'backends.engine.cacheDir: unknown key (its value: "x" (string)). It belongs at the top level, beside "backends".',
  ],
  [
    { ready: { htpp: '/x' } },
    'backends.engine.ready.htpp: unknown key (its value: "/x" (string)). Did you mean "http"?',
  ],
  [
    { restart: { quickly: true } },
    'backends.engine.restart.quickly: unknown key (its value: true (boolean)). Allowed here: max, windowMs, delayMs, factor, maxDelayMs, stableAfterMs, maxStartFailures, never, immediately.',
  ],
  [
    { platforms: { windows: {} } },
    'backends.engine.platforms.windows: unknown key (its value: {} (object)). Did you mean "win32"?',
  ],
  [
    { platforms: { 'mac-arm64': {} } },
    'backends.engine.platforms["mac-arm64"]: unknown key (its value: {} (object)). Did you mean "darwin-arm64"?',
  ],
  [
    { platforms: { linux: { onefile: true } } },
    "backends.engine.platforms.linux.onefile: unknown key (its value: true (boolean)). Did you mean backends.engine.platforms.linux.pyinstaller.mode? (write mode: 'onefile')",
  ],
  [
    { prebuilt: { macos: 'x' } },
    'backends.engine.prebuilt.macos: unknown key (its value: "x" (string)). Allowed here: linux-x64, linux-arm64, linux-ia32, linux-armv7l, darwin-x64, darwin-arm64, win32-x64, win32-arm64, win32-ia32.',
  ],
  [
    { data: [{ form: 'x', from: 'y' }] },
    'backends.engine.data[0].form: unknown key (its value: "x" (string)). Did you mean "from"?',
  ],
];

test.each(wrongKeys)('an unknown key is answered with the key that was meant: %j', async (written, said) => {
  expect(
    await problemsOf(await temporaryFolder(), { backends: { engine: { entry: asgi, ...written } } }),
  ).toEqual([said]);
});

/** Options of PyInstaller that a backend does not need. */
const needless = [
  'argvEmulation',
  'bootloaderIgnoreSignals',
  'disableWindowedTraceback',
  'excludeSystemLibraries',
  'hideConsole',
  'noarchive',
  'resources',
  'targetArch',
  'uacAdmin',
  'uacUiaccess',
];

test.each(needless)('pyinstaller.%s: the message says what to do instead', async (key) => {
  const [said, ...others] = await problemsOf(await temporaryFolder(), {
    backends: { engine: { entry: asgi, pyinstaller: { [key]: true } } },
  });
  expect(others).toEqual([]);
  expect(said).toMatch(
    /: unknown key .*\. (?:Leave it out.*\b(?:backend|app|program|spec)\b.*\.|Did you mean "moduleCollectionMode"\?.*)$/,
  );
});

/** Each: what is written in the backend, the place, and what the rest of the line says. */
const wrongValues: readonly (readonly [written: object, said: string | RegExp])[] = [
  [
    { ready: { timeoutMs: '90s' } },
    'ready.timeoutMs: expected a whole number of milliseconds, 1 or more, got "90s" (string)',
  ],
  [
    { ready: { timeoutMs: 1e12 } },
    'ready.timeoutMs: expected a whole number of milliseconds, 1 or more, got 1000000000000 (number)',
  ],
  [
    { ready: 'health' },
    "ready: expected a URL path such as '/api/health', or an object such as { http: '/api/health' }, got \"health\" (string)",
  ],
  [
    { ready: { log: '(' } },
    'ready.log: expected a regular expression as text, such as \'listening on port [0-9]+\', got "(" (string)',
  ],
  [{ kind: 'server' }, "kind: expected 'http', 'stdio' or 'job', got \"server\" (string)"],
  [{ pyinstaller: { optimize: 3 } }, 'pyinstaller.optimize: expected 0, 1 or 2, got 3 (number)'],
  [{ pyinstaller: { strip: 'yes' } }, 'pyinstaller.strip: expected true or false, got "yes" (string)'],
  [
    { pyinstaller: { name: 'bin/engine' } },
    "pyinstaller.name: expected the name of a program such as 'engine' (no folder, no '.exe', none of < > : \" / \\ | ? *), got \"bin/engine\" (string)",
  ],
  [
    { python: { version: 'three' } },
    "python.version: expected a version range such as '>=3.10', '>=3.10,<3.14' or '3.12', got \"three\" (string)",
  ],
  [{ python: '3.12' }, /got "3\.12" \(string\); write python: \{ version: "3\.12" \}$/],
  [{ python: '.venv/bin/python' }, /; write python: \{ interpreter: "\.venv\/bin\/python" \}$/],
  [{ pyinstaller: 'onefile' }, /; write pyinstaller: \{ mode: "onefile" \}$/],
  [
    { hiddenImports: ['services/billing'] },
    "hiddenImports[0]: expected a dotted Python module name such as 'services.billing', 'services.*' (its direct modules) or 'services.**' (all below it), or { name: '…', optional: true }, got \"services/billing\" (string)",
  ],
  [{ hiddenImports: 'services' }, /hiddenImports: expected a list, each item .*, got "services" \(string\)/],
  [
    { hiddenImports: [{ optional: true }] },
    /hiddenImports\[0\]: the key "name" is missing; write name: a dotted Python module name .*/,
  ],
  [
    { excludes: ['torch.*'] },
    `excludes[0]: expected a dotted Python module name such as 'tkinter' (what is below it is left out too; no '*'), got "torch.*" (string)`,
  ],
  [
    { address: { port: 0 } },
    "address.port: expected a port number from 1 to 65535 or a range such as [8000, 8010]; for any free port write address: 'announce', got 0 (number)",
  ],
  [
    { address: { port: 8000, host: '0.0.0.0' } },
    "address.host: expected '127.0.0.1' or '::1', got \"0.0.0.0\" (string)",
  ],
  [
    { address: 8000 },
    "address: expected 'announce', 'unix', 'none' or { port: 8000 } or { port: [8000, 8010] }, got 8000 (number)",
  ],
  [
    { verify: { maxSize: '500 megabytes' } },
    "verify.maxSize: expected a number of bytes or a size such as '500 MB' (1000s) or '500 MiB' (1024s), got \"500 megabytes\" (string)",
  ],
  [
    { licenses: { deny: ['GPL'] } },
    'licenses.deny[0]: "GPL" is no SPDX license, nor \'unknown\'; the identifiers are listed at https://spdx.org/licenses',
  ],
  [
    { licenses: { clarify: { six: 'MIT License' } } },
    'licenses.clarify.six: "MIT License" is no SPDX license; the identifiers are listed at https://spdx.org/licenses',
  ],
  [
    { licenses: { file: 'a/b.txt' } },
    'licenses.file: expected the name of a file, without a folder, such as \'THIRD-PARTY-PYTHON.txt\', got "a/b.txt" (string)',
  ],
  [{ verify: { glibc: 2.28 } }, "verify.glibc: expected a glibc version such as '2.28', got 2.28 (number)"],
  [
    { verify: true },
    "verify: expected false, or an object such as { imports: ['services.billing'], maxSize: '500 MB' }, got true (boolean)",
  ],
  [
    { health: null },
    "health: expected false, a URL path such as '/api/health', or an object such as { http: '/api/health', intervalMs: 10000 }, got null (nothing was written there)",
  ],
  [{ source: ['a', 3] }, 'source[1]: expected a text that is not empty, got 3 (number)'],
  [
    { data: [{ from: 'a', to: '../b' }] },
    "data[0].to: expected a folder inside the bundle such as 'config' or '.' (not absolute, no '..'), got \"../b\" (string)",
  ],
  [
    { data: [{ from: 'a', to: '/b' }] },
    "data[0].to: expected a folder inside the bundle such as 'config' or '.' (not absolute, no '..'), got \"/b\" (string)",
  ],
  [{ presets: { django: 'no' } }, 'presets.django: expected true or false, got "no" (string)'],
  [
    { presets: { fastpi: false } },
    'presets.fastpi: unknown key (its value: false (boolean)). Did you mean "fastapi"?',
  ],
  [
    { presets: { sklearn: true } },
    /^backends\.engine\.presets\.sklearn: unknown key .* Allowed here: fastapi, flask, .*, scikit-learn, /,
  ],
  [{ run: { env: { A: 1 } } }, 'run.env.A: expected a text, got 1 (number)'],
  [
    { entry: { asgi: 'main.py' } },
    "entry.asgi: expected '<module>:<attribute>', such as 'main:app', got \"main.py\" (string)",
  ],
  [
    { entry: { asgi: 'pkg.main.app' } },
    "entry.asgi: expected '<module>:<attribute>', such as 'main:app', got \"pkg.main.app\" (string); write 'pkg.main:app'",
  ],
  [
    { entry: { asgi: 'backend/main:app' } },
    "entry.asgi: expected '<module>:<attribute>', such as 'main:app', got \"backend/main:app\" (string); write 'main:app' and source: 'backend': a module has no ending, and the source folder is where imports start",
  ],
  [
    { entry: { wsgi: 'backend/app.py:app' } },
    "entry.wsgi: expected '<module>:<attribute>', such as 'main:app', got \"backend/app.py:app\" (string); write 'app:app' and source: 'backend': a module has no ending, and the source folder is where imports start",
  ],
  [
    { entry: { asgi: 'main:app', script: 'main.py' } },
    'entry.script: cannot be combined with backends.engine.entry.asgi; keep one of the two',
  ],
  [
    { entry: { asg: 'main:app' } },
    'entry.asg: unknown key (its value: "main:app" (string)). Did you mean "asgi"?',
  ],
  [
    { logs: { maxSize: 'x'.repeat(5000) } },
    /logs\.maxSize: expected .*, got "x{100}"… \(5000 characters\) \(string\)/,
  ],
  [{ run: { cwd: 'a\0b' } }, 'run.cwd: the text contains a NUL character, which no path or name can hold'],
  [
    { run: { args: [() => 1] } },
    'run.args[0]: a function cannot stand here; only texts, numbers, booleans, lists and objects',
  ],
  [{ logs: { redact: [/x/] } }, 'logs.redact[0]: a RegExp cannot stand here; only plain objects'],
  [{ stop: { graceMs: Number.NaN } }, 'stop.graceMs: NaN is not a number that can be used'],
];

test.each(wrongValues)(
  'a wrong value is named with its place and what is allowed: %j',
  async (written, said) => {
    const [line, ...more] = await problemsOf(await temporaryFolder(), {
      backends: { engine: { entry: asgi, ...written } },
    });
    expect(more).toEqual([]);
    if (said instanceof RegExp) expect(line).toMatch(said);
    else expect(line).toBe(`backends.engine.${said}`);
  },
);

/** Each: the whole configuration and what is said about it. */
const wrongWholes: readonly (readonly [config: unknown, said: string | RegExp])[] = [
  [
    { backends: {} },
    "backends: the object is empty; name at least one backend, such as engine: { entry: { asgi: 'main:app' } }",
  ],
  [
    { cacheDir: 'x' },
    '(top level): the key "backends" is missing; write backends: an object with the backends by name, such as { engine: { entry: … } }',
  ],
  [
    { backends: { app: { entry: asgi } } },
    "backends.app: expected a name for a backend such as 'engine' (letters, digits, - and _, beginning with a letter, at most 64; not a name Electron uses, such as 'app') as the key",
  ],
  [
    { backends: { 'my engine': { entry: asgi } } },
    "backends[\"my engine\"]: expected a name for a backend such as 'engine' (letters, digits, - and _, beginning with a letter, at most 64; not a name Electron uses, such as 'app') as the key",
  ],
  [
    { backends: { CON: { entry: asgi } } },
    "backends.CON: expected a name for a backend such as 'engine' (letters, digits, - and _, beginning with a letter, at most 64; not a name Electron uses, such as 'app') as the key",
  ],
  [
    { backends: { constructor: { entry: asgi } } },
    "backends.constructor: expected a name for a backend such as 'engine' (letters, digits, - and _, beginning with a letter, at most 64; not a name Electron uses, such as 'app') as the key",
  ],
  [JSON.parse('{ "backends": { "__proto__": { "entry": "x.py" } } }'), 'backends.__proto__: unknown key'],
  [
    { backends: { engine: { entry: asgi }, Engine: { entry: asgi, pyinstaller: { name: 'other' } } } },
    'backends.Engine: differs from "engine" only in upper and lower case, which is one folder on Windows and macOS; choose another name',
  ],
  [
    { backends: { engine: 'main.py' } },
    /backends\.engine: expected an object with entry, kind, source, .*, got "main.py" \(string\)/,
  ],
  [['a'], '(top level): expected an object with $schema, backends, cacheDir, generate, got ["a"] (list)'],
  ['text', '(top level): expected an object with $schema, backends, cacheDir, generate, got "text" (string)'],
  [
    { backends: { engine: { entry: asgi } }, generate: 'src/backends.js' },
    'generate: expected a path that ends in .ts, got "src/backends.js"',
  ],
  [
    { backends: { engine: { entry: asgi } }, backend: {} },
    'backend: unknown key (its value: {} (object)). Did you mean "backends"?',
  ],
];

test.each(wrongWholes)('a wrong configuration is explained: %j', async (config, said) => {
  const [line, ...more] = await problemsOf(await temporaryFolder(), config);
  expect(more).toEqual([]);
  if (said instanceof RegExp) expect(line).toMatch(said);
  else expect(line).toBe(said);
});

test('a backend written at the top level is told where it belongs', async () => {
  expect(
    await problemsOf(await temporaryFolder(), { entry: 'main.py', mode: 'onefile', backends: {} }),
  ).toEqual([
    'entry: unknown key (its value: "main.py" (string)). It belongs in backends.<name>.entry.',
    'mode: unknown key (its value: "onefile" (string)). It belongs in backends.<name>.pyinstaller.mode.',
  ]);
});

test('every problem of a configuration is reported at once, one line each', async () => {
  const error = await errorOf(
    resolved(await temporaryFolder(), {
      backends: { engine: { entry: asgi, hiddenImport: [], ready: { timeoutMs: -1 } }, other: { entry: 3 } },
      cachedir: 'x',
    }),
  );
  expect(error.code).toBe('ERR_CONFIG');
  expect(error.message.split('\n').map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
    'The configuration has 4 problems:',
    '  pyinstaller.config.ts: backends.engine.hiddenImport',
    '  pyinstaller.config.ts: backends.engine.ready.timeoutMs',
    '  pyinstaller.config.ts: backends.other.entry',
    '  pyinstaller.config.ts: cachedir',
  ]);
  expect(error.path).toBe('backends.engine.hiddenImport');
  expect(error.backend).toBe('engine');
});

test('a flood of problems is cut short and counted', async () => {
  const data = Array.from({ length: 500 }, () => 3);
  const error = await errorOf(
    resolved(await temporaryFolder(), { backends: { engine: { entry: asgi, data } } }),
  );
  const lines = error.message.split('\n');
  expect(lines[0]).toBe('The configuration has 500 problems:');
  expect(lines.at(-1)).toBe('  … and 470 more');
  expect(lines).toHaveLength(32);
});

test('an override is blamed where it is written', async () => {
  const folder = await writeFiles({ 'main.py': '', 'hooks/x.py': '' });
  const engine = {
    entry: 'main.py',
    pyinstaller: { icon: 'a.ico', hooks: ['hooks'] },
    ready: '/ok',
    platforms: {
      linux: { pyinstaller: { hooks: ['hoks'] } },
      'linux-x64': { run: { args: ['{prot}'] } },
      win32: { data: ['nowhere'] },
    },
  };
  expect(await problemsOf(folder, { backends: { engine } })).toEqual([
    'backends.engine.platforms.linux.pyinstaller.hooks[0]: the folder "hoks" does not exist (looked at <project>/hoks). There is "hooks"; was that meant?',
    'backends.engine.pyinstaller.icon: the file "a.ico" does not exist (looked at <project>/a.ico).',
    'backends.engine.platforms["linux-x64"].run.args[0]: unknown placeholder {prot} in "{prot}". Did you mean {port}?',
  ]);
});
