import { beforeAll, describe, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { freeze, makeBackend } from './support/project.js';

/** Fails in the way that its argument names, because something is not in the bundle. */
const main = `
import sys
from pathlib import Path

import shop

def handled():
    try:
        __import__("no_such_module")
    except ImportError:
        return (Path(__file__).parent / "words.txt").read_text()

def static():
    folder = Path(__file__).parent / "static"
    if not folder.is_dir():
        raise RuntimeError(f"Directory '{folder}' does not exist")

def name():
    from sched import Absent

ways = {
    "a file of a package": shop.version,
    "a module that is read as text": shop.text,
    "a file beside the executable": lambda: (Path(sys.executable).parent / "labels.txt").read_text(),
    "a folder, in the words of a library": static,
    "a name of the standard library": name,
    "a file, after an exception that was handled": handled,
    "a module of a folder that is put on the path": lambda: __import__("ac" + "me").__name__,
}
print(ways[sys.argv[1]]())
`;

const files = {
  'backend/requirements.txt': '../shop\n',
  'shop/pyproject.toml':
    '[project]\nname = "shop"\nversion = "1"\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools.package-data]\nshop = ["*.txt"]\n',
  'shop/shop/__init__.py':
    'from pathlib import Path\nhere = Path(__file__).parent\ndef version(): return (here / "version.txt").read_text()\ndef text(): return (here / "kernel.py").read_text()\n',
  'shop/shop/version.txt': '1',
  'shop/shop/kernel.py': 'x = 1\n',
  'backend/main.py': main,
  'backend/words.txt': 'a\n',
  'backend/labels.txt': 'a\n',
  'backend/vendor/acme.py': '',
  'backend/static/a.css': '',
  'backend/sched.py': '',
};

describe('what is advised of a program that lacks something is what it needs', () => {
  let folder: string;
  const advised = new Map<string, Record<string, unknown>>();
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'epy advice-'));
    return () => rm(folder, { recursive: true, force: true });
  });
  const build = async (way: string, config: object = {}, options: { readonly force?: boolean } = {}) => {
    const backend = await makeBackend(
      files,
      {
        kind: 'job',
        entry: 'backend/main.py',
        requirements: 'backend/requirements.txt',
        verify: { args: [way] },
        // Files of a package without a hook are collected unless that is switched off.
        presets: { packages: false },
        ...config,
      },
      folder,
    );
    return await freeze(backend, options);
  };

  test.each([
    ['a file of a package', "collect: { data: ['shop'] }"],
    [
      'a module that is read as text',
      "pyinstaller: { moduleCollectionMode: { 'shop': 'pyz+py' } }, hiddenImports: ['shop.kernel']",
    ],
    [
      'a file beside the executable',
      "data: [{ from: 'backend/labels.txt', to: '.' }], pyinstaller: { contentsDirectory: '.' }",
    ],
    ['a file, after an exception that was handled', "data: [{ from: 'backend/words.txt', to: '.' }]"],
    ['a folder, in the words of a library', "data: [{ from: 'backend/static', to: 'static' }]"],
    [
      'a module of a folder that is put on the path',
      "pyinstaller: { paths: ['backend/vendor'] }, hiddenImports: ['acme']",
    ],
  ])('%s', async (way, line) => {
    const message = await build(way).then(
      () => 'it succeeded',
      (error: unknown) => (error as Error).message,
    );
    const [, first = ''] = /fix: {2}Add `([^`]+)`/.exec(message) ?? [message];
    expect(first).toBe(line);
    advised.set(way, parse(`{ ${first} }`) as Record<string, unknown>);
  });

  test('a name of the standard library', async () => {
    await expect(build('a name of the standard library')).rejects.toThrow(
      'fix:  Rename backend/sched.py, and what imports it.',
    );
  });

  test('one build with all of it', async () => {
    const all = merged([...advised.values()]);
    // Also where an earlier run of the tests left it in their cache.
    const { frozen } = await build('a file of a package', all, { force: true });
    expect(frozen.cached).toBe(false);
    for (const way of advised.keys()) await build(way, all);
  });
});

/** Several edits of one configuration. */
function merged(edits: readonly Record<string, unknown>[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of edits.flatMap((edit) => Object.entries(edit))) {
    const before = result[key];
    result[key] = Array.isArray(value)
      ? [...((before ?? []) as unknown[]), ...(value as unknown[])]
      : { ...(before as object | undefined), ...(value as object) };
  }
  return result;
}
