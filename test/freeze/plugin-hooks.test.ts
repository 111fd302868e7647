import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import { writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

const harness = `
import json, os, sys
from types import SimpleNamespace as One
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import plugins
folder = sys.argv[2]
owner = One(name="plugin", data=lambda: [], top_level=lambda: [], module_files=lambda: [], files=lambda: [])
plugins.data_of = lambda member, module: []
known = One(members={"group": [One(module="plugin", owner=owner)]})
plugins.write_hooks(os.path.join(folder, "made"), known, {"acme": {"group"}}, lambda name: False, [os.path.join(folder, "a"), os.path.join(folder, "b")], sys.argv[3:])
with open(os.path.join(folder, "made", "plugins.json")) as file:
    print(os.path.relpath(json.load(file)["acme"]["before"] or folder, folder))
`;

test.each([
  [
    'of two the one that PyInstaller would run: its priority is higher',
    '',
    '# $PyInstaller-Hook-Priority: 1\n',
    'b',
  ],
  ['of equals the first', '', '', 'a'],
  ['not one that stands back', '# $PyInstaller-Hook-Priority: -10000\n', '', 'b'],
  ['one of the project, whatever another says', '', '# $PyInstaller-Hook-Priority: 1\n', 'a', ['a']],
])(
  'a hook that brings plugins runs the hook it takes the place of: %s',
  async (_, a, b, chosen, own: readonly string[] = []) => {
    const folder = await writeFiles({ 'a/hook-acme.py': a, 'b/hook-acme.py': b });
    const args = [
      '-c',
      harness,
      path.join(repositoryDir, 'companion'),
      folder,
      ...own.map((name) => path.join(folder, name)),
    ];
    expect(execFileSync(python3(), args, { encoding: 'utf8' }).trim()).toBe(
      path.join(chosen, 'hook-acme.py'),
    );
  },
);
