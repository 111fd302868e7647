import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeNamedFiles } from '../../../src/freeze/strict/named-files.js';
import type { Audit, NamedFile } from '../../../src/freeze/driver/records.js';
import { moduleName } from '../../../src/freeze/sources.js';
import { python3 } from '../../python/real-pythons.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { repositoryDir } from '../../support/paths.js';
import { makeBackend } from '../support/project.js';

const harness = `
import json, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import named_files
answers = []
for case in json.load(sys.stdin):
    source = os.path.join(case["project"], "backend")
    code = [(name, os.path.join(source, file)) for name, file in case["code"]]
    answers.append(named_files.named_files(code, [source], case["project"], case["bundled"]))
print(json.dumps(answers))
`;

interface Case {
  /** Modules and, where it matters, other files; below `backend` unless they begin with `/`. */
  readonly files: Readonly<Record<string, string>>;
  readonly bundled?: readonly string[];
}

/** What is there in every case. */
const stock: Readonly<Record<string, string>> = {
  'data/words.txt': 'x',
  'static/a.txt': 'x',
  'templates/i.html': 'x',
  'config/x.json': '{}',
  'genres.txt': 'x',
  'app.db': '',
  'token.key': '',
  'worker.py': '',
  'settings.py': 'from pathlib import Path\nBASE = Path(__file__).parent\n',
  'pkg/__init__.py': '',
  'pkg/d.txt': 'x',
  'pkg/templates/a.html': 'x',
  '.env': 'A=1\n# no\nexport B = 2\n',
  '/assets/logo.png': 'x',
};

/** One process for all cases. */
async function scan(cases: readonly Case[]): Promise<NamedFile[][]> {
  const folder = await temporaryFolder();
  const questions = [];
  for (const [index, { files, bundled = [] }] of cases.entries()) {
    const project = path.join(folder, String(index));
    const all = { ...stock, ...files };
    const written = Object.entries(all).map(([name, text]) => [
      name.startsWith('/') ? name.slice(1) : `backend/${name}`,
      text,
    ]);
    await writeFiles(Object.fromEntries(written) as Record<string, string>, project);
    const code = Object.keys(all).flatMap((file) => {
      const name = moduleName(file);
      return name === null ? [] : [[name, file]];
    });
    questions.push({ project, code, bundled });
  }
  const args = ['-X', 'utf8', '-c', harness, path.join(repositoryDir, 'companion')];
  const output = execFileSync(python3(), args, {
    encoding: 'utf8',
    input: JSON.stringify(questions),
  });
  const answers = JSON.parse(output) as NamedFile[][];
  return answers.map((found, index) =>
    found.map((file) => ({
      ...file,
      source: path.relative(path.join(folder, String(index)), file.source).replaceAll(path.sep, '/'),
    })),
  );
}

/** `kind source bundle` of what a main.py names. */
async function named(texts: readonly string[]): Promise<string[][]> {
  const found = await scan(texts.map((text) => ({ files: { 'main.py': text } })));
  return found.map((files) => files.map(({ kind, source, bundle }) => `${kind} ${source} ${bundle}`));
}

