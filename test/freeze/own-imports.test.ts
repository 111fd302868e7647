import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import { writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

const harness = `
import json, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import own_imports
answers = []
for index in range(int(sys.argv[3])):
    root = os.path.join(sys.argv[2], str(index), "backend")
    code = [(name[:-3].replace("/", ".").replace(".__init__", ""), os.path.join(root, name)) for name in ("main.py", "pkg/__init__.py", "tests/conftest.py")]
    own = own_imports.read(code, [root])
    folders = [os.path.relpath(folder, root).replace(os.sep, "/") for folder in own.folders]
    answers.append({"folders": folders, "front": [os.path.relpath(folder, root) for folder in own.in_front], "aliases": own.aliases, "behind": own.behind_aliases(), "made": [name for name in ("alias", "alias.sub", "made", "pkg.made", "other") if own.is_made(name)]})
print(json.dumps(answers))
`;

interface Answer {
  readonly folders: readonly string[];
  /** Searched before the standard library. */
  readonly front: readonly string[];
  readonly aliases: Readonly<Record<string, string | null>>;
  readonly behind: readonly string[];
  readonly made: readonly string[];
}

const before =
  'import os, sys, site, importlib\nfrom pathlib import Path\nimport pkg\nHERE = Path(__file__).resolve().parent\n';

const cases: readonly (readonly [string, string, Partial<Answer>])[] = [
  [
    'insert',
    'sys.path.insert(0, os.path.join(os.path.dirname(__file__), "vendor"))',
    { folders: ['vendor'], front: ['vendor'] },
  ],
  ['insert of a Path', 'sys.path.insert(0, str(HERE / "vendor"))', { folders: ['vendor'] }],
  ['append', 'sys.path.append(f"{HERE}/vendor")', { folders: ['vendor'], front: [] }],
  ['extend', 'sys.path.extend([str(HERE / "vendor"), str(HERE / "pkg")])', { folders: ['vendor', 'pkg'] }],
  ['+=', 'sys.path += [str(HERE / "vendor")]', { folders: ['vendor'], front: [] }],
  ['a name imported in a circle', 'from pkg import circle\nsys.path.insert(0, circle)', { folders: [] }],
  ['a slice', 'sys.path[:0] = [str(HERE / "vendor")]', { folders: ['vendor'] }],
  [
    'an assignment',
    'sys.path = [str(HERE / "vendor")] + sys.path',
    { folders: ['vendor'], front: ['vendor'] },
  ],
  ['addsitedir', 'site.addsitedir(str(HERE / "vendor"))', { folders: ['vendor'] }],
  ['path from sys', 'from sys import path\npath.insert(0, str(HERE / "vendor"))', { folders: ['vendor'] }],
  ['a folder above', 'sys.path.insert(0, str(HERE.parent / "shared"))', { folders: ['../shared'] }],
  ['a folder that is not there', 'sys.path.insert(0, str(HERE / "nowhere"))', { folders: [] }],
  ['a folder nobody knows', 'sys.path.insert(0, os.environ["X"])', { folders: [] }],
  [
    'an alias',
    'sys.modules["alias"] = pkg\nfrom alias import sub',
    {
      aliases: { alias: 'pkg' },
      behind: ['pkg.sub'],
      made: ['alias', 'alias.sub'],
    },
  ],
  [
    'setdefault',
    'sys.modules.setdefault("alias", importlib.import_module("pkg"))\nimport alias.sub',
    {
      aliases: { alias: 'pkg' },
      behind: ['pkg.sub'],
    },
  ],
  [
    'an alias of something made',
    'sys.modules["alias"] = make()',
    { aliases: { alias: null }, made: ['alias', 'alias.sub'] },
  ],
  ['a module that is written', '(HERE / "made.py").write_text("x = 1")\nimport made', { made: ['made'] }],
  ['nothing', 'x = 1', { folders: [], aliases: {}, behind: [], made: [] }],
];

test('what code does to its own imports is read', async () => {
  const files = Object.fromEntries(
    cases.flatMap(([, text], index) =>
      Object.entries({
        'backend/main.py': `${before}${text}\n`,
        'backend/pkg/__init__.py': 'from main import circle\n',
        'backend/tests/conftest.py': 'import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\n',
        'backend/vendor/acme.py': '',
        'shared/common.py': '',
      }).map(([name, content]) => [`${index}/${name}`, content] as const),
    ),
  );
  const folder = await writeFiles(files);
  const stdout = execFileSync(
    python3(),
    ['-I', '-c', harness, path.join(repositoryDir, 'companion'), folder, String(cases.length)],
    { encoding: 'utf8' },
  );
  const answers = JSON.parse(stdout) as Answer[];
  for (const [index, [title, , expected]] of cases.entries())
    expect({ title, ...answers[index] }).toMatchObject({ title, ...expected });
});
