import * as z from 'zod';
import { recommendedPyInstaller } from '../limits.js';
import { group, inWords, list } from './group.js';
import { filePath, flag, moduleName, text, texts } from './values.js';

/** How PyInstaller is driven. Names as in its documentation, camel-cased. */
export interface PyInstallerConfig {
  /**
   * Version of PyInstaller: a plain version for exactly this one, or a range. At least 6.16, below 7.
   * The default is one version, so that the same project freezes the same next month; it is for managed environments only:
   * an environment or lock file of the project's own may have any version from 6.16 on.
   * @defaultValue '6.22.3'
   * @example '>=6.20,<7'
   */
  version?: string;
  /**
   * `onedir`: a folder with the program and its files. `onefile`: one program that unpacks itself at every start;
   * slower to start and two processes.
   * @defaultValue 'onedir'
   */
  mode?: 'onedir' | 'onefile';
  /**
   * Name of the program without `.exe`. Left out: the name of the backend.
   * @example 'peft_engine'
   */
  name?: string;
  /**
   * A hand-written spec file to use instead of `entry`. Everything a spec describes (imports, data, hooks, icon, …) is
   * then written there and not here.
   * @example 'backend/engine.spec'
   */
  spec?: string;
  /**
   * Folders with hooks of your own (`--additional-hooks-dir`), relative to the project.
   * @defaultValue []
   */
  hooks?: readonly string[];
  /**
   * Options of hooks (`hooksconfig`), by hook.
   * @defaultValue {}
   * @example { matplotlib: { backends: 'Agg' } }
   */
  hooksConfig?: Record<string, unknown>;
  /**
   * Python files that run before the program (`--runtime-hook`), in this order.
   * @defaultValue []
   */
  runtimeHooks?: readonly string[];
  /**
   * Further folders where modules are looked for (`--paths`), after `source`. Folders that code itself puts on `sys.path`, beside its own file, need not be named.
   * @defaultValue []
   */
  paths?: readonly string[];
  /**
   * Per package, how its modules are stored: `pyz` (archive), `pyc` (compiled files), `py` (source files), `pyz+py`,
   * `py+pyz`. Code that reads its own source (TorchScript, `inspect.getsource`) needs `pyz+py`.
   * @defaultValue {}
   * @example { torch: 'pyz+py' }
   */
  moduleCollectionMode?: Record<string, 'pyz' | 'pyc' | 'py' | 'pyz+py' | 'py+pyz'>;
  /**
   * Optimization of the compiled code, which `sys.flags.optimize` says too: 1 drops `assert`, 2 also drops docstrings (which breaks libraries that read them).
   * @defaultValue 0
   */
  optimize?: 0 | 1 | 2;
  /**
   * Files to leave out that PyInstaller and its hooks collect: globs over their paths in the bundle's data folder, links to them
   * included. What is linked against such a library cannot be loaded any more. A pattern that fits nothing is an error.
   * @defaultValue []
   * @example ['nvidia/cudnn/lib/libcudnn_engines_*']
   */
  excludeFiles?: readonly string[];
  /**
   * Remove debug symbols from shared libraries. Linux and macOS. The check loads every library of the result once. Not with numpy
   * or scipy on Linux: stripping damages their OpenBLAS, and the build fails.
   * @defaultValue false
   */
  strip?: boolean;
  /**
   * Compress binaries with UPX. Antivirus programs dislike it and starts get slower.
   * @defaultValue false
   */
  upx?: boolean;
  /**
   * File names that UPX leaves alone. With `upx` only.
   * @defaultValue []
   */
  upxExclude?: readonly string[];
  /**
   * Keep standard streams (`--console`). The app starts the program without a console window either way; false takes the
   * backend's streams, and with them the log and the handshake, away on Windows.
   * @defaultValue true
   */
  console?: boolean;
  /**
   * Let the bootloader tell what it does (`--debug bootloader`), and Python its imports.
   * @defaultValue false
   */
  debug?: boolean;
  /**
   * Icon of the program: `.ico` for Windows, `.icns` for macOS.
   * @example 'build/icon.ico'
   */
  icon?: string;
  /**
   * Windows: version information, as an object of texts or as the path of a version file.
   * @example { CompanyName: 'Ada Ltd', FileDescription: 'Engine', ProductVersion: '1.2.0' }
   */
  versionInfo?: string | Record<string, string>;
  /**
   * Windows: path of an application manifest that is merged into PyInstaller's.
   */
  manifest?: string;
  /**
   * macOS: identity PyInstaller signs with. Left out: ad hoc; the app's own signing follows later in any case.
   */
  codesignIdentity?: string;
  /**
   * macOS: entitlements file PyInstaller signs with, relative to the project.
   */
  entitlements?: string;
  /**
   * Folder beside the program that holds its files (`onedir`): one name, or `.` for beside the program itself.
   * @defaultValue '_internal'
   */
  contentsDirectory?: string;
  /**
   * Folder a `onefile` program unpacks itself into. Neither `~` nor variables are replaced. Left out: the system's
   * temporary folder.
   */
  runtimeTmpdir?: string;
  /**
   * Options of the interpreter inside the program, besides `u` and `X utf8=1`, which are always set.
   * @defaultValue []
   * @example ['W ignore::DeprecationWarning']
   */
  pythonOptions?: readonly string[];
  /**
   * Recursion limit while PyInstaller analyzes; raise it when the analysis ends with `RecursionError`.
   * @defaultValue 5000
   * @example 20000
   */
  recursionLimit?: number;
}

