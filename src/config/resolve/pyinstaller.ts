import { quote, type ConfigPath } from '../check/problem.js';
import type { ResolvedEntry, ResolvedPyInstaller } from '../resolved.js';
import type { BackendOverrides, PyInstallerConfig } from '../schema/index.js';
import { pyinstallerDefaults } from '../defaults.js';
import { recommendedPyInstaller } from '../limits.js';
import type { BackendContext } from './context.js';
import { existing } from './paths.js';

/** The group `pyinstaller`. */
export function resolvePyInstaller(
  context: BackendContext,
  config: BackendOverrides,
  entry: ResolvedEntry,
): ResolvedPyInstaller {
  const group = config.pyinstaller ?? {};
  const mode = group.mode ?? 'onedir';
  checkCombinations(context, group, mode);
  if (entry.type === 'spec') checkSpec(context, config, group);
  const file = (key: 'icon' | 'manifest' | 'entitlements'): string | null => {
    const value = group[key];
    return value === undefined ? null : existing(context, ['pyinstaller', key], value, 'file');
  };
  const paths = (key: 'hooks' | 'runtimeHooks' | 'paths'): string[] =>
    (group[key] ?? []).map((value, index) =>
      existing(context, ['pyinstaller', key, index], value, key === 'runtimeHooks' ? 'file' : 'folder'),
    );
  const { spec: _spec, ...given } = group;
  return {
    ...pyinstallerDefaults,
    ...given,
    version: checkedVersion(context, group.version ?? recommendedPyInstaller),
    mode,
    name: group.name ?? context.name,
    hooks: paths('hooks'),
    runtimeHooks: paths('runtimeHooks'),
    paths: paths('paths'),
    icon: file('icon'),
    versionInfo: versionInfo(context, group),
    manifest: file('manifest'),
    entitlements: file('entitlements'),
  };
}

/** A plain version outside of what is supported is refused here; ranges are decided when the version is known. */
function checkedVersion(context: BackendContext, version: string): string {
  const exact = /^\s*(?:==)?\s*(\d+)(?:\.(\d+))?(?:\.\d+)*\s*$/.exec(version);
  if (exact !== null) {
    const [major, minor] = [Number(exact[1]), Number(exact[2] ?? 0)];
    if (major !== 6 || minor < 16)
      context.problem(
        ['pyinstaller', 'version'],
        `PyInstaller ${version.trim()} is not supported; use 6.16 or newer, below 7 (${recommendedPyInstaller} is recommended)`,
      );
  }
  return version.trim();
}

function checkCombinations(
  context: BackendContext,
  group: PyInstallerConfig,
  mode: 'onedir' | 'onefile',
): void {
  const wrong = (key: keyof PyInstallerConfig, text: string): void =>
    context.problem(['pyinstaller', key], text);
  if (group.runtimeTmpdir !== undefined && mode === 'onedir')
    wrong('runtimeTmpdir', "works with mode: 'onefile' only; a onedir program unpacks nothing");
  if (group.contentsDirectory !== undefined && mode === 'onefile')
    wrong('contentsDirectory', "works with mode: 'onedir' only; a onefile program has no such folder");
  if (group.upxExclude !== undefined && group.upxExclude.length > 0 && group.upx !== true)
    wrong('upxExclude', 'works with upx: true only');
  if (group.console === false)
    context.warn(
      ['pyinstaller', 'console'],
      'false takes the standard streams of the backend away on Windows, and with them its log and the handshake with the app. ' +
        'Leave it out: the app starts the backend without a console window in any case.',
    );
  if (group.name !== undefined && /\.exe$/i.test(group.name))
    wrong('name', `leave ".exe" out of ${quote(group.name)}; it is added on Windows`);
}

/** Keys that a spec file decides; PyInstaller would ignore them or refuse them. */
const inSpec: readonly (keyof BackendOverrides)[] = [
  'hiddenImports',
  'data',
  'binaries',
  'collect',
  'excludes',
  'presets',
];

/** Keys of the group that go with a spec. */
const besideSpec: ReadonlySet<string> = new Set(['version', 'spec', 'name', 'mode', 'recursionLimit']);

function checkSpec(context: BackendContext, config: BackendOverrides, group: PyInstallerConfig): void {
  const say = (at: ConfigPath): void =>
    context.problem(at, 'has no effect together with pyinstaller.spec; write it into the spec file');
  for (const key of inSpec) if (config[key] !== undefined && config[key] !== false) say([key]);
  for (const key of Object.keys(group)) if (!besideSpec.has(key)) say(['pyinstaller', key]);
}

function versionInfo(context: BackendContext, group: PyInstallerConfig): ResolvedPyInstaller['versionInfo'] {
  if (group.versionInfo === undefined) return null;
  return typeof group.versionInfo === 'string'
    ? existing(context, ['pyinstaller', 'versionInfo'], group.versionInfo, 'file')
    : { ...group.versionInfo };
}
