import type { FileSet } from 'app-builder-lib';
import type { Exclusions } from '../shared/exclusions.js';
import { runtimePackageFolder } from '../shared/runtime-package.js';
import { manifestFileName } from '../../runtime/manifest.js';
import type { BuilderConfig, PlatformOptions } from './context.js';

/** A bundle and the folder under the resources that it goes to. */
export interface Injection {
  /** Absolute. */
  readonly from: string;
  readonly to: string;
}

/** Marks the rules that are ours, so that the next pack replaces them: all packs of a run share one configuration. */
const ours = Symbol.for('electron-pyinstaller.rule');

type MarkedFileSet = FileSet & { [ours]?: true };

/**
 * Put the bundles among the extra resources, in place of those of an earlier pack and of rules with the same `to`.
 *
 * Every rule has a filter on purpose: without one electron-builder also packs the folder into the asar when it lies in
 * the project. Every rule is a folder on purpose: a program given as a single file would never be signed.
 */
export function injectResources(config: BuilderConfig, injections: readonly Injection[]): void {
  const targets = new Set(injections.map(({ to }) => to));
  const kept = toList(config.extraResources).filter(
    (rule) => typeof rule === 'string' || (!isOurs(rule) && !targets.has(rule.to ?? '')),
  );
  const added = injections.map(({ from, to }) => mark({ from, to, filter: ['**/*'] }));
  config.extraResources = [...kept, ...added];
}

/**
 * Put the manifest into the root of the app and, for a main process that is not bundled, the runtime into its node_modules.
 *
 * @param directory - absolute folder that holds the manifest
 * @param runtimeDir - absolute folder with the runtime as a package; null: the app needs none
 */
export function injectIntoApp(config: BuilderConfig, directory: string, runtimeDir: string | null): void {
  const runtime =
    runtimeDir === null ? [] : [mark({ from: runtimeDir, to: runtimePackageFolder, filter: ['**/*'] })];
  const kept = toList(config.files).filter(
    (rule) => typeof rule === 'string' || !isOurs(rule) || rule.from === undefined,
  );
  // Last, because electron-builder takes the first rule for the app's own and completes it with defaults.
  config.files = [...kept, ...runtime, mark({ from: directory, to: '.', filter: [manifestFileName] })];
}

/**
 * Keep the backends' sources out of the app.
 *
 * The patterns go right behind the last one that takes everything (`**` + `/*`), as electron-builder's own do: whatever the
 * user lists by name after it stays in. When the user names only folders to take (`{from: dist}`), nothing of the app
 * folder is taken anyway and nothing is added, because a pattern would bring the rest of the folder back.
 *
 * @param config - electron-builder's configuration; changed
 * @param platform - the platform's section; its own patterns are changed too
 */
export function excludeSources(
  config: BuilderConfig,
  platform: PlatformOptions,
  exclusions: Exclusions,
): void {
  const patterns = exclusionPatterns(exclusions);
  // The rule added for an earlier pack is made anew.
  const top = toList(config.files).filter(
    (rule) => typeof rule === 'string' || !isOurs(rule) || rule.from !== undefined,
  );
  const lists = [top, toList(platform.files)];
  if (lists.every((rules) => rules.every((rule) => typeof rule !== 'string' && isOurs(rule)))) {
    config.files = [mark({ filter: patterns }), ...top];
    return;
  }
  config.files = top.map((rule) => withPatterns(rule, patterns));
  if (platform.files !== undefined && platform.files !== null) {
    const platformRules = toList(platform.files);
    platform.files = hasPlainPatterns(platformRules)
      ? insertPatterns(platformRules as string[], patterns)
      : platformRules.map((rule) => withPatterns(rule, patterns));
  }
}

/**
 * Hide the key `pyinstaller` of the app's package.json. electron-builder cannot drop a key of it, but merges
 * `extraMetadata` over it.
 */
export function hideConfigKey(config: BuilderConfig): void {
  config.extraMetadata = { ...config.extraMetadata, pyinstaller: null };
}

/** electron-builder's patterns for what is left out. */
export function exclusionPatterns(exclusions: Exclusions): string[] {
  const patterns = exclusions.paths.map((path) => `!${escapeGlob(path)}{,/**/*}`);
  for (const folder of exclusions.pythonIn) {
    const prefix = folder === '.' ? '' : `${escapeGlob(folder)}/`;
    patterns.push(`!${prefix}**/*.{py,pyi,pyc,pyo,pyd,pyx}`, `!${prefix}**/__pycache__{,/**/*}`);
  }
  return patterns;
}

function withPatterns(rule: FileSet | string, patterns: readonly string[]): FileSet | string {
  if (typeof rule === 'string' || isOurs(rule)) return rule;
  if (rule.from !== undefined && rule.from !== '.') return rule;
  return { ...rule, filter: insertPatterns(toList(rule.filter), patterns) };
}

/** Insert behind the last pattern that takes everything; once. */
function insertPatterns(existing: readonly string[], patterns: readonly string[]): string[] {
  const added = patterns.filter((pattern) => !existing.includes(pattern));
  let index = 0;
  for (const [position, pattern] of existing.entries()) {
    if (pattern.startsWith('**/')) index = position + 1;
  }
  return [...existing.slice(0, index), ...added, ...existing.slice(index)];
}

function hasPlainPatterns(rules: readonly (FileSet | string)[]): boolean {
  return rules.length > 0 && rules.every((rule) => typeof rule === 'string');
}

function isOurs(rule: MarkedFileSet): boolean {
  return rule[ours] === true;
}

function mark(rule: FileSet): MarkedFileSet {
  // Not enumerable: it must not appear in the effective configuration that electron-builder writes out.
  return Object.defineProperty(rule, ours, { value: true });
}

function toList<T>(value: T | readonly T[] | null | undefined): T[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? [...(value as readonly T[])] : [value as T];
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[[\]{}()*?!+@\\]/g, (character) => `\\${character}`);
}
