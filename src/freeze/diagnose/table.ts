/** What a fix may refer to. */
export interface DiagnosisPlace {
  /** File name of the configuration. */
  readonly configFile: string;
  /** Place of the backend in it, e.g. `backends.engine`. */
  readonly configPath: string;
}

/** One known failure of a build: what it looks like, what it means, what to do. */
export interface DiagnosisRow {
  readonly id: string;
  /** Heading in docs/troubleshooting.md. */
  readonly title: string;
  readonly pattern: RegExp;
  /** A line as it is really printed. */
  readonly example: string;
  /** Why no test here makes it happen; left out: one does. The example is then from PyInstaller's sources or reports. */
  readonly unseen?: string;
  /** One sentence. `groups` are those of the pattern. */
  readonly cause: (groups: readonly string[]) => string;
  /** The exact edit or command. `set` writes a line of configuration with the place it belongs to. */
  readonly fix: (groups: readonly string[], set: (line: string) => string) => string;
}

/**
 * Known failures of a build, the most specific first. Failures of installing packages have their own table
 * (`src/python/environment/install-failure.ts`), those of the running program too (`src/verify/diagnosis.ts`).
 */
export const buildTable: readonly DiagnosisRow[] = [
  {
    id: 'pyinstaller-missing',
    title: 'PyInstaller is not installed',
    pattern:
      /No module named '?PyInstaller\b|'pyinstaller' is not recognized as an internal or external command/,
    example: "ModuleNotFoundError: No module named 'PyInstaller'",
    cause: () => 'PyInstaller is not installed in the environment that the backend is frozen from.',
    fix: (_, set) =>
      `Install it there (\`python -m pip install pyinstaller\`, \`uv add --dev pyinstaller\`), or let it be managed: ${set("python: { env: 'managed' }")}`,
  },
  {
    id: 'libpython-missing',
    title: 'Python has no shared library',
    pattern:
      /Python (?:shared )?library not found|PythonLibraryNotFoundError|Python was built without a shared library/,
    example:
      'PyInstaller.exceptions.PythonLibraryNotFoundError: ERROR: Python shared library not found! This means your Python installation does not come with proper shared library files.',
    cause: () => 'This Python was built without libpython, which a frozen program needs.',
    fix: (_, set) =>
      `Use a Python that has it: Debian \`apt install python3-dev\`, pyenv \`PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install …\` (macOS: \`--enable-framework\`), or one of uv: \`uv python install 3.12\` and ${set("python: { version: '3.12', installer: 'uv' }")}`,
  },
  {
    id: 'binutils-missing',
    title: 'objdump, objcopy or ldd is missing',
    pattern:
      /On \w+, (objdump|objcopy) is required|(ldd|objcopy|objdump)\b.*(?:No such file or directory|not found)|No such file or directory: '(ldd|objcopy|objdump)'/,
    example:
      "On Linux, objdump is required. It is typically provided by the binutils package installable via your Linux distribution's package manager.",
    cause: ([first, second, third]) =>
      `PyInstaller needs ${first ?? second ?? third ?? 'objdump'}, which is not on PATH.`,
    fix: () =>
      'Install it: Debian and Ubuntu `apt install binutils libc-bin`, Fedora `dnf install binutils glibc-common`, Alpine `apk add binutils`.',
  },
  {
    id: 'obsolete-backport',
    title: 'An obsolete backport package is installed',
    pattern: /The '(\w+)' package is an obsolete backport/,
    example:
      "The 'typing' package is an obsolete backport of a standard library package and is incompatible with PyInstaller.",
    cause: ([name]) =>
      `The package ${name ?? ''} replaces a module of the standard library and breaks PyInstaller.`,
    fix: ([name]) =>
      `Remove ${name ?? 'it'} from the requirements, and from what requires it (\`python -m pip uninstall ${name ?? ''}\`).`,
  },
  {
    id: 'bootloader-missing',
    title: 'PyInstaller has no bootloader for this system',
    pattern:
      /does not include a pre-compiled bootloader for your\s+platform|Could not find PyInstaller bootloader/,
    example:
      'PyInstaller does not include a pre-compiled bootloader for your platform. For more details and instructions how to build the bootloader see <https://pyinstaller.readthedocs.io/en/stable/bootloader-building.html>',
    cause: () =>
      'The bootloader of PyInstaller is not there: this system has no wheel, or a virus scanner removed it.',
    fix: () =>
      'Reinstall the wheel (`npx electron-pyinstaller clean --everything` makes the environment anew) and exclude the cache folder from virus scanning; on a system without a wheel install a C compiler first.',
  },
  {
    id: 'recursion-limit',
    title: 'The recursion limit was reached',
    pattern: /RecursionError|maximum recursion depth exceeded/,
    example: 'RecursionError: maximum recursion depth exceeded while calling a Python object',
    cause: () => 'Imports nested too deeply for the recursion limit.',
    fix: (_, set) => `Raise it (default 5000): ${set('pyinstaller: { recursionLimit: 20000 }')}`,
  },
  {
    id: 'disk-full',
    title: 'The disk is full',
    pattern: /No space left on device|\[Errno 28\]|There is not enough space on the disk|\[WinError 112\]/,
    example: 'OSError: [Errno 28] No space left on device',
    cause: () => 'The disk became full while the bundle was made.',
    fix: () =>
      'Free some space (`npx electron-pyinstaller clean`), or put the cache on another disk: ELECTRON_PYINSTALLER_CACHE=<folder>.',
  },
  {
    id: 'permission',
    title: 'Permission denied while building',
    pattern: /PermissionError: \[(?:WinError (?:5|32)|Errno 13)\][^:]*(?:: '([^']+)')?/,
    example: "PermissionError: [WinError 5] Access is denied: 'C:\\\\app\\\\dist\\\\engine.exe'",
    cause: ([file]) =>
      `${file ?? 'A file'} cannot be read or written: the program in it still runs, a virus scanner or a synchronised folder holds it, or it belongs to somebody else.`,
    fix: () =>
      'Close the running app and its backend, exclude the cache folder from virus scanning and synchronisation (OneDrive), check who may read the file, and build again. Running as administrator is not the cure.',
  },
  {
    id: 'data-missing',
    title: 'A data file of a spec or hook does not exist',
    pattern: /Unable to find '([^']+)' when adding binary and data files/,
    example: "ERROR: Unable to find '/app/backend/config' when adding binary and data files.",
    cause: ([file]) =>
      `${file ?? 'A file'} is named in datas or binaries of a spec or hook, but does not exist.`,
    fix: () => 'Correct the path there: in a spec, relative paths start at the folder of the spec.',
  },
  {
    id: 'script-missing',
    title: 'The script of a spec does not exist',
    pattern: /script '([^']+)' not found/,
    example: "ERROR: script '/app/backend/mian.py' not found",
    cause: ([file]) => `The spec names the script ${file ?? ''}, which does not exist.`,
    fix: () => 'Correct the path in the spec: relative paths start at the folder of the spec.',
  },
  {
    id: 'spec-cipher',
    title: 'A spec asks for bytecode encryption',
    pattern: /Bytecode encryption was removed|removed-cipher|cipher.*removed/i,
    example:
      'SystemExit: ERROR: Bytecode encryption was removed in PyInstaller v6.0. Please remove cipher and block_cipher parameters from your spec file.',
    cause: () => 'The spec sets `cipher`, which PyInstaller removed in 6.0.',
    fix: () => 'Remove `cipher=` and `block_cipher` from the spec.',
  },
  {
    id: 'spec-syntax',
    title: 'A Python file has a syntax error',
    pattern: /(?:SyntaxError|IndentationError): (.+)/,
    example: 'SyntaxError: invalid syntax',
    cause: ([what]) => `The entry script, a spec or a hook does not parse: ${what ?? ''}.`,
    fix: (_, set) =>
      `Repair the file named above the error in the log; when it needs a newer Python: ${set("python: { version: '>=3.12' }")}`,
  },
  {
    id: 'metadata-missing',
    title: 'A spec or hook copies metadata of a distribution that is not installed',
    pattern: /PackageNotFoundError: (?:No package metadata was found for )?([\w.-]+)/,
    example: 'importlib.metadata.PackageNotFoundError: No package metadata was found for torch',
    cause: ([name]) => `A spec or hook asks for the metadata of ${name ?? ''}, which is not installed.`,
    fix: ([name], set) =>
      `Add it: ${set(`requirements: [..., '${name ?? ''}']`)} Or remove copy_metadata('${name ?? ''}') there.`,
  },
  {
    id: 'codesign',
    title: 'codesign failed',
    pattern: /codesign command \((.*?)\) failed with error code (\d+)/,
    example:
      "SystemError: codesign command (['/usr/bin/codesign', '-s', 'Developer ID']) failed with error code 1!",
    cause: ([, code]) =>
      `macOS codesign ended with ${code ?? 'an error'}: the identity is not in an unlocked keychain, or the timestamp server was not reached.`,
    fix: (_, set) =>
      `Unlock the keychain (CI: \`security unlock-keychain\`), check \`security find-identity -v -p codesigning\`, or leave signing to Electron's packager: ${set('pyinstaller: { codesignIdentity: null }')}`,
  },
  {
    id: 'mac-slices',
    title: 'A macOS library lacks an architecture',
    pattern:
      /IncompatibleBinaryArchError: (.+?)(?: is not a fat binary| does not contain slice| is incompatible with target arch|$)/,
    example: 'PyInstaller.utils.osx.IncompatibleBinaryArchError: /env/lib/_x.so is not a fat binary!',
    cause: ([file]) => `${file ?? 'A library'} is built for one architecture only.`,
    fix: () =>
      'Install universal2 wheels, or freeze once for each architecture (`npm run make -- --arch=x64` and `--arch=arm64`) instead of universal2.',
  },
  {
    id: 'admin',
    title: 'PyInstaller refuses to run with these rights',
    unseen: 'PyInstaller 7',
    pattern: /(?:administrator|sudo|root) (?:privileges|rights|access)|Please do not run PyInstaller as/i,
    example: 'Please do not run PyInstaller as root, i.e., using sudo.',
    cause: () => 'PyInstaller 7 refuses to run as administrator or through sudo.',
    fix: () => 'Build as an ordinary user.',
  },
  {
    id: 'foreign-site-packages',
    title: 'Packages of another environment are on the path',
    unseen: 'PyInstaller 7; 6 only warns, and so does the build',
    pattern: /Foreign Python environment's site-packages/,
    example: "Foreign Python environment's site-packages paths added to --paths/pathex:",
    cause: () => 'pyinstaller.paths (or a spec) names the site-packages folder of another environment.',
    fix: (_, set) => `Freeze from that environment instead: ${set("python: { env: '<its folder>' }")}`,
  },
  {
    id: 'import-missing',
    title: 'A package is not installed',
    pattern: /ModuleNotFoundError: No module named '([\w.]+)'/,
    example: "ModuleNotFoundError: No module named 'torch'",
    cause: ([name]) =>
      `A hook, a spec or the program imports ${name ?? ''} during the build, and it is not installed.`,
    fix: ([name], set) => `Add it: ${set(`requirements: [..., '${(name ?? '').split('.')[0] ?? ''}']`)}`,
  },
  {
    id: 'import-name',
    title: 'A name cannot be imported',
    pattern: /ImportError: cannot import name '(\w+)' from '([\w.]+)'/,
    example: "ImportError: cannot import name 'X' from 'Y'",
    cause: ([name, module]) =>
      `${module ?? ''} has no ${name ?? ''} that PyInstaller could see: a module loaded by name, or a package of another version than its user expects.`,
    fix: ([name, module], set) =>
      `${set(`hiddenImports: ['${module ?? ''}.${name ?? ''}']`)} When it is no module, pin ${(module ?? '').split('.')[0] ?? ''} to the version that has it.`,
  },
];

/** A function that writes a line of configuration together with its place. */
export function placeWriter(place: DiagnosisPlace): (line: string) => string {
  return (line) => `\`${line}\` in ${place.configPath} of ${place.configFile}.`;
}
