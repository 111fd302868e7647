import * as z from 'zod';
import type { ConfigPath, Problem } from './problem.js';
import { formatPath, quote, show } from './problem.js';
import { inPlainWords, objectNodes, schemaNode, type SchemaNode } from './schema-tree.js';
import { unknownKeyHint } from './unknown-key.js';

type ObjectNode = SchemaNode & { type: 'object' };
type PlainObject = Readonly<Record<string, unknown>>;

/**
 * Compare plain data with a schema and list everything that is wrong, each with its place, the value seen and what is
 * allowed there.
 *
 * It walks the schema itself instead of turning zod's issues into words, because zod reports a value that fits no member
 * of a union as one issue at the union, without saying which member was meant. A property test holds the two to the same
 * verdict.
 */
export function validate(schema: z.core.$ZodType, value: unknown, path: ConfigPath = []): Problem[] {
  const node = schemaNode(schema);
  switch (node.type) {
    case 'object':
      return isObject(value) ? validateObject(node, value, path) : [notAGroup(node, schema, value, path)];
    case 'record':
      return isObject(value) ? validateRecord(node, value, path) : [wrongType(schema, value, path)];
    case 'list':
      if (!Array.isArray(value)) return [wrongType(schema, value, path)];
      return value.flatMap((item, index) => validate(node.item, item, [...path, index]));
    case 'union':
      return validateUnion(schema, node.options, value, path);
    case 'leaf':
      break;
  }
  return z.safeParse(schema, value).success ? [] : [wrongType(schema, value, path)];
}

function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(schema: z.core.$ZodType, value: unknown, path: ConfigPath): Problem {
  const words = inPlainWords(schema);
  const hint = words.startsWith("'<module>:<attribute>'")
    ? (dottedApplication(value) ?? applicationInFile(value))
    : null;
  return { path, text: `expected ${words}, got ${show(value)}${hint === null ? '' : `; ${hint}`}` };
}

/** One value where a group of options stands: which of them it may be. */
function notAGroup(node: ObjectNode, schema: z.core.$ZodType, value: unknown, path: ConfigPath): Problem {
  const problem = wrongType(schema, value, path);
  const [key] = [...node.keys].find(([, known]) => z.safeParse(known.schema, value).success) ?? [];
  const name = path.at(-1);
  if (key === undefined || typeof value !== 'string' || typeof name !== 'string') return problem;
  return { path, text: `${problem.text}; write ${name}: { ${key}: ${quote(value)} }` };
}

/** `main.app` is the application `app` of the module `main`. Null: it is none. */
function dottedApplication(value: unknown): string | null {
  const [, module, attribute] =
    typeof value === 'string' ? (/^((?:\w+\.)*\w+)\.(?!pyw?$)(\w+)$/.exec(value) ?? []) : [];
  return module === undefined || attribute === undefined ? null : `write '${module}:${attribute}'`;
}

/** `backend/app.py:app` is the application `app` of a file: a module has no ending, and its folder is the source. Null: it is none. */
export function applicationInFile(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const [, folder = '', module, attribute] =
    /^(?:\.[/\\])?((?:[^:\n]*[/\\])?)(\w+)\.pyw?:(\w+)$/.exec(value) ??
    /^(?:\.[/\\])?([^:\n]*[/\\])(\w+):(\w+)$/.exec(value) ??
    [];
  if (module === undefined || attribute === undefined) return null;
  const source = folder.replaceAll('\\', '/').replace(/\/$/, '');
  return `write '${module}:${attribute}'${source === '' ? ': a module has no ending' : ` and source: '${source}': a module has no ending, and the source folder is where imports start`}`;
}

function validateObject(node: ObjectNode, value: PlainObject, path: ConfigPath): Problem[] {
  const problems: Problem[] = [];
  for (const [key, item] of Object.entries(value)) {
    const known = node.keys.get(key);
    if (known === undefined) problems.push(unknownKey(key, item, [...node.keys.keys()], path));
    else problems.push(...validate(known.schema, item, [...path, key]));
  }
  for (const [key, { schema, required }] of node.keys) {
    if (required && !Object.hasOwn(value, key))
      problems.push({ path, text: `the key "${key}" is missing; write ${key}: ${inPlainWords(schema)}` });
  }
  return problems;
}

function unknownKey(key: string, value: unknown, allowed: readonly string[], path: ConfigPath): Problem {
  return {
    path: [...path, key],
    text: `unknown key (its value: ${show(value)}). ${unknownKeyHint(key, allowed, path)}`,
  };
}

function validateRecord(
  node: SchemaNode & { type: 'record' },
  value: PlainObject,
  path: ConfigPath,
): Problem[] {
  const problems: Problem[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (node.names !== null && !node.names.includes(key))
      problems.push(unknownKey(key, item, node.names, path));
    else if (!z.safeParse(node.key, key).success)
      problems.push({ path: [...path, key], text: `expected ${inPlainWords(node.key)} as the key` });
    else problems.push(...validate(node.value, item, [...path, key]));
  }
  return problems;
}

/** Choose the member that was meant, so that the message is about it and not about all of them. */
function validateUnion(
  schema: z.core.$ZodType,
  options: readonly z.core.$ZodType[],
  value: unknown,
  path: ConfigPath,
): Problem[] {
  const results = options.map((option) => validate(option, value, path));
  if (results.some((problems) => problems.length === 0)) return [];
  if (isObject(value)) {
    const objects = objectNodes(schema);
    const meant = bestObject(objects, value);
    if (meant !== null)
      return withoutSiblings(meant, objects, validateObject(meant, value, path), value, path);
    const record = options.find((option) => schemaNode(option).type === 'record');
    if (record !== undefined) return validate(record, value, path);
    const [key] = Object.keys(value);
    const allowed = objects.flatMap((object) => [...object.keys.keys()]);
    if (key !== undefined && allowed.length > 0) {
      return Object.entries(value).map(([name, item]) => unknownKey(name, item, allowed, path));
    }
  }
  if (Array.isArray(value)) {
    const list = options.find((option) => schemaNode(option).type === 'list');
    if (list !== undefined) return validate(list, value, path);
  }
  return [wrongType(schema, value, path)];
}

/** The object with most keys in common; null when none has any. */
function bestObject(objects: readonly ObjectNode[], value: PlainObject): ObjectNode | null {
  let best: ObjectNode | null = null;
  let most = 0;
  for (const object of objects) {
    const shared = Object.keys(value).filter((key) => object.keys.has(key)).length;
    if (shared > most) [best, most] = [object, shared];
  }
  // An object with only unknown keys is meant when there is but one.
  return best ?? (objects.length === 1 && Object.keys(value).length > 0 ? (objects[0] ?? null) : null);
}

/** Where keys of two members are mixed, say that one must be chosen. */
function withoutSiblings(
  meant: ObjectNode,
  objects: readonly ObjectNode[],
  problems: Problem[],
  value: PlainObject,
  path: ConfigPath,
): Problem[] {
  const chosen = Object.keys(value).find((key) => meant.keys.has(key));
  return problems.map((problem) => {
    const key = problem.path[path.length];
    if (typeof key !== 'string' || problem.path.length !== path.length + 1 || meant.keys.has(key))
      return problem;
    if (!objects.some((object) => object !== meant && object.keys.has(key))) return problem;
    return {
      path: problem.path,
      text: `cannot be combined with ${formatPath([...path, chosen ?? ''])}; keep one of the two`,
    };
  });
}
