import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ResolvedBackend } from '../../../src/config/index.js';
import type { BackendConfig } from '../../../src/config/schema/index.js';
import { freezeBackend } from '../../../src/freeze/index.js';
import { askPreflight, preflightQuestion } from '../../../src/freeze/preflight/ask.js';
import { judgePreflight, missingServer, pythonRange } from '../../../src/freeze/preflight/judge.js';
import { placeOf } from '../../../src/freeze/preflight/preflight.js';
import { probeInterpreter } from '../../../src/python/find/probe.js';
import type { InterpreterProbe, PythonEnvironment } from '../../../src/python/types.js';
import { verifyBundle } from '../../../src/verify/verify.js';
import { python3 } from '../../python/real-pythons.js';
import { resolvedBackend } from '../../support/backend.js';
import { presetPrograms } from '../../presets/programs.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { repositoryDir } from '../../support/paths.js';
import { patience } from '../../support/windows.js';

/** How the name of a compiled module ends that only this version of Python imports. */
const versionSuffix = execFileSync(
  python3(),
  ['-c', 'import importlib.machinery; print(importlib.machinery.EXTENSION_SUFFIXES[0])'],
  { encoding: 'utf8' },
).trim();

let probe: InterpreterProbe;
let folder: string;
beforeAll(async () => {
  probe = await probeInterpreter(python3());
  folder = await mkdtemp(path.join(tmpdir(), 'epy preflight-'));
  return () => rm(folder, { recursive: true, force: true });
});

type Case = readonly [Readonly<Record<string, string>>, Partial<BackendConfig>, PythonEnvironment?];
let projects = 0;

async function project([files, config]: Case): Promise<ResolvedBackend> {
  projects += 1;
  const projectDir = path.join(folder, String(projects));
  const below = Object.entries(files).map(([name, text]) => [`backend/${name}`, text] as const);
  await writeFiles(Object.fromEntries(below), projectDir);
  await mkdir(path.join(projectDir, 'backend'), { recursive: true });
  return resolvedBackend(projectDir, { source: 'backend', ...config });
}

/** Everything that is said of each, as one text; empty: nothing. One process answers for all. */
async function saidOf(cases: readonly Case[]): Promise<string[]> {
  const backends = await Promise.all(cases.map((one) => project(one)));
  const questions = backends.map(
    (backend, index) => preflightQuestion(backend, placeOf(backend, cases[index]?.[2] ?? null)) ?? '{}',
  );
  const answers = await askPreflight(questions, probe.executable);
  expect(answers).toHaveLength(cases.length);
  return backends.map((backend, index) => {
    const answer = answers[index];
    const findings = answer === undefined ? [] : judgePreflight(backend, answer, probe.version);
    return findings.map(({ message, fix }) => `${message}. ${fix}`).join('\n');
  });
}

async function said(...one: Case): Promise<string> {
  return (await saidOf([one]))[0] ?? '';
}

/** An environment in which nothing but the standard library and what the machine has is installed. */
const installed = (sitePackages: readonly string[] = []) =>
  ({
    interpreter: probe.executable,
    probe: { ...probe, sitePackages },
  }) as unknown as PythonEnvironment;

const fastapi = 'from fastapi import FastAPI\napp = FastAPI()\n';
const flask = 'from flask import Flask\napp = Flask(__name__)\n';
const asgi = { entry: { asgi: 'app:app' } };
const wsgi = { entry: { wsgi: 'app:app' } };
const call = (target: string) => ({ entry: { call: target } });
const packages = (...names: string[]) => ({ requirements: names });
const poetry = '[tool.poetry.dependencies]\npython = "^3.99"\n';

