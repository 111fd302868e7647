import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import { repositoryDir } from '../support/paths.js';
import { writeFiles } from '../support/files.js';

const harness = `
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import entry
print(json.dumps(eval(sys.argv[2], {"entry": entry, "folder": sys.argv[3]})))
`;

/** What an expression with \`entry\` and \`folder\` gives. */
async function evaluate(files: Readonly<Record<string, string>>, expression: string): Promise<unknown> {
  const folder = await writeFiles(files);
  const companion = path.join(repositoryDir, 'companion');
  return JSON.parse(
    execFileSync(python3(), ['-c', harness, companion, expression, folder], { encoding: 'utf8' }),
  ) as unknown;
}

const script = `
"""A job."""
from __future__ import annotations
import os, numpy.linalg as linalg
from PIL import Image
if True:
    import below_if
try:
    import below_try
except ImportError:
    pass
def main():
    import inside
`;

test('what a script imports at its top is found, and nothing that it may leave out', async () => {
  expect(await evaluate({ 'job.py': script }, 'entry.top_imports(folder + "/job.py")')).toEqual([
    'PIL',
    'numpy.linalg',
    'os',
  ]);
});

test('relative imports of a module start at its package', async () => {
  const files = {
    'shop/__init__.py': '',
    'shop/cli/__init__.py': '',
    'shop/cli/__main__.py':
      'from . import options\nfrom .run import go\nfrom .. import orders\nfrom ..db import x\n',
    'shop/cli/other.py': 'from .run import go\n',
  };
  expect(await evaluate(files, 'entry.module_imports("shop.cli", [folder])')).toEqual([
    'shop',
    'shop.cli',
    'shop.cli.run',
    'shop.db',
  ]);
  expect(await evaluate(files, 'entry.module_imports("shop.cli.other", [folder])')).toEqual(['shop.cli.run']);
});

test.each([
  ['a file with a syntax error', 'entry.top_imports(folder + "/broken.py")'],
  ['a file that does not exist', 'entry.top_imports(folder + "/nowhere.py")'],
  ['a module that does not exist', 'entry.module_imports("nowhere.at.all", [folder])'],
  ['an import from outside of all packages', 'entry.top_imports(folder + "/outside.py")'],
])('%s has none', async (_what, expression) => {
  const files = { 'broken.py': 'import (', 'outside.py': 'from ... import x\n' };
  expect(await evaluate(files, expression)).toEqual([]);
});