describe('files that code names', () => {
  const path_ = 'from pathlib import Path\n';
  const cases: readonly (readonly [text: string, ...found: string[]])[] = [
    [`${path_}(Path(__file__).parent / "data" / "words.txt").read_text()`, 'beside data/words.txt'],
    [`${path_}HERE = Path(__file__).resolve().parent\nopen(HERE / "genres.txt")`, 'beside genres.txt'],
    ['import os\nopen(os.path.join(os.path.dirname(__file__), "genres.txt"))', 'beside genres.txt'],
    [
      'import os\nBASE_DIR = os.path.dirname(os.path.abspath(__file__))\nopen(os.path.join(BASE_DIR, "config", "x.json"))',
      'beside config/x.json',
    ],
    ['open(__file__.rsplit("/", 1)[0] + "/genres.txt")', 'beside genres.txt'],
    ['import os\nopen(os.path.split(__file__)[0] + os.sep + "genres.txt")', 'beside genres.txt'],
    [`${path_}open(Path(__file__).with_name("genres.txt"))`, 'beside genres.txt'],
    [`${path_}open(Path(__file__, "..", "genres.txt"))`, 'beside genres.txt'],
    [`${path_}open(Path(__file__).parent.joinpath("data", "words.txt"))`, 'beside data/words.txt'],
    [`${path_}HERE = Path(__file__).parent\nopen(f"{HERE}/genres.txt")`, 'beside genres.txt'],
    [
      `${path_}HERE = Path(__file__).parent\nopen(str(HERE) + "/data/" + "words.txt")`,
      'beside data/words.txt',
    ],
    [
      `${path_}import subprocess\nsubprocess.run(["x", str(Path(__file__).parent / "worker.py")])`,
      'beside worker.py',
    ],
    ['from settings import BASE\nopen(BASE / "config" / "x.json")', 'beside config/x.json'],
    ['import settings\nopen(settings.BASE / "config/x.json")', 'beside config/x.json'],
    [
      'import os\nclass A:\n    def __init__(self):\n        self.base = os.path.dirname(__file__)\n    def go(self):\n        return open(os.path.join(self.base, "genres.txt"))',
      'beside genres.txt',
    ],
    [
      `${path_}def data(name):\n    return Path(__file__).parent / "data" / name\nprint(data("words.txt"))`,
      'beside data/words.txt',
    ],
    // Where the name is not known, the folder is meant.
    [
      `${path_}HERE = Path(__file__).parent\ndef f(n): return (HERE / "data" / f"{n}.txt").read_text()`,
      'beside data',
    ],
    [
      'import os\nHERE = os.path.dirname(__file__)\ndef f(n): return open(HERE + "/data/%s.txt" % n)',
      'beside data',
    ],
    [
      `${path_}BASE_DIR = Path(__file__).resolve().parent\nTEMPLATES = [{"DIRS": [BASE_DIR / "templates"]}]`,
      'beside templates',
    ],
    // A program that knows that it is frozen.
    [
      'import os, sys\ndef resource_path(relative):\n    try:\n        base = sys._MEIPASS\n    except Exception:\n        base = os.path.abspath(".")\n    return os.path.join(base, relative)\nopen(resource_path("config/x.json"))',
      'beside config/x.json',
    ],
    [
      'import os, sys\nbase = getattr(sys, "_MEIPASS", os.path.dirname(__file__))\nopen(os.path.join(base, "genres.txt"))',
      'beside genres.txt',
    ],
    [
      'from electron_pyinstaller import resource_path\nresource_path("config", "x.json").read_text()',
      'beside config/x.json',
    ],
    // Of a package.
    ['import importlib.resources as r\n(r.files("pkg") / "d.txt").read_text()', 'beside pkg/d.txt'],
    [
      'from importlib.resources import files, as_file\nwith as_file(files("pkg").joinpath("d.txt")) as f: open(f)',
      'beside pkg/d.txt',
    ],
    ['from importlib import resources\nresources.read_text("pkg", "d.txt")', 'beside pkg/d.txt'],
    ['import pkgutil\npkgutil.get_data("pkg", "d.txt")', 'beside pkg/d.txt'],
    ['import pkgutil\npkgutil.get_data(__name__, "genres.txt")', 'beside genres.txt'],
    [
      'import pkg\nopen(pkg.__file__.replace("x", "y"))\nimport os\nopen(os.path.join(os.path.dirname(pkg.__file__), "d.txt"))',
      'beside pkg/d.txt',
    ],
    // By the custom of a framework.
    ['from flask import Flask\napp = Flask(__name__)', 'beside templates', 'beside static'],
    [
      'from flask import Flask\napp = Flask(__name__, static_folder="data", template_folder=None)',
      'beside data',
    ],
    ['from flask import Flask\napp = Flask("pkg")', 'beside pkg/templates'],
    [
      'from flask import Blueprint\nb = Blueprint("b", __name__, template_folder="templates")',
      'beside templates',
    ],
    ['import jinja2\njinja2.PackageLoader("pkg")', 'beside pkg/templates'],
    ['app.open_resource("genres.txt")', 'beside genres.txt'],
    // The working directory.
    ['open("config/x.json")', 'relative config/x.json'],
    [`${path_}Path("config", "x.json").read_text()`, 'relative config/x.json'],
    [`${path_}D = Path("data")\nfor f in D.iterdir(): pass`, 'relative data'],
    [
      'import json\nCONFIG = "config/x.json"\njson.load(open(CONFIG, encoding="utf-8"))',
      'relative config/x.json',
    ],
    [
      'from fastapi.staticfiles import StaticFiles\napp.mount("/s", StaticFiles(directory="static"))',
      'relative static',
    ],
    ['from fastapi.templating import Jinja2Templates\nJinja2Templates("templates")', 'relative templates'],
    ['import pandas as pd\npd.read_csv("data/words.txt")', 'relative data/words.txt'],
    ['FILES = {"a": "genres.txt"}\nopen(FILES["a"])', 'relative genres.txt'],
    ['for name in ("genres.txt", "nowhere.txt"):\n    open(name)', 'relative genres.txt'],
    [
      'T = {"a": "genres.txt", "b": "config/x.json"}\nfor key, name in T.items():\n    open(name)',
      'relative genres.txt',
      'relative config/x.json',
    ],
    [
      `${path_}HERE = Path(__file__).parent\nNAMES = ["genres.txt"]\nx = [(HERE / n).read_text() for i, n in enumerate(NAMES)]`,
      'beside genres.txt',
    ],
    [
      'import os\nos.chdir(os.path.dirname(os.path.abspath(__file__)))\nopen("config/x.json")',
      'beside config/x.json',
    ],
  ];

  test('are found however the path is put together', async () => {
    const found = await named(cases.map(([text]) => text));
    for (const [index, [text, ...expected]] of cases.entries()) {
      const wanted = expected.map((each) => each.replace(/^(\w+) (.*)$/, '$1 backend/$2 $2'));
      expect(found[index], text).toEqual(wanted);
    }
  });

  test('above the source are told apart', async () => {
    const texts = [
      `${path_}open(Path(__file__).parents[1] / "assets" / "logo.png")`,
      'import os\nopen(os.path.join(os.path.dirname(__file__), "..", "assets", "logo.png"))',
    ];
    for (const found of await named(texts))
      expect(found).toEqual(['above assets/logo.png ../assets/logo.png']);
  });

  test('of python-dotenv are known by the names of their variables, never by values', async () => {
    const texts = [
      'from dotenv import load_dotenv\nload_dotenv()',
      'from dotenv import load_dotenv, find_dotenv\nload_dotenv(find_dotenv(), override=True)',
      `from dotenv import dotenv_values\n${path_}dotenv_values(Path(__file__).parent / ".env")`,
      'import dotenv\ndotenv.load_dotenv(".env")',
      'from pydantic_settings import BaseSettings, SettingsConfigDict\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_file=".env")',
      'class S:\n    class Config:\n        env_file = ".env"',
      'from decouple import config\nKEY = config("A")',
    ];
    const found = await scan(texts.map((text) => ({ files: { 'main.py': text } })));
    for (const [index, files] of found.entries()) {
      expect(files, texts[index]).toMatchObject([
        { kind: 'dotenv', source: 'backend/.env', variables: ['A', 'B'] },
      ]);
      expect(JSON.stringify(files)).not.toContain('=1');
    }
  });

  test('raise no alarm when they are written, secret, unknown, code, or the program goes elsewhere', async () => {
    const texts = [
      'open("config/x.json", "w")',
      'open(file="genres.txt")\nopen("genres.txt", mode="a")',
      `${path_}HERE = Path(__file__).parent\n(HERE / "genres.txt").write_text("x")\n(HERE / "genres.txt").read_text()`,
      `${path_}D = Path(__file__).parent / "data"\nD.mkdir(exist_ok=True)\nopen(D / "words.txt")`,
      `${path_}import json\njson.dump({}, (Path(__file__).parent / "config" / "x.json").open("w"))\nopen(Path(__file__).parent / "config" / "x.json")`,
      'import sqlite3, os\nsqlite3.connect(os.path.join(os.path.dirname(__file__), "app.db"))',
      `${path_}BASE = Path(__file__).parent\nDATABASES = {"default": {"NAME": BASE / "app.db"}}`,
      `${path_}open(Path(__file__).parent / "token.key")`,
      `${path_}import sys\nsys.path.insert(0, str(Path(__file__).parent / "pkg"))`,
      'import importlib\nimportlib.import_module("pkg")',
      `${path_}HERE = Path(__file__).parent\nopen(HERE / name)`,
      `${path_}open(Path(__file__).parent / "nowhere.txt")`,
      'import os, sys\nif getattr(sys, "frozen", False):\n    base = os.path.dirname(sys.executable)\nelse:\n    base = os.path.dirname(__file__)\nopen(os.path.join(base, "genres.txt"))',
      'import os\nos.chdir(os.environ["DATA"])\nopen("genres.txt")',
      'print("genres.txt")\nlog.info("config/x.json")',
      'open("/etc/passwd")\nopen("https://example.com/genres.txt")',
      'from dotenv import load_dotenv\nload_dotenv(stream=given)',
      'this is no Python',
    ];
    const found = await named(texts);
    for (const [index, text] of texts.entries()) expect(found[index], text).toEqual([]);
  });

  test('raise no alarm when the bundle has them, or somebody has chosen a part of a folder', async () => {
    const main = `${path_}HERE = Path(__file__).parent\nopen(HERE / "genres.txt")\nprint(HERE / "data")\n`;
    const [all, part, none] = await scan([
      { files: { 'main.py': main }, bundled: ['genres.txt', 'data/words.txt'] },
      { files: { 'main.py': main, 'data/more.txt': '' }, bundled: ['genres.txt', 'data\\words.txt'] },
      { files: { 'main.py': main }, bundled: ['other/genres.txt'] },
    ]);
    expect(all).toEqual([]);
    expect(part).toEqual([]);
    expect(none).toHaveLength(2);
  });

  test('are found in code whose names are made of each other', async () => {
    const chain = Array.from(
      { length: 60 },
      (_, index) => `a = a / b\nb = a / "x${index}"\ndef f${index}(x): return f${index + 1}(x / a) or f0(b)`,
    );
    const [found] = await named([
      `${path_}a = Path(__file__).parent\n${chain.join('\n')}\nopen(Path(__file__).parent / "genres.txt")`,
    ]);
    expect(found).toEqual(['beside backend/genres.txt genres.txt']);
  });
});

