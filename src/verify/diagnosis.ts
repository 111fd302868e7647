import { stripVTControlCharacters } from 'node:util';

/** What a diagnosis may refer to. */
export interface DiagnosisContext {
  /** Where the configuration is, for messages, e.g. `pyinstaller.config.ts`. */
  readonly configFile: string;
  /** Place of the backend in it, e.g. `backends.engine`. */
  readonly configPath: string;
}

/** Why a frozen program failed, and what to change. */
export interface Diagnosis {
  /** Row of the table, e.g. `missing-module`. */
  readonly id: string;
  /** One sentence. */
  readonly cause: string;
  /** The line of the output that shows it. */
  readonly evidence: string;
  /** What to do: an edit of the configuration where there is one. */
  readonly edit: string;
}

/** One row of the table: how a failure looks, why it happens, what cures it. */
export interface DiagnosisRow {
  readonly id: string;
  /** For the documentation, e.g. `A module is missing`. */
  readonly title: string;
  /** Why no test here makes it happen; left out: one does. */
  readonly unseen?: string;
  /** Matches inside the output of the program; groups are handed to `cause` and `edit`. */
  readonly pattern: RegExp;
  /** One sentence. */
  cause(groups: readonly string[]): string;
  /** The text of the change; `in(line)` says where a line of configuration goes. */
  edit(groups: readonly string[], add: (line: string) => string): string;
}