describe('what is certainly wrong is said with the edit', () => {
  const wrong: [string, Readonly<Record<string, string>>, Partial<BackendConfig>, RegExp][] = [
    [
      'the ending of the file',
      { 'app.py': fastapi },
      { entry: { asgi: 'app.py:app' } },
      /no module 'app\.py'.*Write entry: \{ asgi: 'app:app' \}.*has no ending/s,
    ],
    [
      'the folder of the sources',
      { 'app.py': fastapi },
      { entry: { asgi: 'backend.app:app' }, ...packages('fastapi') },
      /no module 'backend' in the source \(backend\).*asgi: 'app:app'.*source folder is where imports start/s,
    ],
    [
      'the folder of the sources, with requirements in a file',
      { 'app.py': flask, 'requirements.txt': 'flask==3.0 # web\n' },
      { entry: { wsgi: 'backend.app:app' } },
      /Write entry: \{ wsgi: 'app:app' \}/,
    ],
    [
      'a module with nearly the name',
      { 'app.py': flask, 'requirements.txt': 'flask\n' },
      { entry: { wsgi: 'ap:app' } },
      /no module 'ap'.*Write entry: \{ wsgi: 'app:app' \}/s,
    ],
    [
      'a module that is nowhere, when nothing is installed',
      { 'app.py': fastapi },
      call('nowhere_at_all:main'),
      /no module 'nowhere_at_all' in the source \(backend\); there is app\. Correct/,
    ],
    [
      'an attribute that is nowhere',
      { 'main.py': 'import os\nfrom fastapi import FastAPI\napi = FastAPI()\ndef other(): pass\n' },
      { entry: { asgi: 'main:app' } },
      /backend\/main\.py has no 'app'; it has api, other\. Write entry: \{ asgi: 'main:api' \}/,
    ],
    [
      'a name that is only described',
      { 'app.py': 'app: object\n' },
      asgi,
      /app\.py has no 'app'; it has nothing/,
    ],
    [
      'an attribute of a package',
      { 'pkg/__init__.py': 'x = 1\n', 'pkg/web.py': fastapi },
      { entry: { asgi: 'pkg:app' } },
      /backend\/pkg\/__init__\.py has no 'app'/,
    ],
    [
      'a dotted attribute by its first part',
      { 'main.py': 'x = 1\n' },
      call('main:state.app'),
      /has no 'state'/,
    ],
    [
      'Flask given as ASGI',
      { 'app.py': flask },
      asgi,
      /app\.py:2 makes a Flask application, which is WSGI.*wsgi: 'app:app'/,
    ],
    [
      'FastAPI given as WSGI',
      { 'app.py': fastapi },
      wsgi,
      /FastAPI application, which is ASGI.*asgi: 'app:app'/,
    ],
    [
      'a dotted class',
      { 'app.py': 'import flask as f\napp: object = f.Flask("x")\n' },
      asgi,
      /Flask application/,
    ],
    [
      'a factory',
      { 'app.py': `def make():\n  from flask import Flask\n  app = Flask("x")\n  return app\n` },
      { entry: { asgi: 'app:make' } },
      /Flask application/,
    ],
    [
      'an application of another module',
      { 'app.py': 'from web import app\n', 'web.py': flask },
      asgi,
      /web\.py:2 makes a Flask/,
    ],
    [
      'one of a package',
      { 'p/__init__.py': 'from .web import app\n', 'p/web.py': flask },
      { entry: { asgi: 'p:app' } },
      /p\/web\.py:2 makes a Flask/,
    ],
    [
      'Django',
      { 'app.py': 'from django.core.wsgi import get_wsgi_application\napp = get_wsgi_application()\n' },
      asgi,
      /get_wsgi_application/,
    ],
    [
      'a syntax error',
      { 'app.py': 'x = 1\ndef f(:\n  pass\n' },
      asgi,
      /backend\/app\.py:2 is not valid Python \(.+\): def f\(:/,
    ],
    [
      'one that only the compiler finds',
      { 'app.py': 'return 1\n' },
      asgi,
      /app\.py:1 is not valid Python .*outside function/,
    ],
    [
      'one in what is imported',
      { 'app.py': `import a.b\n${fastapi}`, 'a/__init__.py': '', 'a/b.py': 'x = = 1\n' },
      asgi,
      /a\/b\.py:1 is not valid/,
    ],
    [
      'one in a module of a package',
      { 'app.py': `from a import b\n${fastapi}`, 'a/__init__.py': '', 'a/b.py': 'x = = 1\n' },
      asgi,
      /a\/b\.py:1/,
    ],
    [
      'one in a script',
      { 'm.py': 'print "x"\n' },
      { entry: 'backend/m.py', kind: 'job' },
      /m\.py:1 is not valid Python/,
    ],
    [
      'one in what a script without .py imports',
      { 'm.pyw': 'import a\n', 'a.py': '(' },
      { entry: 'backend/m.pyw', kind: 'job' },
      /a\.py:1/,
    ],
    [
      'one in the __main__ of a package',
      { 'p/__init__.py': '', 'p/__main__.py': 'x =\n' },
      { entry: { module: 'p' }, kind: 'job' },
      /__main__\.py:1/,
    ],
    [
      'a server that cannot say where it is',
      { 'm.py': 'import uvicorn\nif __name__ == "__main__":\n  uvicorn.run("app:app", port=8000)\n' },
      { entry: 'backend/m.py', ...packages('uvicorn') },
      /m\.py:3 starts a server by itself \(uvicorn\.run\).*address: \{ port: 8000 \}, ready: '\/health'/,
    ],
    [
      'app.run of Flask',
      { 'm.py': `${flask}app.run()\n` },
      { entry: 'backend/m.py', ...packages('flask') },
      /m\.py:3 starts a server/,
    ],
    [
      'a program that serves nothing',
      { 'm.py': 'print(1)\n' },
      { entry: 'backend/m.py' },
      /never says where it is.*kind: 'job'/,
    ],
    [
      'requires-python',
      {
        'app.py': fastapi,
        'pyproject.toml': '[project]\nname = "x"\nversion = "1"\nrequires-python = "==3.99.*"\n',
      },
      { ...asgi, requirements: 'backend/pyproject.toml' },
      /would be used, but backend\/pyproject\.toml wants ==3\.99\.\* .*python: \{ version: '==3\.99\.\*' \}/,
    ],
    [
      "requires-python of Poetry's",
      { 'app.py': fastapi, 'pyproject.toml': poetry },
      { ...asgi, requirements: 'backend/pyproject.toml' },
      /wants \^3\.99 .*version: '>=3\.99,<4'/,
    ],
    [
      'a distribution as hidden import',
      { 'm.py': '' },
      { entry: 'backend/m.py', kind: 'job', hiddenImports: ['no-such-module'] },
      /'no-such-module' in hiddenImports is no module/,
    ],
    [
      'a module that raises',
      { 'app.py': `${fastapi}raise RuntimeError("not configured")\n` },
      asgi,
      /^backend\/app\.py:3 ends every import of it: raise RuntimeError\('not configured'\)\. Take that line out/,
    ],
    [
      'a module that raises before it has anything',
      { 'main.py': 'import os\nraise SystemExit("no")\ndef main(): pass\n' },
      call('main:main'),
      /^backend\/main\.py:2 ends every import[^\n]+$/,
    ],
    [
      'one that ends the program',
      { 'app.py': 'import sys\nfrom fastapi import FastAPI\nsys.exit(1)\napp = FastAPI()\n' },
      asgi,
      /app\.py:3 ends every import of it: sys\.exit\(1\)/,
    ],
    [
      'one that is imported',
      { 'app.py': `import settings\n${fastapi}`, 'settings.py': 'raise KeyError("HOME")\n' },
      asgi,
      /settings\.py:1 ends every import/,
    ],
  ];
  let texts: string[];
  beforeAll(async () => {
    texts = await saidOf(wrong.map(([, files, config]) => [files, config]));
  });
  test.each(wrong.map(([title, , , expected], index) => [title, index, expected] as const))(
    '%s',
    (_title, index, expected) => {
      expect(texts[index]).toMatch(expected);
    },
  );

  test('what is written as the edit leaves nothing to say', async () => {
    const mended = wrong.flatMap(([title, files, config], index): [string, Case][] => {
      const [, edit] =
        /Write ((?:entry: \{ \w+: '[^']+' \}|address: \{ port: \d+ \}, ready: '[^']+'))/i.exec(
          texts[index] ?? '',
        ) ?? [];
      return edit === undefined ? [] : [[title, [files, { ...config, ...(parse(`{ ${edit} }`) as object) }]]];
    });
    expect(mended.length).toBeGreaterThan(10);
    const after = await saidOf(mended.map(([, one]) => one));
    expect(mended.flatMap(([title], index) => (after[index] === '' ? [] : [title, after[index]]))).toEqual(
      [],
    );
  });

  test('a module that is not installed either, once the environment is there', async () => {
    const files = { 'app.py': fastapi, 'requirements.txt': 'fastapi\n' };
    const config = { entry: { asgi: 'nowhere_at_all:app' } };
    expect(await said(files, config)).toBe('');
    expect(await said(files, config, installed())).toMatch(/no module 'nowhere_at_all'/);
    // A folder could have brought it, and did not.
    const folder = { 'app.py': fastapi, 'requirements.txt': '-e ..\n' };
    expect(await said(folder, { entry: { asgi: 'backend.app:app' } })).toBe('');
    expect(await said(folder, { entry: { asgi: 'backend.app:app' } }, installed())).toMatch(
      /asgi: 'app:app'/,
    );
  });

  test('a script that does not say where it is, when nothing installed could', async () => {
    const files = { 'm.py': 'import six\nsix.main()\n', 'requirements.txt': 'six\n' };
    expect(await said(files, { entry: 'backend/m.py' })).toBe('');
    expect(await said(files, { entry: 'backend/m.py' }, installed([await temporaryFolder()]))).toMatch(
      /never says where/,
    );
    const site = await writeFiles({ 'company/server.py': 'from electron_pyinstaller import serve\n' });
    expect(await said(files, { entry: 'backend/m.py' }, installed([site]))).toBe('');
  });
});

describe('nothing is said of a right program, or of what cannot be known', () => {
  const right: [string, Readonly<Record<string, string>>, Partial<BackendConfig>][] = [
    ['a plain application', { 'app.py': fastapi }, asgi],
    [
      'a module of a requirement',
      { 'm.py': '' },
      { entry: { asgi: 'datasette.app:app' }, ...packages('datasette') },
    ],
    [
      'a module of some requirement',
      { 'app.py': fastapi },
      { entry: { call: 'acme_tool.cli:main' }, ...packages('acme') },
    ],
    [
      'a near name that is a requirement',
      { 'app.py': flask },
      { entry: { wsgi: 'ap:app' }, ...packages('ap') },
    ],
    [
      'a near name that a folder may bring',
      { 'app.py': flask, 'requirements.txt': '-e ./lib\n' },
      { entry: { wsgi: 'ap:app' } },
    ],
    [
      'the source folder as an installed package',
      { 'app.py': fastapi, 'requirements.txt': '-e ..\n' },
      { entry: { asgi: 'backend.app:app' } },
    ],
    [
      'a module of the standard library',
      { 'm.py': '' },
      { entry: { module: 'http.server' }, address: { port: 8000 }, ready: '/' },
    ],
    ['import *', { 'app.py': 'from web import *\n', 'web.py': fastapi }, asgi],
    ['__getattr__', { 'app.py': 'def __getattr__(name): return 1\n' }, asgi],
    ['globals()', { 'app.py': 'globals()["app"] = 1\n' }, asgi],
    ['sys.modules', { 'app.py': 'import sys\nsys.modules[__name__].app = 1\n' }, asgi],
    ['a module that a library replaces', { 'app.py': 'import apipkg\napipkg.initpkg(__name__, {})\n' }, asgi],
    ['names set from a frame', { 'app.py': 'import sys\nsys._getframe().f_globals.update(app=1)\n' }, asgi],
    ['global in a function', { 'app.py': 'def f():\n  global app\n  app = 1\nf()\n' }, asgi],
    ['try and except', { 'app.py': 'try:\n  from x import app\nexcept ImportError:\n  app = None\n' }, asgi],
    ['a condition', { 'app.py': 'if 1:\n  app = 1\n' }, asgi],
    [
      'with, for, while, walrus, match',
      { 'app.py': 'with open("x") as a: pass\nfor b, *c in []: pass\nwhile d := 0: pass\n' },
      call('app:d'),
    ],
    ['unpacking', { 'app.py': 'a, (b, *app) = 1, (2, 3)\n' }, asgi],
    ['a pattern', { 'app.py': 'match 1:\n  case {"x": y, **app}: pass\n' }, asgi],
    ['an exception', { 'app.py': 'try: pass\nexcept E as app: pass\n' }, asgi],
    ['an annotated assignment', { 'app.py': 'app: object = make()\n' }, asgi],
    ['what a function returns', { 'app.py': 'from x import create_app\napp = create_app()\n' }, asgi],
    [
      'a dotted attribute',
      { 'main.py': 'import state\n', 'state.py': fastapi },
      { entry: { asgi: 'main:state.app' } },
    ],
    ['an import', { 'app.py': 'from web import api as app\n', 'web.py': 'api = 1\n' }, asgi],
    [
      'an attribute set by another module',
      { 'app.py': 'import web\n', 'web.py': 'import app\napp.app = 1\n' },
      asgi,
    ],
    [
      'a module of a package as attribute',
      { 'pkg/__init__.py': 'import pkg.web\n', 'pkg/web.py': '' },
      { entry: { call: 'pkg:web.main' } },
    ],
    ['a namespace package', { 'ns/app.py': fastapi }, { entry: { asgi: 'ns.app:app' } }],
    ['a compiled module', { [`app${versionSuffix}`]: '' }, asgi],
    ['a compiled module of Windows', { 'app.pyd': '' }, asgi],
    ['a compiled package', { 'app/__init__.abi3.so': '' }, asgi],
    ['Flask in an adapter', { 'app.py': `${flask}app = WsgiToAsgi(app)\n` }, asgi],
    [
      'Flask or FastAPI',
      {
        'app.py':
          'if x:\n  from flask import Flask as A\nelse:\n  from fastapi import FastAPI as A\napp = A()\n',
      },
      asgi,
    ],
    ['Flask rebound by a function', { 'app.py': `${flask}def f():\n  global app\n  app = 1\n` }, asgi],
    [
      'a class of its own called Flask',
      { 'app.py': 'from flask import Flask\napp = Flask()\n', 'flask.py': 'class Flask: pass\n' },
      asgi,
    ],
    [
      'a class made from Flask',
      { 'app.py': 'from flask import Flask\nclass App(Flask): pass\napp = App("x")\n' },
      asgi,
    ],
    [
      'a factory that needs something',
      { 'app.py': 'from flask import Flask\ndef app(environ, start): return Flask("x")\n' },
      asgi,
    ],
    [
      'a decorated factory',
      { 'app.py': 'from flask import Flask\n@adapt\ndef app(): return Flask("x")\n' },
      asgi,
    ],
    [
      'a factory with several results',
      { 'app.py': 'from flask import Flask\ndef app():\n  if x: return y\n  return Flask("x")\n' },
      asgi,
    ],
    ['Flask in its place', { 'app.py': flask }, wsgi],
    ['a declared encoding', { 'app.py': '# -*- coding: latin-1 -*-\napp = 1\n' }, asgi],
    ['a byte order mark', { 'app.py': '\uFEFFapp = 1\n' }, asgi],
    [
      'a syntax error in what is imported on a condition',
      {
        'app.py': `try:\n  import bad\nexcept Exception: pass\nif 0:\n  import bad\n${fastapi}`,
        'bad.py': '(',
      },
      asgi,
    ],
    ['a syntax error that nothing imports', { 'app.py': fastapi, 'bad.py': '(' }, asgi],
    [
      'a syntax error hidden by the package',
      { 'app.py': `from a import b\n${fastapi}`, 'a/__init__.py': 'b = 1\n', 'a/b.py': '(' },
      asgi,
    ],
    [
      'a syntax error in a name of the standard library',
      { 'app.py': `import json\n${fastapi}`, 'json.py': '(' },
      asgi,
    ],
    ['imports in a circle', { 'app.py': `import b\n${fastapi}`, 'b.py': 'import app\n' }, asgi],
    [
      'a script that announces',
      { 'm.py': 'from electron_pyinstaller import serve\nserve(1)\n' },
      { entry: 'backend/m.py' },
    ],
    [
      'a module that announces',
      { 'm.py': 'import x.y\n', 'x/y.py': 'import electron_pyinstaller as e\n' },
      { entry: 'backend/m.py' },
    ],
    [
      'a server that finds the companion by name',
      { 'm.py': 'import_module("ELECTRON_PYINSTALLER".lower())\n' },
      { entry: 'backend/m.py' },
    ],
    [
      'a server with an address',
      { 'm.py': 'import uvicorn\nuvicorn.run("a:b")\n' },
      { entry: 'backend/m.py', address: { port: 8000 }, ready: '/' },
    ],
    [
      'a server that nobody asks',
      { 'm.py': 'import uvicorn\nuvicorn.run("a:b")\n' },
      { entry: 'backend/m.py', verify: { run: false } },
    ],
    ['a job', { 'm.py': 'print(1)\n' }, { entry: 'backend/m.py', kind: 'job' }],
    [
      'a hyphenated module',
      { 'm.py': '', 'my-plugin.py': '' },
      { entry: 'backend/m.py', kind: 'job', hiddenImports: ['my-plugin'] },
    ],
    [
      'one that may be missing',
      { 'm.py': '' },
      { entry: 'backend/m.py', kind: 'job', hiddenImports: [{ name: 'my-plugin', optional: true }] },
    ],
    ['a hyphenated entry', { 'my-app.py': fastapi }, { entry: { asgi: 'my-app:app' } }],
    [
      'a fitting requires-python',
      {
        'app.py': fastapi,
        'pyproject.toml': '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.9"\n',
      },
      { ...asgi, requirements: 'backend/pyproject.toml' },
    ],
    [
      'an unknown requires-python',
      {
        'app.py': fastapi,
        'pyproject.toml': '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.99a1"\n',
      },
      { ...asgi, requirements: 'backend/pyproject.toml' },
    ],
    [
      'a module that raises in a branch',
      { 'app.py': `import os\nif "X" not in os.environ:\n  raise KeyError("X")\n${fastapi}` },
      asgi,
    ],
    [
      'a module that raises, where that is handled',
      {
        'app.py': `try:\n  import bad\nexcept ImportError: pass\n${fastapi}`,
        'bad.py': 'raise ImportError("x")\n',
      },
      asgi,
    ],
    [
      'a script that ends so',
      { 'm.py': 'import sys\ndef main(): return 0\nsys.exit(main())\n' },
      { entry: 'backend/m.py', kind: 'job' },
    ],
    [
      'a module that is run',
      { 'm.py': 'def main(): return 0\nraise SystemExit(main())\n' },
      { entry: { module: 'm' }, kind: 'job' },
    ],
  ];
  let texts: string[];
  beforeAll(async () => {
    texts = await saidOf(right.map(([, files, config]) => [files, config]));
  });
  test.each(right.map(([title], index) => [title, index] as const))('%s', (_title, index) => {
    expect(texts[index]).toBe('');
  });

  test('whatever binds a name, and wherever, it is bound', async () => {
    const binding = fc.constantFrom(
      'NAME = 1',
      'NAME: int = 1',
      'NAME += 1',
      'def NAME(): pass',
      'async def NAME(): pass',
      'class NAME: pass',
      'import NAME',
      'import x.y as NAME',
      'from x import NAME',
      'from x import y as NAME',
      'for NAME in []: pass',
      'with x as NAME: pass',
      '[a, *NAME] = []',
      'x = (NAME := 1)',
      'print(NAME := 1)',
      'from x import *',
    );
    const around = fc.constantFrom(
      (text: string) => text,
      (text: string) => `if x:\n  ${text}`,
      (text: string) => `if x:\n  pass\nelse:\n  ${text}`,
      (text: string) => `try:\n  ${text}\nfinally:\n  pass`,
      (text: string) => `try:\n  pass\nexcept E:\n  ${text}`,
      (text: string) => `while x:\n  if y:\n    ${text}`,
      (text: string) => `with x:\n  ${text}`,
      (text: string) => `match x:\n  case 1:\n    ${text}`,
    );
    const module = fc
      .tuple(binding, around)
      .map(([text, wrap]) => `${wrap(text).replaceAll('NAME', 'app')}\n`);
    const modules = [...new Set(fc.sample(module, 150))];
    const texts = await saidOf(modules.map((text) => [{ 'm.py': text }, call('m:app')]));
    expect(modules.filter((_, index) => texts[index] !== '')).toEqual([]);
  });
});

test('nothing is said of the programs of the presets', async () => {
  const backends = await Promise.all(
    Object.entries(presetPrograms).map(async ([name, { folder: app, entry, requirements, config = {} }]) => {
      const projectDir = path.join(folder, `preset-${name}`);
      await cp(path.join(repositoryDir, 'test/presets/apps', app), path.join(projectDir, 'backend'), {
        recursive: true,
      });
      return resolvedBackend(projectDir, {
        source: 'backend',
        entry,
        requirements,
        ...config,
      } as BackendConfig);
    }),
  );
  const questions = backends.map((backend) => preflightQuestion(backend, placeOf(backend, null)) ?? '{}');
  const answers = await askPreflight(questions, probe.executable);
  expect(answers.map(({ problems }) => problems)).toEqual(backends.map(() => []));
});

test('a console script that nothing installed has', async () => {
  const inPlace = await writeFiles({
    'old.egg-info/PKG-INFO': 'Name: old\nVersion: 1\n',
    'old.egg-info/entry_points.txt': '[console_scripts]\nold-way = old:main\n',
  });
  const site = await writeFiles({
    'tool-1.dist-info/METADATA': 'Name: tool\nVersion: 1\n',
    'tool-1.dist-info/entry_points.txt': '[console_scripts]\nmy-tool = tool:main\n',
    'easy-install.pth': `${inPlace}\n`,
  });
  const entry = (consoleScript: string): Case => [
    {},
    { entry: { consoleScript }, kind: 'job', requirements: ['tool'] },
    installed([site]),
  ];
  const names = ['my-tool', 'old-way', 'mytool', 'nothing-like-it'];
  const [right, old, near, other] = await saidOf(names.map(entry));
  expect([right, old]).toEqual(['', '']);
  expect(near).toMatch(
    /named 'mytool'; there is my-tool, old-way\. Write entry: \{ consoleScript: 'my-tool' \}/,
  );
  expect(other).toMatch(/Correct backends\.engine\.entry .*, or add the package/);
});

test.each([
  ['^3.11', '>=3.11,<4'],
  ['~3.11', '>=3.11,<3.12'],
  ['~=3.11', '~=3.11'],
  ['>=3.10, <3.14', '>=3.10,<3.14'],
  ['>=3.10,<4.0', '>=3.10,<4.0'],
  ['>=3.10 || 3.9', null],
])('requires-python %s is the range %s', (written, range) => {
  expect(pythonRange(written)).toBe(range);
});

test('a build with a wrong module ends at once, before an environment is made', async () => {
  const backend = await project([
    { 'app.py': flask, 'requirements.txt': 'flask\n' },
    { entry: { wsgi: 'ap:app' } },
  ]);
  const cacheDir = await temporaryFolder();
  const stages: string[] = [];
  const started = performance.now();
  await expect(
    freezeBackend(backend, {
      cacheDir,
      verify: verifyBundle,
      report: (event) => {
        if (event.type === 'stage') stages.push(event.stage);
      },
    }),
  ).rejects.toMatchObject({
    code: 'ERR_NOT_FOUND',
    hint: expect.stringContaining("wsgi: 'app:app'") as string,
  });
  expect(stages).not.toContain('environment');
  expect(performance.now() - started).toBeLessThan(3000 * patience);
});

test('an ASGI application without a server in its environment is told so before it is frozen', async () => {
  const files = { 'app.py': 'async def app(scope, receive, send): pass\n' };
  const backend = await project([files, { entry: { asgi: 'app:app' } }]);
  expect(missingServer(backend, ['daphne'])).toMatchObject({
    code: 'ERR_CONFIG',
    message: expect.stringContaining('neither uvicorn nor hypercorn is installed') as string,
    fix: expect.stringContaining('Add uvicorn to the requirements') as string,
  });
  expect(missingServer(backend, ['hypercorn'])).toBeNull();
  expect(missingServer(await project([files, { entry: { wsgi: 'app:app' } }]), [])).toBeNull();
});
