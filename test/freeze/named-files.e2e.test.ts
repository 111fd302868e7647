import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { freeze, makeBackend } from './support/project.js';
import { runFrozen } from './support/program.js';

/** Every way of naming a file that is bundled once the advised line is there; prints what it found. */
const main = `import importlib.resources, json, os, pkgutil, sys
from pathlib import Path
from paths import BASE
from pkg import words
HERE = Path(__file__).resolve().parent
ROOT = os.path.dirname(os.path.abspath(__file__))

def resource(name):
    return os.path.join(getattr(sys, "_MEIPASS", ROOT), name)

def attempt(read):
    try:
        return read()
    except OSError as error:
        return type(error).__name__

print(json.dumps({
    "beside": attempt(lambda: (HERE / "data" / "a.txt").read_text()),
    "joined": attempt(lambda: open(os.path.join(ROOT, "genres.txt")).read()),
    "helper": attempt(lambda: open(resource("conf/c.json")).read()),
    "other": attempt(lambda: (BASE / "conf" / "d.json").read_text()),
    "folder": attempt(lambda: [(HERE / "langs" / f"{name}.json").read_text() for name in ("de", "en")]),
    "package": attempt(words),
    "resources": attempt(lambda: (importlib.resources.files("pkg") / "r.txt").read_text()),
    "pkgutil": attempt(lambda: pkgutil.get_data("pkg", "p.txt").decode()),
    "script": attempt(lambda: (HERE / "worker.py").read_text()),
    "relative": attempt(lambda: open("static/s.txt").read()),
    "above": attempt(lambda: (HERE.parent / "assets" / "x.txt").read_text()),
}))
`;

const files = {
  'backend/main.py': main,
  'backend/paths.py': 'from pathlib import Path\nBASE = Path(__file__).parent\n',
  'backend/pkg/__init__.py':
    'import os\ndef words():\n    return open(os.path.join(os.path.dirname(__file__), "lists", "w.txt")).read()\n',
  'backend/pkg/lists/w.txt': 'w',
  'backend/pkg/r.txt': 'r',
  'backend/pkg/p.txt': 'p',
  'backend/data/a.txt': 'a',
  'backend/genres.txt': 'g',
  'backend/conf/c.json': 'c',
  'backend/conf/d.json': 'd',
  'backend/langs/de.json': 'de',
  'backend/langs/en.json': 'en',
  'backend/worker.py': 'w = 1',
  'backend/static/s.txt': 's',
  'assets/x.txt': 'x',
};
const plain = { kind: 'job', entry: 'backend/main.py', verify: false };

/** The lines that the build says to add, put together. */
function advised(frozen: FrozenBackend): { readonly data: readonly unknown[] } {
  const lines = frozen.warnings.flatMap((warning) =>
    [...warning.matchAll(/Add (data: \[.*?\]) to backends\.engine/g)].map(([, line = '']) => line),
  );
  return {
    data: lines.flatMap((line) => (parse(`{ ${line} }`) as { readonly data: readonly unknown[] }).data),
  };
}

async function found(frozen: FrozenBackend): Promise<Record<string, unknown>> {
  const stdout = await runFrozen(frozen);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('with the lines that the build says to add, the frozen program finds every file that it names, also as one file', async () => {
  const before = await makeBackend(files, plain);
  const { frozen } = await freeze(before);
  const lacking = await found(frozen);
  expect(Object.values(lacking)).toEqual(Object.keys(lacking).map(() => 'FileNotFoundError'));
  const named = frozen.warnings.filter((warning) => /resource_path|not in the bundle/.test(warning));
  expect(named).toHaveLength(3);
  expect(named.join('\n')).toContain("resource_path('assets/x.txt')");
  expect(named.join('\n')).toContain("resource_path('static/s.txt')");

  // As the warnings say it: the lines of configuration, and the code where it looks elsewhere.
  const edited = {
    ...files,
    'backend/main.py': `from electron_pyinstaller import resource_path\n${main}`
      .replace('open("static/s.txt")', `open(resource_path('static/s.txt'))`)
      .replace('HERE.parent / "assets" / "x.txt"', `resource_path('assets/x.txt')`),
  };
  for (const mode of ['onedir', 'onefile'] as const) {
    const after = await makeBackend(edited, { ...plain, ...advised(frozen), pyinstaller: { mode } });
    const mended = (await freeze(after)).frozen;
    expect(mended.warnings).toEqual([]);
    expect(await found(mended)).toEqual({
      beside: 'a',
      joined: 'g',
      helper: 'c',
      other: 'd',
      folder: ['de', 'en'],
      package: 'w',
      resources: 'r',
      pkgutil: 'p',
      script: 'w = 1',
      relative: 's',
      above: 'x',
    });
  }
}, 600_000);
