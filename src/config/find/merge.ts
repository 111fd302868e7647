import type { Target } from '../../target.js';
import { targetName } from '../../target.js';
import type { ConfigPath } from '../check/problem.js';
import type { BackendConfig, BackendOverrides } from '../schema/index.js';

type PlainObject = Readonly<Record<string, unknown>>;

/** A backend with the overrides of its platform in it. */
export interface MergedBackend {
  readonly config: BackendOverrides & Pick<BackendConfig, 'client' | 'prebuilt'>;
  /** Where the value at a path of the merged backend was written, from the root of the configuration. */
  readonly origin: (path: ConfigPath) => ConfigPath;
}

/** Keys whose objects are one choice among several: an override replaces them as a whole. */
const choices: ReadonlySet<string> = new Set(['entry', 'requirements', 'address', 'pyinstaller.versionInfo']);

/** Keys where a text is short for an object: both are merged in the long form. */
const shortForms: Readonly<Record<string, string>> = { ready: 'http', health: 'http' };

/**
 * Merge `platforms.<platform>`, then `platforms.<platform>-<arch>`, over a backend. Objects are merged key by key at any
 * depth; texts, numbers, booleans and lists replace; so do the choices `entry`, `requirements` and `address`.
 */
export function mergePlatforms(backend: BackendConfig, target: Target, path: ConfigPath): MergedBackend {
  const { platforms = {}, ...base } = backend;
  const replaced = new Map<string, ConfigPath>();
  let config: PlainObject = { ...base };
  for (const key of [target.platform, targetName(target)]) {
    const overrides = (platforms as Record<string, BackendOverrides | undefined>)[key];
    if (overrides === undefined) continue;
    config = mergeInto(config, { ...overrides }, [], (at, written) =>
      replaced.set(keyOf(at), [...path, 'platforms', key, ...written]),
    );
  }
  return {
    config,
    origin: (at) => {
      for (let length = at.length; length > 0; length -= 1) {
        const start = replaced.get(keyOf(at.slice(0, length)));
        if (start !== undefined) return [...start, ...at.slice(length)];
      }
      return [...path, ...at];
    },
  };
}

function keyOf(path: ConfigPath): string {
  return JSON.stringify(path);
}

function mergeInto(
  base: PlainObject,
  over: PlainObject,
  path: ConfigPath,
  replaces: (path: ConfigPath, written: ConfigPath) => void,
): PlainObject {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const at = [...path, key];
    const dotted = at.join('.');
    const below = longForm(dotted, merged[key]);
    const above = longForm(dotted, value);
    if (isObject(below) && isObject(above) && !choices.has(dotted)) {
      // A short form has no path of its own below the key.
      if (above !== value) for (const inner of Object.keys(above)) replaces([...at, inner], at);
      merged[key] = above === value ? mergeInto(below, above, at, replaces) : { ...below, ...above };
    } else {
      replaces(at, at);
      merged[key] = value;
    }
  }
  return merged;
}

function longForm(dotted: string, value: unknown): unknown {
  const key = Object.hasOwn(shortForms, dotted) ? shortForms[dotted] : undefined;
  return key !== undefined && typeof value === 'string' ? { [key]: value } : value;
}

function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
