import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectBackend } from '../../../src/cli/init/detect-backend.js';
import { neverShipped } from '../../../src/cli/init/never-shipped.js';
import { writeFiles } from '../../support/files.js';
import { runCli } from '../support.js';

const app = 'from fastapi import FastAPI\napp = FastAPI()\n';

describe('the secrets project', () => {
  const files = {
    'package.json': '{}',
    'backend/main.py': `import json, sqlite3, os
from pathlib import Path
${app}
HERE = Path(__file__).resolve().parent
SECRETS = json.loads((HERE / "secrets.json").read_text())
CERTIFICATE = os.path.join(os.path.dirname(__file__), "server.pem")
DATABASE = sqlite3.connect(HERE / "app.db")
CONFIG = HERE / "config" / "defaults.yaml"
LOGIN = open(HERE / "login.json")
ENVIRONMENT = HERE / ".env"
`,
    'backend/requirements.txt': 'fastapi\n',
    'backend/secrets.json': '{"a":1}',
    'backend/server.pem': 'x',
    'backend/app.db': 'x',
    'backend/dev.sqlite3': 'x',
    'backend/.env': 'KEY=1',
    'backend/login.json': '{"user":"ada","password":"hunter22"}',
    'backend/config/defaults.yaml': 'a: 1\n',
    'backend/config/credentials.yaml': 'a: 1\n',
    'backend/docker-compose.yml': 'services: {}\n',
    'backend/environment.yml': 'name: x\n',
    'backend/mypy.ini': '[mypy]\n',
    'backend/pytest.ini': '[pytest]\n',
    'backend/notes.txt': 'nobody reads it\n',
  };

  test('proposes what the code names, and nothing of it that is not for everybody', async () => {
    const found = await detectBackend(await writeFiles(files));
    expect(found?.data).toEqual([{ from: 'backend/config/defaults.yaml', why: 'backend/main.py:10' }]);
    expect(found?.leftOut.map(({ file }) => file).sort()).toEqual([
      'backend/.env',
      'backend/app.db',
      'backend/login.json',
      'backend/secrets.json',
      'backend/server.pem',
    ]);
  });

  test('the configuration names none of it, and the plan says what was left out and why', async () => {
    const folder = await writeFiles(files);
    const { out } = await runCli(['init', '--yes'], folder);
    const config = await readFile(path.join(folder, 'pyinstaller.config.mjs'), 'utf8');
    expect(config).not.toMatch(/secrets|\.pem|\.db|sqlite|\.env|login|compose|mypy|pytest|environment\.yml/);
    expect(config).toContain("{ from: 'backend/config/defaults.yaml' }, // backend/main.py:10 reads it");
    expect(out).toContain('backend/secrets.json looks like a secret by its name; backend/main.py:7 names it');
    expect(out).toContain('backend/app.db the program writes it (backend/main.py:9): keep it in {userData}');
  });
});

describe('files that the code names', () => {
  /** The code, the files beside it, and the rules that follow. */
  const cases: readonly (readonly [string, string, readonly string[], readonly unknown[]])[] = [
    [
      'os.path.join',
      'import os\nBASE = os.path.dirname(os.path.abspath(__file__))\nopen(os.path.join(BASE, "a", "b.json"))',
      ['a/b.json'],
      [{ from: 'backend/a/b.json' }],
    ],
    [
      'parents',
      'from pathlib import Path\nx = Path(__file__).parents[0] / "b.csv"',
      ['b.csv'],
      [{ from: 'backend/b.csv' }],
    ],
    [
      'an f-string',
      'import os\nD = os.path.dirname(__file__)\nx = open(f"{D}/words/en.txt")',
      ['words/en.txt'],
      [{ from: 'backend/words/en.txt' }],
    ],
    [
      'a folder with one that is known at run time',
      'from pathlib import Path\nD = Path(__file__).parent / "words"\ndef f(n): return open(D / f"{n}.txt")',
      ['words/en.txt', 'words/de.txt'],
      [{ from: 'backend/words' }],
    ],
    [
      'a folder of code that holds data',
      'from pathlib import Path\nD = Path(__file__).parent / "words"\nx = list(D.glob("*.txt"))',
      ['words/en.txt', 'words/__init__.py'],
      [{ from: 'backend/words/*.txt' }],
    ],
    [
      'StaticFiles',
      'from fastapi.staticfiles import StaticFiles\nx = StaticFiles(directory="static")',
      ['static/a.css'],
      [{ from: 'backend/static' }],
    ],
    [
      '_MEIPASS',
      'import sys, os\ndef resource_path(r):\n  return os.path.join(getattr(sys, "_MEIPASS", os.path.abspath(".")), r)\nx = resource_path("a/b.png")',
      ['a/b.png'],
      [{ from: 'backend/a/b.png' }],
    ],
    [
      'importlib.resources',
      'from importlib.resources import files\nx = files("pkg").joinpath("b.json").read_text()',
      ['pkg/__init__.py', 'pkg/b.json'],
      [{ from: 'backend/pkg/b.json' }],
    ],
    [
      'pkgutil',
      'import pkgutil\nx = pkgutil.get_data("pkg", "b.json")',
      ['pkg/__init__.py', 'pkg/b.json'],
      [{ from: 'backend/pkg/b.json' }],
    ],
    [
      'a constant of another module',
      'from settings import DATA\nx = open(DATA / "b.json")',
      ['settings.py', 'd/b.json'],
      [{ from: 'backend/d/b.json' }],
    ],
    [
      'alembic with its folder',
      'from pathlib import Path\nfrom alembic.config import Config\nx = Config(str(Path(__file__).parent / "alembic.ini"))',
      ['alembic.ini', 'alembic/env.py', 'alembic/script.py.mako'],
      [{ from: 'backend/alembic' }, { from: 'backend/alembic.ini' }],
    ],
    [
      'what is written',
      'from pathlib import Path\nL = Path(__file__).parent / "out.csv"\nx = open(L, "w")',
      ['out.csv'],
      [],
    ],
    [
      'Python read as text',
      'from pathlib import Path\nx = (Path(__file__).parent / "other.py").read_text()',
      ['other.py'],
      [],
    ],
    ['what nobody names', 'x = 1', ['b.json'], []],
    [
      'a folder with a secret in it',
      'from pathlib import Path\nfor f in (Path(__file__).parent / "d").iterdir(): pass',
      ['d/a.json', 'd/token.json'],
      [{ from: 'backend/d', exclude: ['token.json'] }],
    ],
  ];
  test.each(cases)('%s', async (_title, code, beside, expected) => {
    const contents: Record<string, string> = {
      'settings.py': 'from pathlib import Path\nDATA = Path(__file__).parent / "d"\n',
      'alembic.ini': '[alembic]\nscript_location = alembic\n',
    };
    const folder = await writeFiles({
      'package.json': '{}',
      'backend/main.py': `${code}\n${app}`,
      ...Object.fromEntries(beside.map((name) => [`backend/${name}`, contents[name] ?? 'x'])),
    });
    const found = await detectBackend(folder);
    expect(found?.data.map(({ why: _why, ...rule }) => rule)).toEqual(expected);
  });

  test('a path through the working directory is remarked, for the app has another', async () => {
    const folder = await writeFiles({
      'package.json': '{}',
      'backend/main.py': `x = open("config/a.json")\n${app}`,
      'backend/config/a.json': '{}',
    });
    expect((await detectBackend(folder))?.remarks.join()).toContain(
      'backend/main.py:1 finds a.json through the working directory',
    );
  });
});

