import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergePlatforms } from '../../../src/config/find/merge.js';

const target = { platform: 'linux', arch: 'x64' } as const;

function merge(backend: object): Record<string, unknown> {
  return { ...mergePlatforms(backend, target, ['backends', 'engine']).config };
}

type Tree = { [key: string]: string | number | boolean | string[] | Tree };

/** Small trees over few names, so that overrides meet what they override. */
const { tree: anyTree } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom('x', 'y', 1, false), fc.constant(['l']), tie('tree')),
  tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'run', 'env', 'pyinstaller'), tie('value'), {
    maxKeys: 4,
  }),
}));
const tree = anyTree as fc.Arbitrary<Tree>;

/** All leaves with their paths. */
function leaves(value: unknown, path: readonly string[] = []): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path.join('.'), value]];
  const inner = Object.entries(value);
  return inner.length === 0
    ? [[path.join('.'), value]]
    : inner.flatMap(([key, item]) => leaves(item, [...path, key]));
}

describe('merging the overrides of a platform', () => {
  test('without overrides changes nothing', () => {
    fc.assert(
      fc.property(tree, (base) => {
        expect(merge({ ...base, platforms: { win32: { a: 1 }, linux: {} } })).toEqual(base);
      }),
    );
  });

  test('an override with the same content changes nothing', () => {
    fc.assert(
      fc.property(tree, (base) => {
        expect(merge({ ...base, platforms: { linux: base } })).toEqual(base);
      }),
    );
  });

  test('everything an override says holds afterwards', () => {
    fc.assert(
      fc.property(tree, tree, (base, over) => {
        const after = new Map(leaves(merge({ ...base, platforms: { linux: over } })));
        for (const [path, value] of leaves(over)) {
          // An empty object adds nothing to one that is there.
          if (typeof value === 'object' && value !== null && !Array.isArray(value)) continue;
          expect(after.get(path)).toEqual(value);
        }
      }),
    );
  });

  test('nothing appears that nobody wrote, and what is not overridden stays', () => {
    fc.assert(
      fc.property(tree, tree, (base, over) => {
        const written = new Map(
          [...leaves(base), ...leaves(over)].map((leaf) => [JSON.stringify(leaf), true]),
        );
        const merged = leaves(merge({ ...base, platforms: { linux: over } }));
        for (const leaf of merged) expect(written.has(JSON.stringify(leaf)) || leaf[0] === '').toBe(true);
        const paths = new Set(merged.map(([path]) => path));
        const overridden = (path: string): boolean =>
          leaves(over).some(
            ([other]) => other === path || path.startsWith(`${other}.`) || other.startsWith(`${path}.`),
          );
        for (const [path] of leaves(base))
          if (path !== '' && !overridden(path)) expect(paths.has(path)).toBe(true);
      }),
    );
  });

  test('applying two overrides one after the other is applying them in order', () => {
    fc.assert(
      fc.property(tree, tree, tree, (base, first, second) => {
        const once = merge({ ...base, platforms: { linux: first, 'linux-x64': second } });
        expect(
          merge({ ...merge({ ...base, platforms: { linux: first } }), platforms: { linux: second } }),
        ).toEqual(once);
      }),
    );
  });

  test('does not change what it is given', () => {
    fc.assert(
      fc.property(tree, tree, (base, over) => {
        const backend = { ...base, platforms: { linux: over } };
        const before = structuredClone(backend);
        merge(backend);
        expect(backend).toEqual(before);
      }),
    );
  });

  test('the origin of a value is where it was written', () => {
    fc.assert(
      fc.property(tree, tree, (base, over) => {
        const backend = { ...base, platforms: { linux: over } };
        const { config, origin } = mergePlatforms(backend, target, []);
        for (const [path, value] of leaves(config)) {
          if (path === '') continue;
          let place: unknown = backend;
          for (const key of origin(path.split('.'))) place = (place as Record<string, unknown>)[String(key)];
          // An empty object merged with another has two origins; both are empty or missing there.
          if (typeof value === 'object' && !Array.isArray(value)) continue;
          expect(place).toEqual(value);
        }
      }),
    );
  });

  test.each<readonly [object, object, object]>([
    [{ entry: { asgi: 'a:b' } }, { entry: { script: 'x.py' } }, { entry: { script: 'x.py' } }],
    [{ address: { port: 1 } }, { address: { port: 2 } }, { address: { port: 2 } }],
    [{ address: { port: 1, host: '::1' } }, { address: { port: 2 } }, { address: { port: 2 } }],
    [
      { requirements: { files: ['a'] } },
      { requirements: { packages: ['b'] } },
      { requirements: { packages: ['b'] } },
    ],
    [{ ready: '/a' }, { ready: { timeoutMs: 1 } }, { ready: { http: '/a', timeoutMs: 1 } }],
    [{ ready: { timeoutMs: 1 } }, { ready: '/a' }, { ready: { http: '/a', timeoutMs: 1 } }],
    [{ health: false }, { health: { http: '/a' } }, { health: { http: '/a' } }],
    [{ health: { http: '/a' } }, { health: false }, { health: false }],
    [{ excludes: ['a'] }, { excludes: [] }, { excludes: [] }],
    [{ run: { env: { A: '1' } } }, { run: { env: { B: '2' } } }, { run: { env: { A: '1', B: '2' } } }],
    [
      { pyinstaller: { versionInfo: { A: '1' } } },
      { pyinstaller: { versionInfo: { B: '2' } } },
      { pyinstaller: { versionInfo: { B: '2' } } },
    ],
  ])('%j with %j is %j', (base, over, expected) => {
    expect(merge({ ...base, platforms: { linux: over } })).toEqual(expected);
  });

  test('a short form is blamed where it was written', () => {
    const backend = { ready: { timeoutMs: 1 }, platforms: { linux: { ready: '/a' } } };
    const { origin } = mergePlatforms(backend, target, []);
    expect(origin(['ready', 'http'])).toEqual(['platforms', 'linux', 'ready']);
    expect(origin(['ready', 'timeoutMs'])).toEqual(['ready', 'timeoutMs']);
  });
});