const versionRange =
  /^\s*(?:>=|<=|==|!=|~=|>|<)?\s*\d{1,3}(?:\.\d{1,4}){0,3}(?:\s*,\s*(?:>=|<=|==|!=|~=|>|<)\s*\d{1,3}(?:\.\d{1,4}){0,3})*\s*$/;

const pythonOption = inWords(
  z.string().regex(/^(?:[vOuE]|[WX] \S.*|hash_seed=\d+)$/),
  "an interpreter option such as 'W ignore', 'X importtime', 'O' or 'hash_seed=0'",
);

/** The group `pyinstaller`. */
export const pyinstallerSchema = group<PyInstallerConfig>('PyInstallerConfig')({
  version: inWords(
    z.string().regex(versionRange),
    `a version such as '${recommendedPyInstaller}' or a range such as '>=6.20,<7'`,
  ).optional(),
  mode: z.enum(['onedir', 'onefile']).optional(),
  name: inWords(
    z.string().regex(/^(?!\.)[^<>:"/\\|?*\s][^<>:"/\\|?*\p{Cc}]{0,99}(?<![. ])$/u),
    "the name of a program such as 'engine' (no folder, no '.exe', none of < > : \" / \\ | ? *)",
  ).optional(),
  spec: filePath.optional(),
  hooks: texts.optional(),
  hooksConfig: inWords(z.record(z.string().min(1), z.unknown()), 'an object of options by hook').optional(),
  runtimeHooks: texts.optional(),
  paths: texts.optional(),
  moduleCollectionMode: inWords(
    z.record(moduleName, z.enum(['pyz', 'pyc', 'py', 'pyz+py', 'py+pyz'])),
    "an object such as { torch: 'pyz+py' }",
  ).optional(),
  optimize: z.literal([0, 1, 2]).optional(),
  excludeFiles: texts.optional(),
  strip: flag.optional(),
  upx: flag.optional(),
  upxExclude: texts.optional(),
  console: flag.optional(),
  debug: flag.optional(),
  icon: filePath.optional(),
  versionInfo: inWords(
    z.union([filePath, z.record(z.string().min(1), z.string())]),
    "the path of a version file, or an object of texts such as { CompanyName: 'Ada Ltd' }",
  ).optional(),
  manifest: filePath.optional(),
  codesignIdentity: text.optional(),
  entitlements: filePath.optional(),
  contentsDirectory: inWords(
    z.string().regex(/^(?:\.|(?!\.\.?$)[^<>:"/\\|?*\p{Cc}]{1,100})$/u),
    "the name of one folder such as '_internal', or '.'",
  ).optional(),
  runtimeTmpdir: text.optional(),
  pythonOptions: list(pythonOption).optional(),
  recursionLimit: inWords(z.int().min(100).max(1_000_000), 'a whole number from 100 to 1000000').optional(),
});
