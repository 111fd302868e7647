/**
 * Makes Node's `fs` see into archives, as Electron's does: functions that read are given the mirror's path. Functions that write
 * are left alone and fail with ENOTDIR, as they do in Electron, because an archive is a file.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { fromMirror, toMirror } from './mirror.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

const reading = [
  'access',
  'copyFile',
  'cp',
  'exists',
  'lstat',
  'open',
  'opendir',
  'readFile',
  'readdir',
  'readlink',
  'realpath',
  'stat',
] as const;

/** Patch `fs`, its synchronous and promise forms, and the ES module exports of all of them. */
export function patchFs(): void {
  for (const name of reading) {
    wrap(fs, name, wrapCallback);
    wrap(fs, `${name}Sync`, wrapSync);
    wrap(fs.promises, name, wrapPromise);
  }
  syncBuiltinESMExports();
}

function wrap(target: object, name: string, how: (original: AnyFunction, name: string) => AnyFunction): void {
  const original: unknown = Reflect.get(target, name);
  if (!isFunction(original)) return;
  const wrapped = how(original, name);
  const native: unknown = Reflect.get(original, 'native');
  if (isFunction(native)) Object.assign(wrapped, { native: how(native, name) });
  Reflect.set(target, name, wrapped);
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

/** The arguments with the mirror's path in front, or null when the call has nothing to do with archives. */
function redirect(name: string, args: unknown[]): unknown[] | null {
  const [first, ...rest] = args;
  const file = first instanceof URL && first.protocol === 'file:' ? fileURLToPath(first) : first;
  if (typeof file !== 'string') return null;
  if (name.startsWith('open') && !name.startsWith('opendir') && writes(rest[0])) return null;
  const mirrored = toMirror(file);
  return mirrored === null ? null : [mirrored, ...rest];
}

function writes(flags: unknown): boolean {
  if (typeof flags === 'string') return flags !== 'r' && flags !== 'rs';
  return typeof flags === 'number' && (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
}

/** Results and errors must not show that there is a mirror. */
function restore(value: unknown): unknown {
  if (typeof value === 'string') return fromMirror(value);
  if (Array.isArray(value)) {
    for (const entry of value)
      if (entry instanceof fs.Dirent) entry.parentPath = fromMirror(entry.parentPath);
  } else if (value instanceof Error && 'path' in value && typeof value.path === 'string') {
    const shown = fromMirror(value.path);
    value.message = value.message.replace(value.path, shown);
    value.path = shown;
  }
  return value;
}

function wrapSync(original: AnyFunction, name: string): AnyFunction {
  const contents = name.startsWith('readFile');
  return function (...args) {
    const redirected = redirect(name, args);
    if (redirected === null) return original.apply(this, args);
    try {
      const result = original.apply(this, redirected);
      return contents ? result : restore(result);
    } catch (error) {
      throw restore(error);
    }
  };
}

function wrapCallback(original: AnyFunction, name: string): AnyFunction {
  const contents = name === 'readFile';
  return function (...args) {
    const redirected = redirect(name, args);
    const callback = args.at(-1);
    if (redirected === null || typeof callback !== 'function') return original.apply(this, args);
    redirected[redirected.length - 1] = (error: unknown, result: unknown) => {
      // `exists` calls back with its answer alone.
      if (name === 'exists') Reflect.apply(callback, undefined, [error]);
      else Reflect.apply(callback, undefined, [restore(error), contents ? result : restore(result)]);
    };
    return original.apply(this, redirected);
  };
}

function wrapPromise(original: AnyFunction, name: string): AnyFunction {
  const contents = name === 'readFile';
  return async function (...args) {
    const redirected = redirect(name, args);
    if (redirected === null) return original.apply(this, args);
    try {
      const result = await original.apply(this, redirected);
      return contents ? result : restore(result);
    } catch (error) {
      throw restore(error);
    }
  };
}
