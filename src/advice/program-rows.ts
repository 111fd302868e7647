import { recommendedPyInstaller } from '../config/limits.js';
import { failureRows } from '../runtime/life/failure-rows.js';
import { normalizeName } from '../lib/text.js';
import { environmentRows } from './environment-rows.js';
import { missingDataFile, missingNamedFile, sourceNotAvailable } from './file-rows.js';
import { missingModule, missingName, standardLibraryName } from './module-rows.js';
import { packageRows } from './package-rows.js';
import type { AdviceRow } from './row.js';

/** Failures of the frozen program, the most telling first. */
export const programRows: readonly AdviceRow[] = [
  {
    id: 'uvicorn-import-string',
    title: 'uvicorn cannot import the application by name',
    at: ['verify'],
    example: 'ERROR:    Error loading ASGI app. Could not import module "main".',
    pattern:
      /Error loading ASGI app\. (?:Could not import module "([\w.]+)"|Attribute "\w+" not found in module "([\w.]+)")/,
    cause: ([module]) =>
      `uvicorn was given the application by name, and the module ${module} is not in the bundle under that name.`,
    edit: ([module], { add }) =>
      `${add(`hiddenImports: ['${module}']`)} Better: use \`entry: { asgi: '${module}:app' }\` and drop \`uvicorn.run\`.`,
  },
  {
    ...failureRows['missing-metadata'],
    edit: (groups, context) => {
      const [name = ''] = groups;
      return context.installed === undefined || context.installed.has(normalizeName(name))
        ? failureRows['missing-metadata'].edit(groups, context)
        : `The distribution ${name} is not installed in the environment, so it has no metadata to collect. A package: add it to the requirements. Your own project: have it installed too, with its folder as a line of a requirements file (\`./backend\`), or write the version into the code.`;
    },
    id: 'missing-metadata',
    title: 'The metadata of a distribution is missing',
    at: ['verify', 'run'],
    example: 'importlib.metadata.PackageNotFoundError: No package metadata was found for pydantic-settings',
  },
  {
    id: 'missing-python-core',
    title: 'Python itself is incomplete',
    at: ['verify'],
    example: "ModuleNotFoundError: No module named 'encodings'",
    pattern:
      /No module named '?(encodings)'?|Fatal Python error: init_fs_encoding|Failed to import encodings module/,
    cause: () =>
      'The standard library of the frozen Python (`base_library.zip`) is missing or cannot be read.',
    edit: () =>
      'Copy the whole bundle, links and hidden files included, and freeze again with `npx electron-pyinstaller build --force`.',
  },
  {
    id: 'torch-compile',
    title: '`torch.compile` finds no compiler',
    at: ['verify'],
    example: 'torch._inductor.exc.InductorError: CppCompileError: C++ compile error',
    unseen: 'needs PyTorch',
    pattern:
      /torch\._inductor\.exc\.\w+|\bCppCompileError\b|No working C\+* compiler found|cpp_prefix\.h: No such file/,
    cause: () =>
      '`torch.compile` writes code and compiles it when it runs: a frozen program has no headers, and users have no compiler.',
    edit: (_groups, { add }) =>
      `Call the model without it. Where a library calls it: ${add("run: { env: { TORCHDYNAMO_DISABLE: '1' } }")}`,
  },
  {
    id: 'stripped-library',
    title: 'A library was damaged by strip',
    at: ['verify'],
    example:
      'ImportError: libscipy_openblas64_-32a4b2a6.so: ELF load command address/offset not page-aligned',
    pattern:
      /([^\s:'"]+\.so[.\w]*): ELF load command (?:address\/offset|alignment) not (?:page-aligned|properly aligned)/,
    cause: ([file]) =>
      `The library ${bundlePath(file ?? '')} cannot be mapped into memory: \`strip\` damages libraries that were rewritten by patchelf, as those inside wheels are.`,
    edit: (_groups, { place }) =>
      `Remove \`strip: true\` from ${place}.pyinstaller. If it is not there, something else rewrote the file (\`strip\`, \`patchelf\`): install its package again, and build with \`--force\`.`,
  },
  {
    id: 'obsolete-hook',
    title: 'A package is newer than its PyInstaller hook',
    at: ['verify'],
    example:
      'ImportError: \n\nImporting the numpy C-extensions failed. This error can happen for\nmany reasons',
    // NumPy says so whatever the reason is, and names the reason below: only a module that is not there speaks of a hook.
    pattern:
      /cannot load module more than once per process|numpy[._]core[.\w]* failed to import|Importing the numpy C-extensions failed(?![^]*?Original error was: (?!No module named))|Error importing numpy(?<!Original error was: (?!No module named)[^]*)/,
    cause: () =>
      'A compiled package and the hook that collects it do not fit together: the package is newer than the hook.',
    edit: (_groups, { add }) =>
      `Use a newer PyInstaller and hooks: ${add(`pyinstaller: { version: '${recommendedPyInstaller}' }`)} Or pin the package to an older release.`,
  },
  ...packageRows,
  missingModule,
  standardLibraryName,
  missingName,
  ...environmentRows,
  missingDataFile,
  missingNamedFile,
  {
    ...failureRows.certificates,
    id: 'certificates',
    title: 'Certificates cannot be verified',
    at: ['verify', 'run'],
    example:
      'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)',
  },
  {
    ...failureRows.glibc,
    id: 'glibc',
    title: 'glibc is too old',
    at: ['verify', 'run'],
    example:
      "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /opt/app/engine/_internal/libpython3.12.so.1.0)",
  },
  {
    id: 'libstdc++',
    title: 'The C++ library is too old',
    at: ['verify'],
    example:
      "ImportError: /tmp/x/_internal/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /tmp/x/_internal/pkg/a.so)",
    pattern: /version [`']((?:GLIBCXX|CXXABI)_[\d.]+)' not found \(required by ([^)\n]+)\)/,
    cause: ([version, file]) =>
      `${bundlePath(file ?? '')} needs ${version} of libstdc++, newer than the one in the bundle or on this system.`,
    edit: () =>
      'Freeze on a system whose libstdc++ is at least as new as the wheels ask for. A library of the app that needs the newer one of the system: leave libstdc++ out of `a.binaries` in a spec of your own (`pyinstaller.spec`).',
  },
  {
    id: 'missing-library',
    title: 'A shared library is missing',
    at: ['verify'],
    example: 'ImportError: libGL.so.1: cannot open shared object file: No such file or directory',
    // As the loader says it; as cffi does.
    pattern:
      /(?:ImportError|OSError): (?:([^\s:]+\.so[.\d]*): cannot open shared object file|cannot load library '([^'\n]+)')/,
    cause: ([name]) => `The shared library ${name} is not in the bundle and not on this system.`,
    edit: ([name], { add }) =>
      `Install the package that has it on the build machine. ${add(`binaries: [{ from: '/path/to/${name}', to: '.' }]`)}`,
  },
  {
    id: 'dll-load-failed',
    title: 'A DLL is missing',
    at: ['verify'],
    example: 'ImportError: DLL load failed while importing _ssl: The specified module could not be found.',
    unseen: 'needs Windows',
    pattern: /ImportError: DLL load failed while importing (\w+)/,
    cause: ([name]) =>
      `A DLL that ${name} is linked against is not in the bundle, or is for another architecture.`,
    edit: (_groups, { add }) =>
      `Find it with \`dumpbin /dependents\`. ${add("binaries: [{ from: 'C:/path/to/the.dll', to: '.' }]")} On machines without the Visual C++ runtime, add \`msvc-runtime\` to the requirements.`,
  },
  {
    id: 'team-id',
    title: 'Libraries are signed by somebody else (macOS)',
    at: ['verify'],
    example:
      "Library not loaded… code signature in <…> '/x/Python' not valid for use in process: mapping process and mapped file (non-platform) have different Team IDs",
    unseen: 'needs macOS',
    pattern:
      /mapping process and mapped file \(non-platform\) have different Team IDs|mapped file has no Team ID|code signature .{0,200}not valid for use in process/,
    cause: () => 'macOS refuses a library that is not signed by the team that signed the program.',
    edit: (_groups, { add }) =>
      `Use \`mode: 'onedir'\` so that every library is signed with the app; for onefile give PyInstaller the identity: ${add("pyinstaller: { codesignIdentity: 'Developer ID Application: …', entitlements: 'backend.plist' }")}`,
  },
  sourceNotAvailable,
  {
    id: 'no-streams',
    title: 'Standard output is missing',
    at: ['verify'],
    example: "AttributeError: 'NoneType' object has no attribute 'write'",
    pattern: /'NoneType' object has no attribute '(?:write|isatty|flush|buffer|fileno)'|lost sys\.stdout/,
    fits: (_groups, { console }) => console !== true,
    cause: () => 'The program has no standard streams: it was frozen as a window program.',
    edit: (_groups, { add }) => add('pyinstaller: { console: true }'),
  },
  {
    id: 'unguarded-process',
    title: 'A module starts processes when it is imported',
    at: ['verify'],
    example:
      'RuntimeError: \n        An attempt has been made to start a new process before the\n        current process has finished its bootstrapping phase.',
    pattern:
      /An attempt has been made to start a new process before the\s+current process has finished its bootstrapping/,
    cause: () =>
      'A worker process of `multiprocessing` imported a module to find its task there, and that module started processes while it was imported.',
    edit: () =>
      'Start processes in a function, or below `if __name__ == "__main__":`, never at the top of a module.',
  },
  {
    id: 'pickle-main',
    title: 'A function of the entry script cannot be sent to a worker',
    at: ['verify'],
    example: "AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>",
    pattern:
      /PicklingError: Can't pickle <(?:function|class)[^>]*>: attribute lookup \S+ on __main__ failed|Can't get attribute '\w+' on <module '__(?:mp_)?main__'/,
    cause: () =>
      'Worker processes find no function of that name in the module that was started: what stands below `if __name__ == "__main__":`, or is made while the program runs, exists in the first process only.',
    edit: () => 'Move what the workers run into a module of its own, and import it.',
  },
  {
    id: 'read-only',
    title: 'The program writes into its own folder',
    at: ['verify'],
    example: "PermissionError: [Errno 13] Permission denied: '/opt/app/resources/engine/_internal/cache.db'",
    pattern:
      /(?:PermissionError: \[Errno 13\][^:\n]*|OSError: \[Errno 30\][^:\n]*): '([^'\n]+)'|(sqlite3\.OperationalError: (?:unable to open database file|attempt to write a readonly database))/,
    cause: ([file]) =>
      file === undefined || file.startsWith('sqlite3')
        ? 'SQLite could not write its database: the folder of an installed program is read-only.'
        : `The program could not write ${file}: the folder of an installed program is read-only.`,
    edit: () =>
      'Write below `electron_pyinstaller.user_data()`, or pass a path: `run: { args: ["--data", "{userData}"] }`.',
  },
  {
    ...failureRows.port,
    id: 'port',
    title: 'The port is taken',
    at: ['verify', 'run'],
    example:
      "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
  },
  {
    id: 'illegal-instruction',
    title: 'The processor lacks instructions',
    at: ['verify'],
    example: 'Illegal instruction (core dumped)',
    pattern: /[Ii]llegal instruction|SIGILL|0xC000001D|X86_V2|NumPy was built with baseline optimizations/,
    cause: () => 'A compiled package uses processor instructions that this processor does not have.',
    edit: () => 'Install a build of that package for older processors, or run on a newer one.',
  },
  {
    id: 'bootloader-library',
    title: 'The Python library cannot be loaded',
    at: ['verify'],
    example:
      "[PYI-4711:ERROR] Failed to load Python shared library '/tmp/_MEIgone/libpython3.11.so.1.0': dlopen: no",
    pattern: /Failed to load Python (?:shared library|DLL) '([^'\n]+)'/,
    cause: ([file]) =>
      `The bootloader found no usable Python library at ${bundlePath(file ?? '')}: it was not copied, or is for another system.`,
    edit: () =>
      'Copy the whole bundle with its links (`cp -a`), check that a virus scanner did not remove the file, and freeze again.',
  },
  {
    id: 'bootloader-archive',
    title: 'The program file is damaged',
    at: ['verify'],
    example:
      "[PYI-1:ERROR] Could not load PyInstaller's embedded PKG archive from the executable (/x/engine)",
    pattern: /Could not load PyInstaller's embedded PKG archive|Cannot open (?:self|PyInstaller archive)/,
    cause: () =>
      "PyInstaller's archive at the end of the program file is missing: something changed the file after freezing.",
    edit: () =>
      'Do not run `strip`, UPX or an installer builder over the program file; freeze again with `npx electron-pyinstaller build --force`.',
  },
  {
    ...failureRows['temporary-noexec'],
    id: 'temporary-noexec',
    title: 'The temporary folder forbids execution',
    at: ['verify', 'run'],
    example:
      'error while loading shared libraries: libpython3.12.so.1.0: failed to map segment from shared object',
  },
  {
    ...failureRows['temporary-full'],
    id: 'temporary-full',
    title: 'A onefile program cannot unpack itself',
    at: ['verify', 'run'],
    example: '[PYI-1:ERROR] Could not create temporary directory!',
  },
  {
    id: 'usage',
    title: 'The program is a command line tool and was given no arguments',
    at: ['verify'],
    example: 'usage: engine [-h] --port PORT\nengine: error: the following arguments are required: --port',
    // argparse; click and typer; docopt prints the usage alone.
    pattern:
      /^usage: [^\n]*(?:\n[^\n]*){0,40}?\n\S[^\n]*: error: ([^\n]+)|^Usage: [^\n]*\n(?:[^\n]*\n){0,6}?\W*(?:Error:|Error -)?\W*((?:Missing|No such|Got unexpected|Invalid value)[^\n]+)/m,
    cause: ([said = '']) =>
      `The program printed how it is used and ended: ${said.replace(/[\s.│|]+$/u, '')}.`,
    edit: (_groups, { add }) =>
      `A server gets its arguments from the configuration: ${add("address: { port: [8000, 8010] }, ready: '/health', run: { args: ['--port', '{port}'] }")} A program that does one thing and ends is a job: ${add("kind: 'job', verify: { args: ['--help'] }")}`,
  },
  {
    id: 'bootloader-security',
    title: 'The bootloader refuses to start',
    at: ['verify'],
    example: '[PYI-9:ERROR] Security validation failure: parent process has different executable!',
    pattern: /Security validation failure: ([^\n]+)/,
    cause: ([reason]) => `PyInstaller's bootloader refused to start: ${(reason ?? '').replace(/[.!]$/, '')}.`,
    edit: (_groups, { add }) =>
      `Start it without the variables of another frozen program (\`_PYI_*\`), as the runtime does. PyInstaller 6.22.1 and 6.22.2 refuse too much: ${add(`pyinstaller: { version: '${recommendedPyInstaller}' }`)}`,
  },
  {
    ...failureRows.bootloader,
    id: 'bootloader',
    title: 'The bootloader reports an error',
    at: ['run'],
    example:
      "[PYI-4711:ERROR] Could not load PyInstaller's embedded PKG archive from the executable (/opt/app/resources/engine/engine)",
  },
];

/** Path below the unpacked data of a frozen program, out of an absolute one: onedir, onefile, or a macOS app. */
function bundlePath(file: string): string {
  return file
    .replaceAll('\\\\', '/')
    .replaceAll('\\', '/')
    .replace(/^.*\/(?:_internal|_MEI[^/]+)\//, '');
}
