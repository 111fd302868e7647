import * as fc from 'fast-check';
import * as z from 'zod';
import { objectNodes, schemaNode } from '../../src/config/check/schema-tree.js';

/** Values of which at least one fits each leaf of the schema. */
const candidates: readonly unknown[] = [
  'main.py',
  'backend',
  'x',
  'main:app',
  'services.billing',
  'services.*',
  'services.**',
  '/api/health',
  '2.28',
  '500 MB',
  '>=3.10',
  '3.12',
  '6.22.3',
  'https://a.example/simple',
  'W ignore',
  'config',
  '.',
  '_internal',
  'engine',
  'linux',
  'NONE',
  0,
  1,
  2,
  5,
  75,
  200,
  404,
  5000,
  8000,
  60_000,
  1.5,
  true,
  false,
  'managed',
  'torch',
  'pyz+py',
  'fastapi',
  'a b',
  'ä',
  '{port}',
  '{token}',
  '',
  '../x',
  'C:\\x',
  'no.such.thing',
];

/** Values the schema accepts (not necessarily ones that fit together). Derived from the schema itself. */
export function validValue(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const node = schemaNode(schema);
  switch (node.type) {
    case 'object': {
      // A few keys of each object: real configurations are sparse, and small ones are quick to make.
      const shape = new Map([...node.keys].map(([key, { schema: inner }]) => [key, validValue(inner)]));
      const required = [...node.keys].flatMap(([key, value]) => (value.required ? [key] : []));
      return fc.subarray([...shape.keys()], { maxLength: Math.min(4, shape.size) }).chain((keys) => {
        const chosen = [...new Set([...required, ...keys])];
        return fc
          .tuple(...chosen.map((key) => shape.get(key) ?? fc.constant(null)))
          .map((values) => Object.fromEntries(chosen.map((key, index) => [key, values[index]])));
      });
    }
    case 'record': {
      const keys =
        node.names ??
        candidates.filter((key) => typeof key === 'string' && z.safeParse(node.key, key).success);
      return fc
        .dictionary(fc.constantFrom(...(keys as string[])), validValue(node.value), { maxKeys: 2 })
        .map((value) => ({ ...value }));
    }
    case 'list':
      return fc.array(validValue(node.item), { maxLength: 2 });
    case 'union':
      return fc.oneof(...node.options.map((option) => validValue(option)));
    case 'leaf':
      break;
  }
  const outer = (schema as z.core.$ZodTypes)._zod.def;
  const def = outer.type === 'optional' ? (outer.innerType as z.core.$ZodTypes)._zod.def : outer;
  const own = def.type === 'enum' ? Object.values(def.entries) : def.type === 'literal' ? def.values : [];
  const fitting = [...own, ...candidates, [8000, 8010], [1, 1]].filter(
    (value) => z.safeParse(schema, value).success,
  );
  if (fitting.length === 0) throw new Error(`no candidate fits a ${def.type}`);
  return fc.constantFrom(...fitting);
}

/** Keys of a backend that go with every other one, whatever their values. */
const peaceful = [
  'hiddenImports',
  'collect',
  'excludes',
  'presets',
  'restart',
  'logs',
  'integrity',
  'auth',
  'lifeline',
  'sourceIgnore',
];

/** Configurations whose parts go together: these must resolve. */
export function coherent(backend: z.core.$ZodType, names: readonly string[]): fc.Arbitrary<unknown> {
  const [node] = objectNodes(backend);
  const keys = new Map(
    [...(node?.keys ?? [])].flatMap(([key, { schema }]) =>
      peaceful.includes(key) ? [[key, validValue(schema)]] : [],
    ),
  );
  const engine = fc.subarray([...keys.keys()]).chain((chosen) =>
    fc
      .tuple(
        fc.constantFrom<object>(
          { entry: 'main.py' },
          { entry: { asgi: 'main:app' }, source: 'backend' },
          { entry: { module: 'x' }, kind: 'http' },
        ),
        ...chosen.map((key) => keys.get(key) ?? fc.constant(null)),
      )
      .map(([entry, ...values]) => ({
        ...entry,
        ...Object.fromEntries(chosen.map((key, index) => [key, values[index]])),
      })),
  );
  return fc.subarray([...names], { minLength: 1 }).chain((chosen) =>
    fc.tuple(...chosen.map(() => engine)).map((engines) => ({
      backends: Object.fromEntries(chosen.map((name, index) => [name, engines[index]])),
    })),
  );
}

