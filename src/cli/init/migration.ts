import path from 'node:path';
import { asRecord } from '../../lib/files.js';
import { withSlashes } from '../../lib/paths.js';
import { hasVariable } from './shell-words.js';
import { runTool } from './survey.js';

/** Stands in front of the answer; see companion/tools/read_spec.py. */
const marker = 'electron-pyinstaller-spec:';

/** What a spec file, or a command line of PyInstaller, describes. Paths as written there. */
export interface SpecFacts {
  readonly analysis: Readonly<Record<string, unknown>>;
  readonly program: Readonly<Record<string, unknown>>;
  readonly mode: 'onedir' | 'onefile';
  readonly unknown: readonly { readonly line: number; readonly what: string }[];
}

/** What was described for PyInstaller before, in the words of the configuration. Paths relative to the project. */
export interface Migration {
  /** `backend/engine.spec`, or `the script "build:backend"`. */
  readonly from: string;
  /** Absolute; what is frozen. */
  readonly script: string | null;
  /** Keys of the backend besides `entry`, `source` and `requirements`; `data` and lists come before what init finds itself. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** What the configuration has no key for; the spec is used then. */
  readonly unknown: readonly { readonly line: number; readonly what: string }[];
  /** What was left out on purpose. */
  readonly remarks: readonly string[];
}

/** Read a spec file; it is parsed, not run. */
export async function readSpec(file: string, projectDir: string): Promise<Migration> {
  for await (const text of runTool('read_spec.py', [file])) {
    const line = text.split(/\r?\n/).find((candidate) => candidate.startsWith(marker));
    if (line === undefined) continue;
    const facts = JSON.parse(line.slice(marker.length)) as SpecFacts;
    return migrate(facts, withSlashes(path.relative(projectDir, file)), path.dirname(file), projectDir);
  }
  return {
    from: file,
    script: null,
    keys: {},
    unknown: [{ line: 0, what: 'it cannot be read' }],
    remarks: [],
  };
}

/** What Python programs say to PyInstaller, by their files; they are parsed, not run. */
export async function readCalls(files: readonly string[]): Promise<Readonly<Record<string, string[][]>>> {
  for await (const text of runTool('read_spec.py', ['--calls', ...files])) {
    const line = text.split(/\r?\n/).find((candidate) => candidate.startsWith(marker));
    if (line !== undefined) return JSON.parse(line.slice(marker.length)) as Record<string, string[][]>;
  }
  return {};
}

/**
 * Put what a spec describes into the words of the configuration, wherever it was written: on Windows, its paths have backslashes. Pure.
 *
 * @param folder - absolute folder that its paths are relative to
 */