/** Path below the unpacked data of a frozen program, out of an absolute one: onedir, onefile, or a macOS app. */
function bundlePath(file: string): string {
  return file
    .replaceAll('\\\\', '/')
    .replaceAll('\\', '/')
    .replace(/^.*\/(?:_internal|_MEI[^/]+)\//, '');
}

function quote(name: string): string {
  return `'${name}'`;
}

/** Every way in which a frozen program is known to fail that its sources do not. The first rows are the most telling. */
export const diagnosisTable: readonly DiagnosisRow[] = [
  {
    id: 'uvicorn-import-string',
    title: 'uvicorn cannot import the application by name',
    pattern:
      /Error loading ASGI app\. (?:Could not import module "([\w.]+)"|Attribute "\w+" not found in module "([\w.]+)")/,
    cause: ([module]) =>
      `uvicorn was given the application by name, and the module ${module} is not in the bundle under that name.`,
    edit: ([module], add) =>
      `${add(`hiddenImports: [${quote(module ?? '')}]`)} Better: use \`entry: { asgi: '${module}:app' }\` and drop \`uvicorn.run\`.`,
  },
  {
    id: 'missing-metadata',
    title: 'The metadata of a distribution is missing',
    pattern:
      /(?:PackageNotFoundError: (?:No package metadata was found for )?([\w.-]+)|The '([\w.-]+)[^']*' distribution was not found)/,
    cause: ([name]) =>
      `The program asks for the version or entry points of ${name}, whose metadata was not collected.`,
    edit: ([name], add) => add(`collect: { metadata: [${quote(name ?? '')}] }`),
  },
  {
    id: 'missing-python-core',
    title: 'Python itself is incomplete',
    pattern:
      /No module named '?(encodings)'?|Fatal Python error: init_fs_encoding|Failed to import encodings module/,
    cause: () =>
      'The standard library of the frozen Python (`base_library.zip`) is missing or cannot be read.',
    edit: () =>
      'Copy the whole bundle, links and hidden files included, and freeze again with `npx electron-pyinstaller build --force`.',
  },
  {
    id: 'obsolete-hook',
    title: 'A package is newer than its PyInstaller hook',
    pattern:
      /cannot load module more than once per process|numpy[._]core[.\w]* failed to import|Error importing numpy|Importing the numpy C-extensions failed/,
    cause: () =>
      'A compiled package and the hook that collects it do not fit together: the package is newer than the hook.',
    edit: (_groups, add) =>
      `Use a newer PyInstaller and hooks: ${add("pyinstaller: { version: '6.22.3' }")} Or pin the package to an older release.`,
  },
  {
    id: 'missing-module',
    title: 'A module is missing',
    pattern: /ModuleNotFoundError: No module named '([\w.]+)'/,
    cause: ([name]) =>
      `The module ${name} is imported at run time, and PyInstaller did not see that while it read the sources.`,
    edit: ([name], add) =>
      `${add(`hiddenImports: [${quote(name ?? '')}]`)} If it is not installed at all, add its distribution to the requirements instead.`,
  },
  {
    id: 'missing-name',
    title: 'A name cannot be imported',
    pattern: /ImportError: cannot import name '(\w+)' from '([\w.]+)'/,
    cause: ([name, module]) =>
      `${module}.${name} is a module that nothing imports by its full name, so it was not collected.`,
    edit: ([name, module], add) => add(`hiddenImports: [${quote(`${module}.${name}`)}]`),
  },
  {
    id: 'missing-template',
    title: 'A template is missing',
    pattern:
      /(?:TemplateNotFound|TemplateDoesNotExist)(?:: '?([^\s'][^'\n]*?)'?(?: not found in search path[^\n]*)?)?(?:\n|$)/,
    cause: ([name]) =>
      `The template ${name ?? ''} is a data file, and data files are collected only when they are named.`.replace(
        '  ',
        ' ',
      ),
    edit: (_groups, add) =>
      add("data: [{ from: '<folder of the sources>/templates/**/*', to: 'templates' }]"),
  },
  {
    id: 'missing-data-file',
    title: 'A data file is missing',
    pattern:
      /(?:FileNotFoundError|NotADirectoryError): \[(?:Errno|WinError) \d+\][^:\n]*: '([^'\n]*[\\/](?:_internal|_MEI[^\\/]+)[\\/][^'\n]+)'/,
    cause: ([file]) =>
      `The program reads ${bundlePath(file ?? '')} from its own bundle, where it is not: data files are collected only when they are named.`,
    edit: ([file], add) => {
      const parts = bundlePath(file ?? '')
        .split('/')
        .filter((part) => part !== '');
      const to = parts.length > 1 ? parts.slice(0, -1).join('/') : '.';
      const own = add(`data: [{ from: '<folder of the sources>/${parts.join('/')}', to: '${to}' }]`);
      return parts.length > 1
        ? `${own} If it belongs to a package: ${add(`collect: { data: [${quote(parts[0] ?? '')}] }`)}`
        : own;
    },
  },
  {
    id: 'certificates',
    title: 'Certificates cannot be verified',
    pattern: /CERTIFICATE_VERIFY_FAILED|unable to get local issuer certificate/,
    cause: () =>
      "OpenSSL looks for certificates in a folder of the build machine, which is not there on the user's.",
    edit: () =>
      'Add `certifi` to the requirements: the companion then uses it. With an entry of type `spec`, set `SSL_CERT_FILE` to `certifi.where()` yourself before anything connects.',
  },
  {
    id: 'glibc',
    title: 'glibc is too old',
    pattern: /version [`']GLIBC_([\d.]+)' not found \(required by ([^)\n]+)\)/,
    cause: ([version, file]) => `${bundlePath(file ?? '')} needs glibc ${version}, newer than this system's.`,
    edit: (_groups, add) =>
      `Freeze on an older system (a manylinux container), or with a Python that brings its own libraries (\`uv python install\`). To notice it in the build: ${add("verify: { glibc: '2.28' }")}`,
  },
  {
    id: 'libstdc++',
    title: 'The C++ library is too old',
    pattern: /version [`']((?:GLIBCXX|CXXABI)_[\d.]+)' not found \(required by ([^)\n]+)\)/,
    cause: ([version, file]) =>
      `${bundlePath(file ?? '')} needs ${version} of libstdc++, newer than the one in the bundle or on this system.`,
    edit: (_groups, add) =>
      `Freeze on a system whose libstdc++ is at least as new as the wheels ask for, or leave the bundled one out: ${add("pyinstaller: { excludeSystemLibraries: ['libstdc++.so*'] }")}`,
  },
  {
    id: 'missing-library',
    title: 'A shared library is missing',
    pattern: /(?:ImportError|OSError): ([^\s:]+\.so[.\d]*): cannot open shared object file/,
    cause: ([name]) => `The shared library ${name} is not in the bundle and not on this system.`,
    edit: ([name], add) =>
      `Install the package that has it on the build machine, then ${add(`binaries: [{ from: '/path/to/${name}', to: '.' }]`)}`,
  },
  {
    id: 'dll-load-failed',
    title: 'A DLL is missing',
    unseen: 'needs Windows',
    pattern: /ImportError: DLL load failed while importing (\w+)/,
    cause: ([name]) =>
      `A DLL that ${name} is linked against is not in the bundle, or is for another architecture.`,
    edit: (_groups, add) =>
      `Find it with \`dumpbin /dependents\` and ${add("binaries: [{ from: 'C:/path/to/the.dll', to: '.' }]")} On machines without the Visual C++ runtime, add \`msvc-runtime\` to the requirements.`,
  },
  {
    id: 'team-id',
    title: 'Libraries are signed by somebody else (macOS)',
    unseen: 'needs macOS',
    pattern:
      /mapping process and mapped file \(non-platform\) have different Team IDs|mapped file has no Team ID|code signature .{0,200}not valid for use in process/,
    cause: () => 'macOS refuses a library that is not signed by the team that signed the program.',
    edit: (_groups, add) =>
      `Use \`mode: 'onedir'\` so that every library is signed with the app; for onefile give PyInstaller the identity: ${add("pyinstaller: { codesignIdentity: 'Developer ID Application: …', entitlements: 'backend.plist' }")}`,
  },
  {
    id: 'source-not-available',
    title: 'The source text of a function is asked for',
    pattern:
      /could not get source code|TorchScript requires source access|OSError: source code not available/,
    cause: () =>
      'A package reads its own source text at run time, and a frozen program holds only compiled code.',
    edit: (_groups, add) => add("pyinstaller: { moduleCollectionMode: { the_package: 'pyz+py' } }"),
  },
  {
    id: 'no-streams',
    title: 'Standard output is missing',
    pattern:
      /Unable to configure formatter '\w+'|'NoneType' object has no attribute '(?:write|isatty|flush|buffer|fileno)'|lost sys\.stdout/,
    cause: () => 'The program has no standard streams: it was frozen as a window program.',
    edit: (_groups, add) => add('pyinstaller: { console: true }'),
  },
  {
    id: 'unguarded-process',
    title: 'A module starts processes when it is imported',
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
    pattern:
      /PicklingError: Can't pickle <(?:function|class)[^>]*>: attribute lookup \S+ on __main__ failed|Can't get attribute '\w+' on <module '__main__'/,
    cause: () => 'Functions of the entry script do not exist under that name in worker processes.',
    edit: () => 'Move what the workers run into a module of its own, and import it.',
  },
  {
    id: 'read-only',
    title: 'The program writes into its own folder',
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
    id: 'port',
    title: 'The port is taken',
    pattern: /\[Errno (?:98|48|10048|10013)\][^\n]*|[Aa]ddress already in use|EADDRINUSE/,
    cause: () => 'The port the program binds is used by another program.',
    edit: (_groups, add) =>
      `Let the system choose: ${add("address: 'announce'")} (the default with an \`asgi\` or \`wsgi\` entry), or give a range: ${add('address: { port: [8000, 8010] }')}`,
  },
  {
    id: 'illegal-instruction',
    title: 'The processor lacks instructions',
    pattern: /[Ii]llegal instruction|SIGILL|0xC000001D|X86_V2|NumPy was built with baseline optimizations/,
    cause: () => 'A compiled package uses processor instructions that this processor does not have.',
    edit: () => 'Install a build of that package for older processors, or run on a newer one.',
  },
  {
    id: 'bootloader-library',
    title: 'The Python library cannot be loaded',
    pattern: /Failed to load Python (?:shared library|DLL) '([^'\n]+)'/,
    cause: ([file]) =>
      `The bootloader found no usable Python library at ${bundlePath(file ?? '')}: it was not copied, or is for another system.`,
    edit: () =>
      'Copy the whole bundle with its links (`cp -a`), check that a virus scanner did not remove the file, and freeze again.',
  },
  {
    id: 'bootloader-archive',
    title: 'The program file is damaged',
    pattern: /Could not load PyInstaller's embedded PKG archive|Cannot open (?:self|PyInstaller archive)/,
    cause: () =>
      "PyInstaller's archive at the end of the program file is missing: something changed the file after freezing.",
    edit: () =>
      'Do not run `strip`, UPX or an installer builder over the program file; freeze again with `npx electron-pyinstaller build --force`.',
  },
  {
    id: 'bootloader-temporary',
    title: 'A onefile program cannot unpack itself',
    pattern:
      /Could not create temporary directory|Failed to extract [^\n]*|failed to open target file|decompression resulted in return code/,
    cause: () =>
      'A onefile program unpacks itself into the temporary folder at each start, and could not: full, read-only, or mounted without permission to execute.',
    edit: (_groups, add) => add("pyinstaller: { mode: 'onedir' }"),
  },
  {
    id: 'bootloader-security',
    title: 'The bootloader refuses to start',
    pattern: /Security validation failure: ([^\n]+)/,
    cause: ([reason]) => `PyInstaller's bootloader refused to start: ${(reason ?? '').replace(/[.!]$/, '')}.`,
    edit: (_groups, add) =>
      `Start it without the variables of another frozen program (\`_PYI_*\`), as the runtime does. PyInstaller 6.22.1 and 6.22.2 refuse too much: ${add("pyinstaller: { version: '6.22.3' }")}`,
  },
];

/**
 * Explain why a frozen program failed, from what it printed. Pure.
 *
 * @param output - what the program wrote to stdout and stderr, any amount.
 * @returns the explanations that fit, at most three, the most telling first; empty when nothing is known.
 *
 * @example
 * ```ts
 * const [first] = diagnoseOutput(tail, { configFile: 'pyinstaller.config.ts', configPath: 'backends.engine' });
 * ```
 */
export function diagnoseOutput(output: string, context: DiagnosisContext): Diagnosis[] {
  const text = stripVTControlCharacters(output);
  const add = (line: string): string => `add \`${line}\` to ${context.configPath} in ${context.configFile}.`;
  const found = new Map<string, Diagnosis>();
  for (const row of diagnosisTable) {
    for (const match of text.matchAll(new RegExp(row.pattern, 'g'))) {
      const groups = match.slice(1).filter((group) => group !== undefined);
      const diagnosis = {
        id: row.id,
        cause: row.cause(groups),
        evidence: lineAround(text, match.index),
        edit: capitalize(row.edit(groups, add)),
      };
      if (!found.has(diagnosis.edit)) found.set(diagnosis.edit, diagnosis);
      if (found.size === 3) return [...found.values()];
    }
  }
  return [...found.values()];
}

function lineAround(text: string, index: number): string {
  const start = text.lastIndexOf('\n', index) + 1;
  const end = text.indexOf('\n', index);
  return text
    .slice(start, end === -1 ? undefined : end)
    .trim()
    .slice(0, 300);
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Diagnoses as lines for a message. */
export function formatDiagnoses(diagnoses: readonly Diagnosis[]): string {
  return diagnoses
    .map(({ cause, evidence, edit }) => `${cause}\n  seen: ${evidence}\n  fix:  ${edit}`)
    .join('\n');
}
