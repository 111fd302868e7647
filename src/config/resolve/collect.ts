import path from 'node:path';
import { quote, type ConfigPath } from '../check/problem.js';
import type { ResolvedBackend, ResolvedData, ResolvedName } from '../resolved.js';
import type { BackendOverrides, DataConfig, NameConfig } from '../schema/index.js';
import type { BackendContext } from './context.js';
import { absolute, existing, similarPath, statOrNull } from './paths.js';
import { shownPath, isInside } from '../../lib/paths.js';

/** Names with their place in the configuration; a name twice is kept once, and is optional only if both are. */
export function resolveNames(
  context: BackendContext,
  at: ConfigPath,
  names: readonly NameConfig[] = [],
): ResolvedName[] {
  const byName = new Map<string, ResolvedName>();
  for (const [index, item] of names.entries()) {
    const { name, optional = false } = typeof item === 'string' ? { name: item } : item;
    const before = byName.get(name);
    const shown = before?.path ?? context.shown([...at, index]);
    byName.set(name, { name, optional: optional && before?.optional !== false, path: shown });
  }
  return [...byName.values()];
}

/** The group `collect`. */
export function resolveCollect(
  context: BackendContext,
  config: BackendOverrides,
): ResolvedBackend['collect'] {
  const { collect = {} } = config;
  const names = (key: Exclude<keyof typeof collect, 'ownDistribution'>): ResolvedName[] =>
    resolveNames(context, ['collect', key], collect[key]);
  return {
    submodules: names('submodules'),
    data: names('data'),
    binaries: names('binaries'),
    all: names('all'),
    metadata: names('metadata'),
    entryPoints: names('entryPoints'),
  };
}

/** `data` or `binaries`. */
export function resolveData(
  context: BackendContext,
  key: 'data' | 'binaries',
  rules: readonly DataConfig[] = [],
  source: readonly string[],
): ResolvedData[] {
  return rules.map((item, index) => {
    const rule = typeof item === 'string' ? { from: item } : item;
    const at: ConfigPath = typeof item === 'string' ? [key, index] : [key, index, 'from'];
    const optional = rule.optional ?? false;
    const { from, base } = locate(context, at, rule.from, optional);
    return {
      from: from.replaceAll(path.sep, '/'),
      base,
      to: rule.to === undefined ? defaultDestination(context, key, base, source) : destination(rule.to),
      exclude: [...(rule.exclude ?? [])],
      optional,
      path: context.shown([key, index]),
    };
  });
}

/** Characters that make a part of a path a glob. */
const globCharacters = /[*?[\]{}]|[!@+]\(/;

/** Absolute path or glob, and the folder that the files' own paths begin below. A path that exists is never a glob. */
function locate(
  context: BackendContext,
  at: ConfigPath,
  value: string,
  optional: boolean,
): { from: string; base: string } {
  const whole = absolute(context, value);
  const stats = statOrNull(whole);
  if (stats !== null) return { from: whole, base: stats.isDirectory() ? whole : path.dirname(whole) };
  if (!globCharacters.test(value)) {
    if (!optional) existing(context, at, value, 'file or folder');
    return { from: whole, base: path.dirname(whole) };
  }
  const parts = value.replaceAll('\\', '/').split('/');
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => globCharacters.test(part)),
  );
  const base = absolute(context, fixed.length === 1 && fixed[0] === '' ? '/' : fixed.join('/'));
  if (!optional && statOrNull(base)?.isDirectory() !== true) {
    const similar = similarPath(base);
    const hint =
      similar === null ? '' : ` There is ${quote(shownPath(context.projectDir, similar))}; was that meant?`;
    context.missing(
      at,
      `the folder ${quote(fixed.join('/'))} of the glob ${quote(value)} does not exist (looked at ${base}).${hint}`,
    );
  }
  return { from: path.join(base, ...parts.slice(fixed.length)), base };
}

/** The same place as relative to the source, where code that looks beside its own file expects it. */
function defaultDestination(
  context: BackendContext,
  key: 'data' | 'binaries',
  base: string,
  source: readonly string[],
): string {
  if (key === 'binaries') return '.';
  const root = [...source, context.projectDir].find((folder) => isInside(folder, base));
  if (root === undefined) return '.';
  return path.relative(root, base).replaceAll(path.sep, '/') || '.';
}

function destination(to: string): string {
  const normal = path.posix.normalize(to.replaceAll('\\', '/')).replace(/\/+$/, '');
  return normal === '' ? '.' : normal;
}