describe('a path that is put together in any way', () => {
  const folders = fc.array(fc.constantFrom('data', 'deep', 'x-y', 'ünï'), { minLength: 0, maxLength: 3 });
  /** Ways to go from the folder of a module to a place below it. */
  const ways: readonly ((parts: readonly string[]) => string)[] = [
    (parts) => `Path(__file__).parent${parts.map((part) => ` / "${part}"`).join('')}`,
    (parts) => `Path(__file__).resolve().parent.joinpath(${parts.map((part) => `"${part}"`).join(', ')})`,
    (parts) =>
      `os.path.join(os.path.dirname(os.path.abspath(__file__)), ${parts.map((part) => `"${part}"`).join(', ')})`,
    (parts) => `HERE / "${parts.join('/')}"`,
    (parts) => `f"{HERE}/${parts.join('/')}"`,
    (parts) => `str(HERE) + "/${parts.join('/')}"`,
    (parts) => `place("${parts.join('/')}")`,
    (parts) =>
      `Path(__file__).with_name("${parts[0]}")${parts
        .slice(1)
        .map((part) => ` / "${part}"`)
        .join('')}`,
    (parts) => `(HERE / "${parts.join('/')}.x").with_suffix("")`,
  ];
  const module = fc.constantFrom('main', 'app.web', 'app.api.v1');

  test('is the one that Python itself makes of it', async () => {
    const samples = fc.sample(fc.tuple(folders, fc.nat(ways.length - 1), module), { numRuns: 120, seed: 7 });
    const texts = samples.map(([parts, way]) => (ways[way] ?? String)([...parts, 'file']));
    const cases = samples.map(([parts, , name], index): Case => {
      const folder = name.split('.').slice(0, -1).join('/');
      const file = path.posix.join(folder, ...parts, 'file');
      const packages =
        folder === ''
          ? []
          : folder
              .split('/')
              .map((_, depth, all) => [`${all.slice(0, depth + 1).join('/')}/__init__.py`, '']);
      return {
        files: {
          ...Object.fromEntries(packages),
          [`${name.replaceAll('.', '/')}.py`]: `import os\nfrom pathlib import Path\nHERE = Path(__file__).parent\ndef place(name):\n    return HERE / name\nopen(${texts[index] ?? ''})\n`,
          [file]: 'x',
        },
      };
    });
    const found = await scan(cases);
    for (const [index, [parts, , name]] of samples.entries()) {
      const bundle = path.posix.join(...name.split('.').slice(0, -1), ...parts, 'file');
      expect(found[index], texts[index]).toMatchObject([
        { kind: 'beside', source: `backend/${bundle}`, bundle },
      ]);
    }
  });
});

