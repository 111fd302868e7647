import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { globToRegExp } from '../../src/lib/glob.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { pythonCommand } from '../support/python-command.js';

/** Run a program of Python with JSON as its input; its output is JSON. */
function python(program: string, input: unknown): unknown {
  const stdout = execFileSync(pythonCommand, ['-X', 'utf8', '-c', program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
  });
  return JSON.parse(stdout) as unknown;
}

test('Python and JavaScript agree about what a pattern fits', () => {
  const piece = fc.constantFrom(
    '*',
    '**',
    '?',
    '/',
    '.',
    'a',
    'lib',
    '.so',
    'é',
    '_',
    '[ab]',
    '[!a]',
    '{a,lib}',
    ' ',
    '(',
    '+',
  );
  const glob = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  const name = fc
    .array(fc.constantFrom('a', 'b', 'lib', '.so', 'é', '/', '.', '_', ' ', '(', '+'), {
      minLength: 1,
      maxLength: 8,
    })
    .map((parts) => parts.join(''));
  const cases = fc
    .sample(fc.tuple(glob, name), 3000)
    .map(([pattern, text]) => [globToRegExp(pattern).source, text] as const);
  const program = `import json, re, sys
print(json.dumps([bool(re.compile(e, re.DOTALL).search(t)) for e, t in json.load(sys.stdin)]))`;
  const found = python(program, cases) as boolean[];
  const differing = cases.filter(
    ([source, text], index) => new RegExp(source, 's').test(text) !== found[index],
  );
  expect(differing).toEqual([]);
  expect(found.filter(Boolean).length).toBeGreaterThan(20);
});

/** The constant spec with nothing but what it collects, run as PyInstaller runs it. */
const runSpec = `import json, os, sys
given = json.load(sys.stdin)
class Analysis:
    def __init__(self, *args, **kwargs):
        self.pure, self.scripts = [], []
        self.binaries = [tuple(row) for row in given["binaries"]]
        self.datas = [tuple(row) for row in given["datas"]]
collected = []
world = {
    "os": os, "SPECPATH": given["folder"], "specnm": "backend", "Analysis": Analysis,
    "PYZ": lambda pure: None, "EXE": lambda *args, **kwargs: None,
    "COLLECT": lambda exe, *rows, **kwargs: collected.extend(rows),
}
plan = {"lightHooks": "", "scripts": [], "pathex": [], "binaries": [], "datas": [], "analysis": {}, "options": [], "exe": {}, "collect": {}, "mode": "onedir"}
with open(os.path.join(given["folder"], "backend.json"), "w", encoding="utf-8") as file:
    json.dump({**plan, "excludeFiles": given["excludeFiles"]}, file)
exec(compile(open(given["spec"], encoding="utf-8").read(), "backend.spec", "exec"), world)
with open(os.path.join(given["folder"], "backend.left-out.json"), encoding="utf-8") as file:
    left_out = json.load(file)
print(json.dumps({"collected": collected, "leftOut": left_out}))`;

async function collect(
  patterns: readonly string[],
): Promise<{ binaries: string[]; datas: string[]; leftOut: unknown }> {
  const answer = python(runSpec, {
    folder: await temporaryFolder(),
    spec: path.join(repositoryDir, 'companion/freezer/backend.spec'),
    excludeFiles: patterns.map((pattern) => [pattern, globToRegExp(pattern).source]),
    binaries: [
      ['nvidia/cudnn/lib/libcudnn.so.9', '/env/libcudnn.so.9', 'BINARY'],
      ['nvidia\\cudnn\\lib\\libcudnn_engines.so.9', '/env/e', 'BINARY'],
      ['numpy/_core/x.so', '/env/x.so', 'EXTENSION'],
    ],
    datas: [
      ['libcudnn_engines.so.9', 'nvidia/cudnn/lib/libcudnn_engines.so.9', 'SYMLINK'],
      ['libcudnn.so.9', 'nvidia/cudnn/lib/libcudnn.so.9', 'SYMLINK'],
      ['numpy/x.h', '/env/x.h', 'DATA'],
    ],
  }) as { collected: [string[][], string[][]]; leftOut: unknown };
  const [binaries, datas] = answer.collected;
  return {
    binaries: binaries.map(([name = '']) => name),
    datas: datas.map(([name = '']) => name),
    leftOut: answer.leftOut,
  };
}

test('what a pattern fits is left out, with the links to it, and nothing else', async () => {
  const { binaries, datas, leftOut } = await collect([
    'nvidia/cudnn/lib/libcudnn_engines*',
    '**/*.h',
    'absent/*',
  ]);
  expect(binaries).toEqual(['nvidia/cudnn/lib/libcudnn.so.9', 'numpy/_core/x.so']);
  expect(datas).toEqual(['libcudnn.so.9']);
  expect(leftOut).toEqual({
    'nvidia/cudnn/lib/libcudnn_engines*': ['nvidia/cudnn/lib/libcudnn_engines.so.9'],
    '**/*.h': ['numpy/x.h'],
    'absent/*': [],
  });
});

test('without patterns everything stays', async () => {
  const { binaries, datas, leftOut } = await collect([]);
  expect([binaries.length, datas.length, leftOut]).toEqual([3, 3, {}]);
});