describe('what the functions of a project return is a path too', () => {
  test.each([
    [
      'of its own',
      'import os, sys\ndef base():\n  return getattr(sys, "_MEIPASS", os.path.dirname(os.path.abspath(__file__)))\nx = open(os.path.join(base(), "a.json"))',
    ],
    ['of another module', 'from places import here\nx = open(here() / "a.json")'],
    [
      'with what it is given',
      'import os\nROOT = os.path.dirname(__file__)\ndef under(*no): ...\ndef asset(kind, name):\n  whole = os.path.join(ROOT, name)\n  return whole\nx = open(asset("k", "a.json"))',
    ],
    [
      'that falls back',
      'import os, sys\ndef base():\n  try:\n    folder = sys._MEIPASS\n  except AttributeError:\n    folder = os.path.abspath(".")\n  return folder\nx = open(os.path.join(base(), "a.json"))',
    ],
  ])('%s', async (_title, code) => {
    const found = await detectBackend(
      await writeFiles({
        'package.json': '{}',
        'backend/main.py': `${code}\n${app}`,
        'backend/places.py': 'from pathlib import Path\ndef here(): return Path(__file__).parent\n',
        'backend/a.json': '{}',
      }),
    );
    expect(found?.data.map(({ from }) => from)).toEqual(['backend/a.json']);
    expect(found?.remarks).toEqual([]);
  });
});

describe('neverShipped', () => {
  test.each([
    'secrets.json',
    'my_secret.yaml',
    'credentials',
    'client_secret_1.json',
    'service-account.json',
    'api_keys.toml',
    'token.json',
    '.env',
    '.env.production',
    'prod.env',
    'id_rsa',
    'id_ed25519.pub',
    'server.pem',
    'tls.key',
    'a.p12',
    'store.jks',
    'app.db',
    'app.sqlite3',
    'app.db-wal',
    'dump.bak',
    '.npmrc',
    '.pypirc',
    '.netrc',
    'passwords.txt',
    'pyproject.toml',
    'mypy.ini',
    'docker-compose.yml',
    'requirements-dev.txt',
    'poetry.lock',
    'Pipfile',
    'engine.spec',
    'run.log',
    'auth.json',
    'kubeconfig',
  ])('%s', (name) => {
    expect(neverShipped(`/x/${name}`)).not.toBeNull();
  });

  test.each([
    'config.json',
    'tokenizer.json',
    'vocab.txt',
    'keyboard.json',
    'monkey.csv',
    'page.html',
    'authors.json',
    'model.onnx',
    'environment.json',
    'special_tokens_map.json',
    'tokenizer_config.json',
    'keys_and_values.csv',
  ])('%s is an ordinary file', (name) => {
    expect(neverShipped(`/x/${name}`)).toBeNull();
  });

  test('whatever stands around it, a key, a certificate, a database and an environment file stay out', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9_-]{1,12}$/),
        fc.constantFrom('pem', 'key', 'crt', 'p12', 'pfx', 'db', 'sqlite', 'sqlite3', 'env'),
        (name, ending) => neverShipped(`/a/${name}.${ending}`) !== null,
      ),
    );
  });
});
