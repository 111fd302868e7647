/** A set of environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Marks every process of a generation, grandchildren included, so that the tree can be found. Not a secret. */
export const instanceVariable = 'ELECTRON_PYINSTALLER_INSTANCE';

/** Set by the companion, to the same value, for what shall outlive the backend. */
export const detachedVariable = 'ELECTRON_PYINSTALLER_DETACHED';

/** Tells the companion that a parent speaks to it; the companion removes it. */
export const protocolVariable = 'ELECTRON_PYINSTALLER_PROTOCOL';

/**
 * Names never passed on. Electron's and Node's would make helpers of the backend behave as Electron; Python's are ignored by a
 * frozen program but not by one in development; PyInstaller's own would make it believe to be its own child
 * (https://pyinstaller.org/en/stable/advanced-topics.html); the loader's inject code.
 */
const removed: readonly RegExp[] = [
  /^_?PYI_/,
  /^_MEIPASS2$/,
  /^(?:ELECTRON_|NODE_|CHROME_|PYTHON|VIRTUAL_ENV|DYLD_)/,
  /^LD_(?:PRELOAD|AUDIT)$/,
  /^(?:APPIMAGE|APPDIR|OWD|ARGV0)$/,
];

/** Lists of folders in which an AppImage's own ones do not belong to a program outside. */
const pathLists = [
  'PATH',
  'LD_LIBRARY_PATH',
  'XDG_DATA_DIRS',
  'XDG_CONFIG_DIRS',
  'GSETTINGS_SCHEMA_DIR',
  'GIO_MODULE_DIR',
  'QT_PLUGIN_PATH',
  'PERLLIB',
];

/** What {@link childEnvironment} needs. */
export interface ChildEnvironmentOptions {
  readonly platform: string;
  readonly program: 'frozen' | 'development';
  /** Added last; an empty string removes nothing, it sets an empty value. */
  readonly additions: Environment;
}

/**
 * The environment of a backend: the app's own, cleaned, plus additions. Pure.
 *
 * `LD_LIBRARY_PATH` of an AppImage or of a PyInstaller parent would make the backend load foreign libraries: a frozen
 * program gets the value from before (`LD_LIBRARY_PATH_ORIG`) or none. In development the interpreter may need it.
 */
export function childEnvironment(
  base: Environment,
  options: ChildEnvironmentOptions,
): Record<string, string> {
  const insensitive = options.platform === 'win32';
  const result = new Map<string, readonly [name: string, value: string]>();
  const key = (name: string): string => (insensitive ? name.toUpperCase() : name);
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined || removed.some((pattern) => pattern.test(key(name)))) continue;
    result.set(key(name), [name, value]);
  }
  const original = base['LD_LIBRARY_PATH_ORIG'];
  result.delete('LD_LIBRARY_PATH_ORIG');
  if (original !== undefined && original !== '') result.set('LD_LIBRARY_PATH', ['LD_LIBRARY_PATH', original]);
  else if (options.program === 'frozen') result.delete('LD_LIBRARY_PATH');
  const { APPDIR: appDir } = base;
  if (appDir !== undefined && appDir !== '' && options.platform === 'linux') {
    for (const name of pathLists) {
      const entry = result.get(name);
      if (entry === undefined) continue;
      const kept = entry[1]
        .split(':')
        .filter((folder) => folder !== appDir && !folder.startsWith(`${appDir}/`));
      if (kept.length === 0) result.delete(name);
      else result.set(name, [name, kept.join(':')]);
    }
  }
  result.set('PYINSTALLER_RESET_ENVIRONMENT', ['PYINSTALLER_RESET_ENVIRONMENT', '1']);
  result.set('NO_COLOR', ['NO_COLOR', '1']);
  for (const [name, value] of Object.entries(options.additions)) {
    if (value === undefined) result.delete(key(name));
    else result.set(key(name), [name, value]);
  }
  return Object.fromEntries(result.values());
}
