import path from 'node:path';
import type { TargetPlatform } from '../../target.js';

/** Where a frozen program's timestamps point when nobody says otherwise: 1980-01-01, the earliest a zip file can hold. */
const fixedEpoch = '315532800';

const compressionVariable = 'PYINSTALLER_ZLIB_COMPRESSION_LEVEL';

/**
 * Variables of the build that change what is collected; they are part of the fingerprint.
 *
 * PyInstaller: STRICT_* and FORCE_UPX switches, macOS deployment target; the linker's search paths decide which
 * libraries are found.
 */
export const relevantVariables: readonly string[] = [
  'DYLD_FRAMEWORK_PATH',
  'DYLD_LIBRARY_PATH',
  'LD_LIBRARY_PATH',
  'MACOSX_DEPLOYMENT_TARGET',
  'PYINSTALLER_FORCE_UPX',
  'PYINSTALLER_STRICT_BUNDLE_CODESIGN_ERROR',
  'PYINSTALLER_STRICT_COLLECT_MODE',
  'PYINSTALLER_VERIFY_BUNDLE_SIGNATURE',
  compressionVariable,
  'SOURCE_DATE_EPOCH',
];

/**
 * The environment the driver runs in: inherited, minus everything that makes Python load other code than the
 * environment's, plus what makes two builds equal.
 */
export function driverEnvironment(
  inherited: NodeJS.ProcessEnv,
  options: {
    readonly interpreter: string;
    readonly configDir: string;
    readonly platform: TargetPlatform;
    /** It will be a folder of files, which an installer compresses as a whole. */
    readonly isFolder: boolean;
  },
): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = {};
  let search = '';
  for (const [name, value] of Object.entries(inherited)) {
    const upper = name.toUpperCase();
    if (upper === 'PATH') search = value ?? '';
    if (upper === 'PATH' || isForeign(upper)) continue;
    kept[name] = value;
  }
  const separator = options.platform === 'win32' ? ';' : ':';
  const paths = options.platform === 'win32' ? path.win32 : path.posix;
  return {
    ...kept,
    // As an activated environment: hooks call its tools, conda keeps DLLs beside them.
    PATH: [...interpreterFolders(options.interpreter, options.platform, paths), search]
      .filter((entry) => entry !== '')
      .join(separator),
    PYTHONHASHSEED: '0',
    PYTHONUTF8: '1',
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    PYINSTALLER_CONFIG_DIR: options.configDir,
    SOURCE_DATE_EPOCH: inherited['SOURCE_DATE_EPOCH'] ?? fixedEpoch,
    // Modules that need no unpacking make a start a tenth shorter.
    ...(options.isFolder ? { [compressionVariable]: inherited[compressionVariable] ?? '0' } : {}),
  };
}

function isForeign(name: string): boolean {
  return (
    name.startsWith('PYTHON') ||
    name.startsWith('_PYI_') ||
    name === 'PYINSTALLER_CONFIG_DIR' ||
    name === 'PYINSTALLER_RESET_ENVIRONMENT' ||
    name === 'PYI_LOG_LEVEL' ||
    name === 'VIRTUAL_ENV' ||
    name === 'VIRTUAL_ENV_PROMPT' ||
    name === '__PYVENV_LAUNCHER__'
  );
}

function interpreterFolders(
  interpreter: string,
  platform: TargetPlatform,
  paths: path.PlatformPath,
): string[] {
  const folder = paths.dirname(interpreter);
  if (platform !== 'win32') return [folder];
  const root = paths.basename(folder).toLowerCase() === 'scripts' ? paths.dirname(folder) : folder;
  return [folder, paths.join(root, 'Scripts'), paths.join(root, 'Library', 'bin')].filter(
    (entry, index, all) => all.indexOf(entry) === index,
  );
}