export function migrate(facts: SpecFacts, from: string, folder: string, projectDir: string): Migration {
  const unknown = [...facts.unknown];
  const remarks: string[] = [];
  /** A shell or a program would put something in. */
  const isKnown = (value: unknown): boolean => {
    const [text] = [value].flat();
    if (typeof text !== 'string' || !hasVariable(text)) return true;
    remarks.push(`${text} of ${from} is left out: what its variable stands for is not known here.`);
    return false;
  };
  const known = (record: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(record)
        .map(([key, value]) => [key, Array.isArray(value) ? value.filter(isKnown) : value] as const)
        .filter(([, value]) => isKnown(value)),
    );
  const [analysis, program] = [known(facts.analysis), known(facts.program)];
  const absolute = (text: string) => path.resolve(folder, text.replaceAll('\\', '/'));
  const place = (text: string) => withSlashes(path.relative(projectDir, absolute(text))) || '.';
  const cannot = (what: string) => unknown.push({ line: 0, what });
  const isSet = (value: unknown) =>
    value !== undefined &&
    value !== null &&
    value !== false &&
    value !== '' &&
    !(Array.isArray(value) && value.length === 0);
  const list = (key: string): unknown[] => {
    const value = analysis[key];
    if (!isSet(value)) return [];
    if (Array.isArray(value)) return value;
    cannot(`${key} is no list`);
    return [];
  };
  const texts = (key: string): string[] =>
    list(key).flatMap((item) => {
      if (typeof item === 'string') return [item];
      cannot(`${key}: ${JSON.stringify(item)}`);
      return [];
    });

  const collect: Record<string, string[]> = {};
  const collected = (item: unknown): boolean => {
    const record = asRecord(item);
    const kind = record?.['collect'];
    const name = record?.['name'];
    if (typeof kind !== 'string' || typeof name !== 'string') return false;
    const names = (collect[kind] ??= []);
    if (!names.includes(name)) names.push(name);
    return true;
  };
  const rules = (...keys: readonly string[]) =>
    keys.flatMap((key) =>
      list(key).flatMap((item) => {
        if (collected(item)) return [];
        if (Array.isArray(item) && typeof item[0] === 'string' && typeof item[1] === 'string')
          return [
            {
              from: place(item[0]),
              to: path.posix.normalize(item[1].replaceAll('\\', '/')).replace(/(.)\/$/, '$1'),
            },
          ];
        cannot(`${key}: ${JSON.stringify(item)}`);
        return [];
      }),
    );
  const data = rules('datas', 'extra_datas');
  const binaries = rules('binaries', 'extra_binaries');
  const hiddenImports = [
    ...new Set(
      list('hiddenimports').flatMap((item) => {
        if (typeof item === 'string') return [item];
        const record = asRecord(item);
        if (record?.['collect'] === 'submodules') return [`${String(record['name'])}.**`];
        if (!collected(item)) cannot(`hiddenimports: ${JSON.stringify(item)}`);
        return [];
      }),
    ),
  ];
  // Everything of a package is more than its parts.
  for (const kind of ['submodules', 'data', 'binaries']) {
    const rest = collect[kind]?.filter((name) => collect['all']?.includes(name) !== true);
    if (rest !== undefined && rest.length > 0) collect[kind] = rest;
    else delete collect[kind];
  }

  const scripts = texts('scripts');
  if (scripts.length > 1) cannot(`several scripts: ${scripts.join(', ')}`);
  for (const key of ['noarchive', 'win_no_prefer_redirects', 'win_private_assemblies', 'cipher'])
    if (isSet(analysis[key])) cannot(`${key} of Analysis`);
  for (const key of [
    'bootloader_ignore_signals',
    'disable_windowed_traceback',
    'argv_emulation',
    'target_arch',
    'uac_admin',
    'uac_uiaccess',
    'hide_console',
    'resources',
    'embed_manifest',
  ]) {
    if (isSet(program[key]) && !(key === 'embed_manifest')) cannot(`${key} of EXE`);
  }
  if (program['console'] === false)
    remarks.push(
      `console=False of ${from} is left out: the app starts the program without a window in any case, and reads its output.`,
    );
  if (program['upx'] === true)
    remarks.push(
      `upx=True of ${from} is left out: PyInstaller writes it into every spec; set pyinstaller.upx if you want it.`,
    );
  const icon = Array.isArray(program['icon']) ? (program['icon'] as unknown[])[0] : program['icon'];
  const options = Array.isArray(program['options']) ? (program['options'] as unknown[]) : [];
  const pythonOptions = options.flatMap((option) => {
    const [name, , kind] = Array.isArray(option) ? (option as unknown[]) : [];
    if (typeof name !== 'string' || kind !== 'OPTION') {
      cannot(`an option of EXE: ${JSON.stringify(option)}`);
      return [];
    }
    return name === 'u' ? [] : [name];
  });
  const paths = texts('pathex').flatMap((entry) => {
    if (/^[A-Za-z]:[\\/]/.test(entry) && !path.isAbsolute(entry)) {
      remarks.push(`${entry} in pathex of ${from} is left out: it is a folder of another machine.`);
      return [];
    }
    return absolute(entry) === folder ? [] : [place(entry)];
  });
  const pyinstaller: Record<string, unknown> = {
    ...(facts.mode === 'onefile' ? { mode: 'onefile' } : {}),
    ...text('name', program['name']),
    ...(texts('hookspath').length === 0 ? {} : { hooks: texts('hookspath').map(place) }),
    ...(isSet(asRecord(analysis['hooksconfig'])) &&
    Object.keys(asRecord(analysis['hooksconfig']) ?? {}).length > 0
      ? { hooksConfig: analysis['hooksconfig'] }
      : {}),
    ...(texts('runtime_hooks').length === 0 ? {} : { runtimeHooks: texts('runtime_hooks').map(place) }),
    ...(paths.length === 0 ? {} : { paths }),
    ...(isSet(analysis['module_collection_mode'])
      ? { moduleCollectionMode: analysis['module_collection_mode'] }
      : {}),
    ...(analysis['optimize'] === 1 || analysis['optimize'] === 2 ? { optimize: analysis['optimize'] } : {}),
    ...(program['strip'] === true ? { strip: true } : {}),
    ...(program['debug'] === true ? { debug: true } : {}),
    ...(typeof icon === 'string' && icon !== 'NONE' ? { icon: place(icon) } : {}),
    ...(typeof program['version'] === 'string' ? { versionInfo: place(program['version']) } : {}),
    ...(typeof program['manifest'] === 'string' ? { manifest: place(program['manifest']) } : {}),
    ...text('codesignIdentity', program['codesign_identity']),
    ...(typeof program['entitlements_file'] === 'string'
      ? { entitlements: place(program['entitlements_file']) }
      : {}),
    ...(program['contents_directory'] === '_internal'
      ? {}
      : text('contentsDirectory', program['contents_directory'])),
    ...text('runtimeTmpdir', program['runtime_tmpdir']),
    ...(pythonOptions.length === 0 ? {} : { pythonOptions }),
  };
  const keys = {
    ...(hiddenImports.length === 0 ? {} : { hiddenImports }),
    ...(data.length === 0 ? {} : { data }),
    ...(binaries.length === 0 ? {} : { binaries }),
    ...(Object.keys(collect).length === 0 ? {} : { collect }),
    ...(texts('excludes').length === 0 ? {} : { excludes: [...new Set(texts('excludes'))] }),
    ...(Object.keys(pyinstaller).length === 0 ? {} : { pyinstaller }),
  };
  const [script] = scripts;
  return { from, script: script === undefined ? null : absolute(script), keys, unknown, remarks };
}

function text(key: string, value: unknown): Record<string, string> {
  return typeof value === 'string' && value !== '' ? { [key]: value } : {};
}