describe('the warning about files that code names', () => {
  const project = async (config: object = {}) =>
    await makeBackend(
      { 'backend/main.py': '', 'backend/static/a': '', 'assets/x': '', 'backend/words.txt': '' },
      { entry: 'backend/main.py', kind: 'job', ...config },
    );
  const judge = (
    backend: Awaited<ReturnType<typeof project>>,
    files: readonly Partial<NamedFile>[],
    present: readonly string[] = [],
  ) =>
    judgeNamedFiles(backend, {
      files: present.map((file) => [file, null, 'DATA'] as const),
      namedFiles: files.map((file) => ({
        kind: 'beside' as const,
        file: path.join(backend.projectDir, 'backend/main.py'),
        line: 3,
        text: 'text',
        bundle: file.source ?? '',
        folder: false,
        variables: [],
        ...file,
        source: path.join(backend.projectDir, file.source ?? ''),
      })),
    } as unknown as Audit);

  test('has one line to copy for all that is beside the code', async () => {
    const [finding, ...more] = judge(await project(), [
      { source: 'backend/static', bundle: 'static', folder: true, text: "HERE / 'static'" },
      { source: 'backend/words.txt', bundle: 'words.txt' },
      { source: 'assets/x', bundle: 'res/x' },
      { source: 'backend/static/a', bundle: 'a' },
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'warning',
      message:
        "backend/static (backend/main.py:3: HERE / 'static'), backend/words.txt (backend/main.py:3: text), assets/x (backend/main.py:3: text) and 1 more: named in the code, there among the sources, and not in the bundle.",
      fix: "Add data: ['backend/static', 'backend/words.txt', { from: 'assets/x', to: 'res' }, { from: 'backend/static/a', to: '.' }] to backends.engine in pyinstaller.config.json.",
    });
  });

  test('says how code finds what lies above it', async () => {
    const [finding] = judge(await project(), [
      { kind: 'above', source: 'assets', bundle: '../assets', folder: true },
    ]);
    expect(finding?.fix).toBe(
      "Write resource_path('assets') instead (from electron_pyinstaller import resource_path). Add data: ['assets'] to backends.engine in pyinstaller.config.json.",
    );
  });

  test('says what a relative path is relative to, unless the working directory was chosen', async () => {
    const files = [{ kind: 'relative' as const, source: 'backend/static', bundle: 'static', folder: true }];
    const [finding] = judge(await project(), files);
    expect(finding?.message).toContain(
      "relative to the working directory, which in the app is the user's data folder",
    );
    expect(finding?.fix).toContain("resource_path('static')");
    expect(finding?.fix).toContain("Add data: ['backend/static'] to");
    expect(judge(await project(), files, ['static/a'])[0]?.fix).not.toContain('Add data');
    expect(judge(await project({ run: { cwd: '{resources}' } }), files)).toEqual([]);
  });

  test('never advises to bundle a .env, and is silent when its variables are given', async () => {
    const files = [
      { kind: 'dotenv' as const, source: 'backend/.env', bundle: '.env', variables: ['A', 'B'] },
    ];
    const [finding] = judge(await project({ run: { env: { A: '1' } } }), files);
    expect(finding?.fix).toContain("Add run: { env: { B: '…' } } to backends.engine");
    expect(finding?.fix).not.toContain('data:');
    expect(judge(await project({ run: { env: { A: '1', B: '2' } } }), files)).toEqual([]);
  });
});
