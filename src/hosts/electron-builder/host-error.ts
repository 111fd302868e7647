import { createRequire } from 'node:module';
import { isPyInstallerError } from '../../errors.js';
import { plainError } from '../shared/plain-error.js';

type ErrorClass = new (message: string) => Error;

/** The part of Node's module cache that is looked through. */
export type ModuleCache = Readonly<Record<string, { readonly exports?: unknown } | undefined>>;

/**
 * The form of an error that electron-builder prints as one message. It knows its own `InvalidConfigurationError` by
 * identity and prints every other error twice, the second time as a stack trace.
 *
 * The class is taken from the modules that electron-builder has loaded: resolving `builder-util` could find another copy.
 * When it is not there (a bundled or future electron-builder), the stack is the message.
 */
export function hostError(
  error: unknown,
  cache: ModuleCache = createRequire(import.meta.url).cache,
): unknown {
  const plain = plainError(error);
  if (plain === error || !(plain instanceof Error) || !isPyInstallerError(error)) return plain;
  const HostClass = findErrorClass(cache);
  if (HostClass === null) return plain;
  return Object.assign(new HostClass(plain.message), { cause: plain.cause, code: error.code });
}

function findErrorClass(cache: ModuleCache): ErrorClass | null {
  for (const [file, module] of Object.entries(cache)) {
    if (!/[\\/]builder-util[\\/]out[\\/][\w-]+\.js$/.test(file)) continue;
    const { exports } = module ?? {};
    if (typeof exports !== 'object' || exports === null) continue;
    const found = (exports as { InvalidConfigurationError?: unknown }).InvalidConfigurationError;
    if (typeof found === 'function') return found as ErrorClass;
  }
  return null;
}
