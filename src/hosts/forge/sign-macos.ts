import type { ResolvedConfig } from '../../config/resolved.js';
import {
  folderNames,
  isSealedResource,
  onefileEntitlement,
  pythonEntitlements,
  resourceFolderOf,
} from '../shared/mac-signing.js';

/** Signing settings of one file, as `@electron/osx-sign` takes them. */
export interface FileSigning {
  readonly entitlements?: string | string[];
  readonly [option: string]: unknown;
}

/** The part of `packagerConfig.osxSign` that is composed here. */
export interface OsxSignOptions {
  readonly optionsForFile?: (file: string, ...rest: unknown[]) => FileSigning | null | undefined;
  readonly ignore?: IgnoreRule | readonly IgnoreRule[];
  readonly continueOnError?: boolean;
  readonly [option: string]: unknown;
}

type IgnoreRule = string | RegExp | ((file: string) => boolean);

const composed = Symbol.for('electron-pyinstaller.osxSign');

/**
 * Add what the backends need to the app's signing settings: entitlements of their own, and no `codesign` call for each of
 * their thousands of data files. The user's functions keep their say for every other file.
 *
 * The result is always one function for `ignore`: `@electron/osx-sign` 1.x drops a list.
 *
 * @param osxSign - the app's setting; `true` becomes an object
 * @returns new settings; the given object when it was composed before
 */
export function composeOsxSign(osxSign: true | OsxSignOptions, config: ResolvedConfig): OsxSignOptions {
  const options: OsxSignOptions = osxSign === true ? {} : osxSign;
  if (composed in options) return options;
  const entitlements = entitlementsByFolder(config);
  const userOptions = options.optionsForFile;
  const userIgnore = options.ignore;
  return {
    ...options,
    optionsForFile: (file, ...rest) => {
      const folder = resourceFolderOf(file);
      const ours = folder === null ? undefined : entitlements.get(folder);
      const theirs = userOptions?.(file, ...rest);
      // An empty object keeps the signing tool's defaults for this file.
      return ours === undefined ? (theirs ?? {}) : { ...theirs, entitlements: ours };
    },
    ignore: (file: string) => {
      if (matchesIgnore(userIgnore, file)) return true;
      const folder = resourceFolderOf(file);
      return folder !== null && entitlements.has(folder) && isSealedResource(file);
    },
    [composed]: true,
  };
}

function entitlementsByFolder(config: ResolvedConfig): Map<string, string | string[]> {
  const byFolder = new Map<string, string | string[]>();
  for (const { name, pyinstaller } of config.backends) {
    const keys =
      pyinstaller.mode === 'onefile' ? [...pythonEntitlements, onefileEntitlement] : [...pythonEntitlements];
    for (const folder of folderNames(name)) byFolder.set(folder, pyinstaller.entitlements ?? keys);
  }
  return byFolder;
}

function matchesIgnore(rules: OsxSignOptions['ignore'], file: string): boolean {
  if (rules === undefined) return false;
  const list = isList(rules) ? rules : [rules];
  return list.some((rule) => (typeof rule === 'function' ? rule(file) : file.match(rule) !== null));
}

function isList(rules: IgnoreRule | readonly IgnoreRule[]): rules is readonly IgnoreRule[] {
  return Array.isArray(rules);
}

/**
 * What to tell people about their signing settings before they wait for a build.
 *
 * @param osxSign - the app's setting
 * @param platform - platform that is packaged
 */
export function signingWarnings(osxSign: unknown, platform: string): string[] {
  if (platform !== 'darwin' && platform !== 'mas') return [];
  if (osxSign === undefined || osxSign === false || osxSign === null) return [];
  const isStrict =
    typeof osxSign === 'object' && (osxSign as { continueOnError?: unknown }).continueOnError === false;
  if (isStrict) return [];
  return [
    'A failed macOS signature would go unnoticed: Electron Packager goes on and Forge hides its warning. ' +
      'Set packagerConfig.osxSign.continueOnError to false.',
  ];
}
