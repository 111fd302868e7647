import { longestWindowsPath } from '../lib/paths.js';
import type { AdviceRow } from './row.js';

/** Failures of PyInstaller, the most specific first. */
export const buildRows: readonly AdviceRow[] = [
  {
    id: 'out-of-memory',
    title: 'The system kills PyInstaller',
    at: ['build'],
    example: 'PyInstaller ended with signal SIGKILL',
    pattern: /^PyInstaller ended with signal SIGKILL$/m,
    cause: () => 'The system killed PyInstaller, almost always for lack of memory.',
    edit: (_groups, { add }) =>
      `Free memory or build on a larger machine, and leave big packages out that are not needed: ${add("excludes: ['<module>']")}`,
  },
  {
    id: 'pyinstaller-missing',
    title: 'PyInstaller is not installed',
    at: ['build'],
    pattern:
      /No module named '?PyInstaller\b|'pyinstaller' is not recognized as an internal or external command/,
    example: "ModuleNotFoundError: No module named 'PyInstaller'",
    cause: () => 'PyInstaller is not installed in the environment that the backend is frozen from.',
    edit: (_groups, { add }) =>
      `Install it there (\`python -m pip install pyinstaller\`, \`uv add --dev pyinstaller\`), or let it be managed: ${add("python: { env: 'managed' }")}`,
  },
  {
    id: 'libpython-missing',
    title: 'Python has no shared library',
    at: ['build'],
    pattern:
      /Python (?:shared )?library not found|PythonLibraryNotFoundError|Python was built without a shared library/,
    example:
      'PyInstaller.exceptions.PythonLibraryNotFoundError: ERROR: Python shared library not found! This means your Python installation does not come with proper shared library files.',
    cause: () => 'This Python was built without libpython, which a frozen program needs.',
    edit: (_groups, { add }) =>
      `Use a Python that has it: Debian \`apt install python3-dev\`, pyenv \`PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install …\` (macOS: \`--enable-framework\`), or one of uv: \`uv python install 3.12\` and ${add("python: { version: '3.12', installer: 'uv' }")}`,
  },
  {
    id: 'binutils-missing',
    title: 'objdump, objcopy or ldd is missing',
    at: ['build'],
    pattern:
      /On \w+, (objdump|objcopy) is required|(ldd|objcopy|objdump)\b.*(?:No such file or directory|not found)|No such file or directory: '(ldd|objcopy|objdump)'/,
    example:
      "On Linux, objdump is required. It is typically provided by the binutils package installable via your Linux distribution's package manager.",
    cause: ([first, second, third]) =>
      `PyInstaller needs ${first ?? second ?? third ?? 'objdump'}, which is not on PATH.`,
    edit: () =>
      'Install it: Debian and Ubuntu `apt install binutils libc-bin`, Fedora `dnf install binutils glibc-common`, Alpine `apk add binutils`.',
  },
  {
    id: 'obsolete-backport',
    title: 'An obsolete backport package is installed',
    at: ['build'],
    pattern: /The '(\w+)' package is an obsolete backport/,
    example:
      "The 'typing' package is an obsolete backport of a standard library package and is incompatible with PyInstaller.",
    cause: ([name]) =>
      `The package ${name ?? ''} replaces a module of the standard library and breaks PyInstaller.`,
    edit: ([name]) =>
      `Remove ${name ?? 'it'} from the requirements, and from what requires it (\`python -m pip uninstall ${name ?? ''}\`).`,
  },
  {
    id: 'bootloader-missing',
    title: 'PyInstaller has no bootloader for this system',
    at: ['build'],
    pattern:
      /does not include a pre-compiled bootloader for your\s+platform|Could not find PyInstaller bootloader/,
    example:
      'PyInstaller does not include a pre-compiled bootloader for your platform. For more details and instructions how to build the bootloader see <https://pyinstaller.readthedocs.io/en/stable/bootloader-building.html>',
    cause: () =>
      'The bootloader of PyInstaller is not there: this system has no wheel, or a virus scanner removed it.',
    edit: () =>
      'Reinstall the wheel (`npx electron-pyinstaller clean --everything` makes the environment anew) and exclude the cache folder from virus scanning; on a system without a wheel install a C compiler first.',
  },
  {
    id: 'recursion-limit',
    title: 'The recursion limit was reached',
    at: ['build'],
    pattern: /RecursionError|maximum recursion depth exceeded/,
    example: 'RecursionError: maximum recursion depth exceeded while calling a Python object',
    cause: () => 'Imports nested too deeply for the recursion limit.',
    edit: (_groups, { add }) => `Raise it (default 5000): ${add('pyinstaller: { recursionLimit: 20000 }')}`,
  },
  {
    id: 'disk-full',
    title: 'The disk is full',
    at: ['install', 'build'],
    pattern:
      /No space left on device|ENOSPC|\[Errno 28\]|os error 28|There is not enough space on the disk|\[WinError 112\]/i,
    example: 'OSError: [Errno 28] No space left on device',
    cause: () => 'The disk is full.',
    edit: () =>
      'Free some space (`npx electron-pyinstaller clean`), or put the cache on another disk: ELECTRON_PYINSTALLER_CACHE=<folder>.',
  },
  {
    id: 'path-too-long',
    title: 'A path is too long for Windows',
    at: ['install', 'build'],
    pattern:
      /\[WinError 206\]|os error 206|filename or extension is too long|Windows Long Path support|(?:No such file or directory|cannot find the path specified)[^\n]*?: '([A-Za-z]:[^'\n]{258,})'/i,
    // Python prints each backslash twice.
    fits: ([file]) => file === undefined || file.replaceAll('\\\\', '\\').length > longestWindowsPath,
    example: '[WinError 206] The filename or extension is too long',
    unseen: 'Wine opens paths of any length',
    cause: ([file]) =>
      `${file ?? 'A path'} has more than ${longestWindowsPath} letters, and Windows opens no such path unless long paths are enabled.`,
    edit: () =>
      String.raw`Put the cache into a short folder: ELECTRON_PYINSTALLER_CACHE=C:\epy. Or enable long paths (LongPathsEnabled in the registry, by an administrator); users of the app would need that too where its own paths are as long.`,
  },
  {
    id: 'permission',
    title: 'Permission denied while building',
    at: ['build'],
    pattern: /PermissionError: \[(?:WinError (?:5|32)|Errno 13)\][^:]*(?:: '([^']+)')?/,
    example: "PermissionError: [WinError 5] Access is denied: 'C:\\\\app\\\\dist\\\\engine.exe'",
    cause: ([file]) =>
      `${file ?? 'A file'} cannot be read or written: the program in it still runs, a virus scanner or a synchronised folder holds it, or it belongs to somebody else.`,
    edit: () =>
      'Close the running app and its backend, exclude the cache folder from virus scanning and synchronisation (OneDrive), check who may read the file, and build again. Running as administrator is not the cure.',
  },
  {
    id: 'data-missing',
    title: 'A data file of a spec or hook does not exist',
    at: ['build'],
    pattern: /Unable to find '([^']+)' when adding binary and data files/,
    example: "ERROR: Unable to find '/app/backend/config' when adding binary and data files.",
    cause: ([file]) =>
      `${file ?? 'A file'} is named in datas or binaries of a spec or hook, but does not exist.`,
    edit: () => 'Correct the path there: in a spec, relative paths start at the folder of the spec.',
  },
  {
    id: 'script-missing',
    title: 'The script of a spec does not exist',
    at: ['build'],
    pattern: /script '([^']+)' not found/,
    example: "ERROR: script '/app/backend/mian.py' not found",
    cause: ([file]) => `The spec names the script ${file ?? ''}, which does not exist.`,
    edit: () => 'Correct the path in the spec: relative paths start at the folder of the spec.',
  },
  {
    id: 'spec-cipher',
    title: 'A spec asks for bytecode encryption',
    at: ['build'],
    pattern: /Bytecode encryption was removed|removed-cipher|cipher.*removed/i,
    example:
      'SystemExit: ERROR: Bytecode encryption was removed in PyInstaller v6.0. Please remove cipher and block_cipher parameters from your spec file.',
    cause: () => 'The spec sets `cipher`, which PyInstaller removed in 6.0.',
    edit: () => 'Remove `cipher=` and `block_cipher` from the spec.',
  },
  {
    id: 'spec-syntax',
    title: 'A Python file has a syntax error',
    at: ['build'],
    pattern: /(?:SyntaxError|IndentationError): (.+)/,
    example: 'SyntaxError: invalid syntax',
    cause: ([what]) => `The entry script, a spec or a hook does not parse: ${what ?? ''}.`,
    edit: (_groups, { add }) =>
      `Repair the file named above the error in the log; when it needs a newer Python: ${add("python: { version: '>=3.12' }")}`,
  },
  {
    id: 'metadata-missing',
    title: 'A spec or hook copies metadata of a distribution that is not installed',
    at: ['build'],
    pattern: /PackageNotFoundError: (?:No package metadata was found for )?([\w.-]+)/,
    example: 'importlib.metadata.PackageNotFoundError: No package metadata was found for torch',
    cause: ([name]) => `A spec or hook asks for the metadata of ${name ?? ''}, which is not installed.`,
    edit: ([name]) => `Add ${name} to the requirements. Or remove copy_metadata('${name ?? ''}') there.`,
  },
  {
    id: 'codesign',
    title: 'codesign failed',
    at: ['build'],
    pattern: /codesign command \((.*?)\) failed with error code (\d+)/,
    example:
      "SystemError: codesign command (['/usr/bin/codesign', '-s', 'Developer ID']) failed with error code 1!",
    cause: ([, code]) =>
      `macOS codesign ended with ${code ?? 'an error'}: the identity is not in an unlocked keychain, or the timestamp server was not reached.`,
    edit: () =>
      'Unlock the keychain (CI: `security unlock-keychain`), check `security find-identity -v -p codesigning`, or leave signing to the packager of the app: remove `codesignIdentity` from `pyinstaller`.',
  },
  {
    id: 'mac-slices',
    title: 'A macOS library lacks an architecture',
    at: ['build'],
    pattern:
      /IncompatibleBinaryArchError: (.+?)(?: is not a fat binary| does not contain slice| is incompatible with target arch|$)/,
    example: 'PyInstaller.utils.osx.IncompatibleBinaryArchError: /env/lib/_x.so is not a fat binary!',
    cause: ([file]) => `${file ?? 'A library'} is built for one architecture only.`,
    edit: () =>
      'Install universal2 wheels, or freeze once for each architecture (`npm run make -- --arch=x64` and `--arch=arm64`) instead of universal2.',
  },
  {
    id: 'admin',
    title: 'PyInstaller refuses to run with these rights',
    at: ['build'],
    unseen: 'PyInstaller 7',
    pattern: /(?:administrator|sudo|root) (?:privileges|rights|access)|Please do not run PyInstaller as/i,
    example: 'Please do not run PyInstaller as root, i.e., using sudo.',
    cause: () => 'PyInstaller 7 refuses to run as administrator or through sudo.',
    edit: () => 'Build as an ordinary user.',
  },
  {
    id: 'foreign-site-packages',
    title: 'Packages of another environment are on the path',
    at: ['build'],
    unseen: 'PyInstaller 7; 6 only warns, and so does the build',
    pattern: /Foreign Python environment's site-packages/,
    example: "Foreign Python environment's site-packages paths added to --paths/pathex:",
    cause: () => 'pyinstaller.paths (or a spec) names the site-packages folder of another environment.',
    edit: (_groups, { add }) =>
      `Freeze from that environment instead: ${add("python: { env: '<its folder>' }")}`,
  },
  {
    id: 'import-missing',
    title: 'A package is not installed',
    at: ['build'],
    pattern: /ModuleNotFoundError: No module named '([\w.]+)'/,
    example: "ModuleNotFoundError: No module named 'torch'",
    cause: ([name]) =>
      `A hook, a spec or the program imports ${name ?? ''} during the build, and it is not installed.`,
    edit: ([name = ''], { packageOf }) => `Add ${packageOf(name)} to the requirements.`,
  },
];
