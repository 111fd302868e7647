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
from freezer import data_scripts
folder = sys.argv[2]
files = [os.path.join(folder, "data", name) for name in sorted(os.listdir(os.path.join(folder, "data")))]
print(json.dumps(data_scripts.imports(files, [folder])))
`;

/** What the files in `data/` import of what there is. */
async function imported(files: Readonly<Record<string, string>>): Promise<unknown> {
  const folder = await writeFiles(files);
  const args = ['-c', harness, path.join(repositoryDir, 'companion'), folder];
  return JSON.parse(execFileSync(python3(), args, { encoding: 'utf8' })) as unknown;
}

test('what Python files among the data import comes into the program, wherever they import it, as far as it exists', async () => {
  const page =
    'import own\nfrom pkg import part, NAME\ndef f():\n    from late import x\nimport not_there\nfrom . import beside';
  const files = {
    'own.py': '',
    'pkg/__init__.py': '',
    'pkg/part.py': '',
    'late.py': '',
    'beside.py': '',
    'idle.py': '',
  };
  expect(
    await imported({
      ...files,
      'data/page.py': page,
      'data/notes.txt': 'import idle',
      'data/template.py': 'import {{ idle }}',
    }),
  ).toEqual(['late', 'own', 'pkg', 'pkg.part']);
});
