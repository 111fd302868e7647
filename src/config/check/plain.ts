import type { ConfigPath, Problem } from './problem.js';

const deepest = 40;
const mostValues = 100_000;

/** Result of {@link plainData}. */
export interface PlainData {
  /** A copy of plain objects, lists, texts, numbers, booleans and null. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Copy a value that came from outside into plain data, so that later code meets no getter, cycle, proxy, prototype or
 * class instance. Keys whose value is `undefined` are left out, as when they were not written.
 */
export function plainData(input: unknown): PlainData {
  const problems: Problem[] = [];
  const above = new Set<object>();
  let values = 0;

  function refuse(path: ConfigPath, text: string): undefined {
    problems.push({ path, text });
    return undefined;
  }

  function copy(value: unknown, path: ConfigPath): unknown {
    values += 1;
    if (values > mostValues) {
      if (values === mostValues + 1)
        refuse(path, `the configuration holds more than ${mostValues} values; it cannot be meant`);
      return undefined;
    }
    if (typeof value === 'string')
      return value.includes('\0')
        ? refuse(path, 'the text contains a NUL character, which no path or name can hold')
        : value;
    // `+ 0` turns -0 into 0, which is what JSON makes of it.
    if (typeof value === 'number')
      return Number.isFinite(value)
        ? value + 0
        : refuse(path, `${String(value)} is not a number that can be used`);
    if (typeof value === 'boolean' || value === null || value === undefined) return value;
    if (typeof value !== 'object')
      return refuse(
        path,
        `a ${typeof value} cannot stand here; only texts, numbers, booleans, lists and objects`,
      );
    if (above.has(value)) return refuse(path, 'the object contains itself');
    if (path.length > deepest) return refuse(path.slice(0, 8), `nested more than ${deepest} levels deep`);
    above.add(value);
    try {
      return Array.isArray(value) ? copyList(value, path) : copyObject(value, path);
    } catch (error) {
      return refuse(
        path,
        `the value cannot be read: ${error instanceof Error ? firstLine(error.message) : 'it throws'}`,
      );
    } finally {
      above.delete(value);
    }
  }

  function copyList(list: readonly unknown[], path: ConfigPath): unknown[] {
    const out: unknown[] = [];
    for (let index = 0; index < list.length && values <= mostValues; index += 1) {
      const item = list[index];
      if (item === undefined) {
        refuse([...path, index], 'the list has a hole (undefined) here');
        break;
      }
      out.push(copy(item, [...path, index]));
    }
    return out;
  }

  function copyObject(object: object, path: ConfigPath): unknown {
    const prototype: unknown = Object.getPrototypeOf(object);
    // Objects of another realm (jiti evaluates in a vm) have another Object.prototype; theirs has no prototype either.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
      return refuse(path, `a ${className(object)} cannot stand here; only plain objects`);
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      if (values > mostValues) break;
      if (key === '__proto__') {
        refuse([...path, key], 'unknown key');
        continue;
      }
      const value = copy((object as Record<string, unknown>)[key], [...path, key]);
      if (value !== undefined) out[key] = value;
    }
    return out;
  }

  return { value: copy(input, []), problems };
}

function className(object: object): string {
  const name: unknown = (object.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : 'class instance';
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 200);
}
