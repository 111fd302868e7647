import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { inputFiles } from '../../src/freeze/fingerprint/files.js';
import { StatCache } from '../../src/freeze/fingerprint/stat-cache.js';
import { moduleName, sourceTrees } from '../../src/freeze/sources.js';
import { watchIgnore } from '../../src/hosts/dev/manifest.js';
import { isIgnoredChange } from '../../src/runtime/dev/watch.js';
import type { ResolvedBackend } from '../../src/config/resolved.js';
import { withSlashes } from '../../src/lib/paths.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { makeBackend } from './support/project.js';
import { needsLinks, patience } from '../support/windows.js';

const nothing = { data: [], binaries: [] };

/** The modules that each part of the product takes for the project's own. */
async function answers(backend: ResolvedBackend, files: readonly string[]) {
  const [tree] = await sourceTrees(backend);
  const inputs = await inputFiles(backend, nothing, await StatCache.open(await temporaryFolder(), 'x'));
  const patterns = watchIgnore(backend.sourceIgnore).map((source) => new RegExp(source, 's'));
  const sorted = (names: readonly string[]): string[] =>
    names.filter((name) => name.endsWith('.py')).toSorted();
  return {
    checks: sorted(
      (tree?.modules ?? []).map(({ file }) => withSlashes(path.relative(tree?.root ?? '', file))),
    ),
    fingerprint: sorted(
      inputs.flatMap(({ name }) =>
        name.startsWith('source ') ? [name.slice('source backend/'.length)] : [],
      ),
    ),
    watcher: sorted(files.filter((file) => !isIgnoredChange(file, patterns))),
  };
}

const services = [
  'main.py',
  'services/a.py',
  'services/legacy_b.py',
  'services/legacy_c.py',
  'a/b/c.py',
  'b/gen/x.py',
];

test.each([
  ['services/legacy_{b,c}.py', ['a/b/c.py', 'b/gen/x.py', 'main.py', 'services/a.py']],
  ['services/*', ['a/b/c.py', 'b/gen/x.py', 'main.py']],
  ['a/**/c.py', services.filter((name) => name !== 'a/b/c.py').toSorted()],
  ['a/**/b', services.filter((name) => name !== 'a/b/c.py').toSorted()],
  // A star stays inside of one folder.
  ['*/x.py', services.toSorted()],
  ['gen', services.filter((name) => name !== 'b/gen/x.py').toSorted()],
])('sourceIgnore %j means the same to the cache key, the checks and the watcher', async (glob, expected) => {
  const files = Object.fromEntries(services.map((name) => [`backend/${name}`, '']));
  const backend = await makeBackend(files, { entry: 'backend/main.py', sourceIgnore: [glob] });
  expect(await answers(backend, services)).toEqual({
    checks: expected,
    fingerprint: expected,
    watcher: expected,
  });
});

test(
  'whatever is ignored: the cache key, the checks and the watcher agree',
  { timeout: 60_000 * patience },
  async () => {
    const segment = fc.constantFrom('a', 'b', 'ab', 'gen', 'venv', 'node_modules', '__pycache__');
    const file = fc
      .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('a.py', 'b.py', 'ab.py', '__init__.py'))
      .map(([folders, name]) => [...folders, name].join('/'));
    const piece = fc.constantFrom(
      'a',
      'b',
      '*',
      '**',
      '?',
      '{a,gen}',
      '[ab]',
      'a*',
      '*.py',
      'a.py',
      '{a,b}.py',
      String.raw`\a`,
    );
    const glob = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('/'));
    const files = { 'run.py': '', 'backend/main.py': '' };
    const backend = await makeBackend(files, { entry: 'run.py', source: 'backend' });
    const root = path.join(backend.projectDir, 'backend');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(file, { minLength: 1, maxLength: 6 }),
        fc.array(glob, { maxLength: 2 }),
        async (files, globs) => {
          await rm(root, { recursive: true });
          await mkdir(root);
          await writeFiles(Object.fromEntries(files.map((name) => [name, ''])), root);
          const ignoring = { ...backend, sourceIgnore: [...backend.sourceIgnore, ...globs] };
          const { checks, fingerprint, watcher } = await answers(ignoring, files);
          expect(fingerprint).toEqual(watcher);
          // A file directly in the source folder whose name is `__init__` has no name to import it by.
          expect(checks).toEqual(watcher.filter((name) => name !== '__init__.py'));
        },
      ),
      { numRuns: 60 },
    );
  },
);

test.each([
  ['main.py', 'main'],
  ['pkg/__init__.py', 'pkg'],
  ['pkg/deep/módulo.py', 'pkg.deep.módulo'],
  ['__init__.py', null],
  ['my-script.py', null],
  ['2nd/x.py', null],
  ['data.json', null],
  ['fast.so', null],
])('%s is the module %j', (relative, name) => {
  expect(moduleName(relative)).toBe(name);
});

test('a module under two names, because a folder links to another, has both', needsLinks, async () => {
  const backend = await makeBackend(
    { 'backend/main.py': '', 'backend/v2/x.py': '' },
    { entry: 'backend/main.py' },
  );
  await symlink('v2', path.join(backend.projectDir, 'backend/current'));
  const [tree] = await sourceTrees(backend);
  expect(tree?.modules.map(({ name }) => name)).toEqual(['current.x', 'main', 'v2.x']);
});
