import type * as z from 'zod';
import { alternatives } from '../../lib/text.js';
import { explicitWords } from '../schema/group.js';

/** The parts of a zod schema that this folder looks at, as one union. */
export type SchemaNode =
  | {
      readonly type: 'object';
      readonly keys: ReadonlyMap<string, { readonly schema: z.core.$ZodType; readonly required: boolean }>;
    }
  | {
      readonly type: 'record';
      readonly key: z.core.$ZodType;
      readonly value: z.core.$ZodType;
      readonly names: readonly string[] | null;
    }
  | { readonly type: 'list'; readonly item: z.core.$ZodType }
  | { readonly type: 'union'; readonly options: readonly z.core.$ZodType[] }
  | { readonly type: 'leaf' };

const nodes = new WeakMap<z.core.$ZodType, SchemaNode>();

/** What kind of schema this is, and what stands below it. */
export function schemaNode(schema: z.core.$ZodType): SchemaNode {
  let node = nodes.get(schema);
  if (node === undefined) nodes.set(schema, (node = readNode(schema)));
  return node;
}

function readNode(schema: z.core.$ZodType): SchemaNode {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- zod has many more kinds; the rest are leaves
  switch (def.type) {
    case 'optional':
      return schemaNode(def.innerType);
    case 'object':
      return {
        type: 'object',
        keys: new Map(
          Object.entries(def.shape).map(([key, value]) => [
            key,
            { schema: value, required: (value as z.core.$ZodTypes)._zod.def.type !== 'optional' },
          ]),
        ),
      };
    case 'record':
      return { type: 'record', key: def.keyType, value: def.valueType, names: fixedNames(def.keyType) };
    case 'array':
      return { type: 'list', item: def.element };
    case 'union':
      return { type: 'union', options: def.options };
    default:
      return { type: 'leaf' };
  }
}

function fixedNames(key: z.core.$ZodType): readonly string[] | null {
  const { def } = (key as z.core.$ZodTypes)._zod;
  return def.type === 'enum' ? Object.values(def.entries).map(String) : null;
}

/** What a value may be, in words for `expected …, got …`. */
export function inPlainWords(schema: z.core.$ZodType): string {
  const words = explicitWords(schema);
  if (words !== undefined) return words;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- zod has many more kinds; the rest name themselves
  switch (def.type) {
    case 'optional':
      return inPlainWords(def.innerType);
    case 'string':
      return 'a text';
    case 'boolean':
      return 'true or false';
    case 'enum':
      return oneOf(Object.values(def.entries));
    case 'literal':
      return oneOf(def.values);
    case 'array':
      return `a list, each item ${inPlainWords(def.element)}`;
    case 'union':
      return def.options.map((option) => inPlainWords(option)).join(', or ');
    case 'object':
      return `an object with ${Object.keys(def.shape).join(', ')}`;
    case 'record':
      return 'an object';
    default:
      return `a ${def.type}`;
  }
}

function oneOf(values: readonly unknown[]): string {
  return alternatives(values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))));
}

/** Every object schema that can stand at this place (a union may hold several). */
export function objectNodes(schema: z.core.$ZodType): readonly (SchemaNode & { type: 'object' })[] {
  const node = schemaNode(schema);
  if (node.type === 'object') return [node];
  return node.type === 'union' ? node.options.flatMap((option) => objectNodes(option)) : [];
}