/** Anything at all: garbage of every type, deep, huge, and with the names that trip objects up. */
export const garbage: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
    maxDepth: 2,
    maxKeys: 3,
  }),
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    '\0',
    '\n',
    'x'.repeat(200_000),
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    Symbol('s'),
    () => 1,
    /x/,
    new Date(0),
    new URL('https://a.example'),
    Object.create(null),
  ),
  fc.constantFrom<string>(
    '__proto__',
    'constructor',
    '..',
    '/',
    '\\\\server\\share',
    '~',
    '$HOME',
    '{port}',
    '%s',
    '[x',
    '*',
    '**',
    '🐍',
    '\u202E',
    'con',
  ),
  fc
    .nat(200)
    .map((depth) =>
      Array.from({ length: depth }).reduce<unknown>((inner) => (depth % 2 === 0 ? [inner] : { a: inner }), 1),
    ),
);

const anyKey = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    '',
    ' ',
    'port',
    'onefile',
    'hiddenimports',
    'platforms',
    'backends',
  ),
  fc.string({ maxLength: 12 }),
  fc.constant('k'.repeat(100_000)),
);

/** What to do to a configuration to break it (or not). */
export type Mutation =
  | { readonly type: 'replace'; readonly at: number; readonly value: unknown }
  | { readonly type: 'add'; readonly at: number; readonly key: string; readonly value: unknown }
  | { readonly type: 'remove'; readonly at: number }
  | { readonly type: 'rename'; readonly at: number; readonly letter: number };

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ type: fc.constant('replace' as const), at: fc.nat(), value: garbage }),
  fc.record({ type: fc.constant('add' as const), at: fc.nat(), key: anyKey, value: garbage }),
  fc.record({ type: fc.constant('remove' as const), at: fc.nat() }),
  fc.record({ type: fc.constant('rename' as const), at: fc.nat(), letter: fc.nat() }),
);

/** Apply mutations to a copy. */
export function mutate(value: unknown, mutations: readonly Mutation[]): unknown {
  const holder = { root: structuredClone(value) };
  for (const change of mutations) {
    const slots = slotsOf(holder);
    const slot = slots[change.at % Math.max(1, slots.length)];
    if (slot === undefined) continue;
    const { object, key } = slot;
    const current = object[key];
    if (change.type === 'replace') object[key] = change.value;
    else if (change.type === 'remove') delete object[key];
    else if (change.type === 'add' && isExtensible(current, change.key)) {
      Object.defineProperty(current, change.key, {
        value: change.value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else if (change.type === 'rename' && !Array.isArray(object) && object !== holder && key.length > 0) {
      const cut = change.letter % key.length;
      delete object[key];
      object[key.slice(0, cut) + key.slice(cut + 1)] = current;
    }
  }
  return holder.root;
}

/** A list's own length is not a key one could add. */
function isExtensible(value: unknown, key: string): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    isPlain(value) &&
    !(Array.isArray(value) && key === 'length')
  );
}

function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

interface Slot {
  readonly object: Record<string, unknown>;
  readonly key: string;
}

/** Every place of a value where something stands, outside first. */
function slotsOf(value: object, depth = 0): Slot[] {
  if (depth > 8) return [];
  const object = value as Record<string, unknown>;
  return Object.keys(object)
    .slice(0, 50)
    .flatMap((key) => {
      const inner = object[key];
      const own: Slot = { object, key };
      return typeof inner === 'object' && inner !== null && isPlain(inner)
        ? [own, ...slotsOf(inner, depth + 1)]
        : [own];
    });
}
