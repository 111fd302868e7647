import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { python3 } from '../python/real-pythons.js';
import { onlyOnLinux } from '../support/windows.js';

const harness = `
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import built_for
print(json.dumps(built_for.built_for(json.loads(sys.argv[2]), json.loads(sys.argv[3]))))
`;

function builtFor(
  files: readonly (readonly [string, string | null, string])[],
  modules: readonly string[] = [],
  folder = '',
): unknown {
  const companion = path.join(repositoryDir, 'companion');
  const text = execFileSync(
    python3(),
    ['-c', harness, companion, JSON.stringify(files), JSON.stringify(modules)],
    { encoding: 'utf8', env: { ...process.env, PYTHONPATH: folder } },
  );
  return JSON.parse(text);
}

test.skipIf(process.arch !== 'x64')(
  'what a library was linked for is told by package, the highest of its files',
  onlyOnLinux('it is about libraries of Linux'),
  async () => {
    /** A library as the linker makes it. */
    async function library(...options: readonly string[]): Promise<string> {
      const folder = await writeFiles({ 'code.c': 'int answer(void) { return 42; }\n' });
      const file = path.join(folder, 'library.so');
      execFileSync('gcc', ['-shared', '-fPIC', ...options, '-o', file, path.join(folder, 'code.c')]);
      return file;
    }

    const v2 = await library('-Wl,-z,x86-64-v2');
    const v3 = await library('-Wl,-z,x86-64-v3');
    const silent = await library();
    expect(
      builtFor([
        ['fastmath/_kernels.cpython-311-x86_64-linux-gnu.so', v2, 'EXTENSION'],
        ['fastmath.libs/libblas-7f.so', v3, 'BINARY'],
        ['_single.cpython-311-x86_64-linux-gnu.so', v2, 'EXTENSION'],
        // The C library itself: for every processor.
        ['old/module.so', '/lib/x86_64-linux-gnu/libc.so.6', 'EXTENSION'],
        ['plain/module.so', silent, 'EXTENSION'],
        ['data/library.so', v3, 'DATA'],
        ['gone/module.so', path.join(path.dirname(v2), 'no.so'), 'EXTENSION'],
        ['text/module.so', path.join(path.dirname(v2), 'code.c'), 'EXTENSION'],
        ['link.so', null, 'SYMLINK'],
      ]),
    ).toEqual({ fastmath: 'x86-64-v3', _single: 'x86-64-v2' });
  },
);

test.each([
  ['numpy/_core', 'X86_V2'],
  ['numpy/core', 'SSE, SSE2, SSE3'],
])('numpy tells of itself in %s', async (place, baseline) => {
  const folder = await writeFiles({
    'numpy/__init__.py': '',
    [`${place}/__init__.py`]: '',
    [`${place}/_multiarray_umath.py`]: `__cpu_baseline__ = ${JSON.stringify(baseline.split(', '))}\n`,
  });
  expect(builtFor([], ['numpy'], folder)).toEqual({ numpy: baseline });
});

test('what cannot be asked is not told', () => {
  expect(builtFor([['x/y.so', '/proc/self/mem', 'BINARY']], ['numpy'])).toEqual({});
});
