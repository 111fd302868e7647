/** Folders that belong to one verification. Absolute. */
export interface PrivateFolders {
  /** Home folder. */
  readonly home: string;
  /** For temporary files. */
  readonly temporary: string;
  /** What the app would keep for its user. */
  readonly userData: string;
}

/** Says in which verification a process was started; inherited by everything it starts. */
export const verifyMarkerVariable = 'EPY_VERIFICATION';

/** Variables of the build machine that a user's machine would not have, and that could make a broken bundle work. */
const foreign: readonly RegExp[] = [
  /^PYTHON/,
  /^(?:VIRTUAL_ENV|CONDA|PYENV|PIP|UV|POETRY|PDM|PIPX|MAMBA|WORKON)(?:_|$)/,
  /^_?PYI_|^_MEIPASS/,
  /^(?:LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+)$/,
  /^(?:SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/,
  /^(?:NODE|npm|ELECTRON|CHROME|VITEST)_/,
];

/**
 * The environment of a user's machine, as far as a build machine can give it: no Python, no virtual environment, own
 * home and temporary folders. Pure.
 *
 * @param base - the environment of this process.
 * @param search - value for `PATH`.
 * @param marker - value of {@link verifyMarkerVariable}.
 */
export function scrubEnvironment(
  base: Readonly<Record<string, string | undefined>>,
  folders: PrivateFolders,
  {
    platform,
    search,
    marker,
  }: { readonly platform: string; readonly search: string; readonly marker: string },
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    const upper = name.toUpperCase();
    if (
      value === undefined ||
      upper === 'PATH' ||
      foreign.some((pattern) => pattern.test(upper) || pattern.test(name))
    ) {
      continue;
    }
    result[name] = value;
  }
  const { home, temporary, userData } = folders;
  const own =
    platform === 'win32'
      ? {
          Path: search,
          USERPROFILE: home,
          APPDATA: userData,
          LOCALAPPDATA: userData,
          TEMP: temporary,
          TMP: temporary,
        }
      : {
          PATH: search,
          HOME: home,
          TMPDIR: temporary,
          XDG_CONFIG_HOME: `${home}/.config`,
          XDG_CACHE_HOME: `${home}/.cache`,
          XDG_DATA_HOME: `${home}/.local/share`,
          XDG_STATE_HOME: `${home}/.local/state`,
        };
  for (const name of Object.keys(result)) {
    if (Object.keys(own).some((other) => other.toUpperCase() === name.toUpperCase())) delete result[name];
  }
  return { ...result, ...own, [verifyMarkerVariable]: marker };
}
