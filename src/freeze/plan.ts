import path from 'node:path';
import type { ResolvedBackend, ResolvedName } from '../config/resolved.js';
import type { PresetAddition, PresetRequest } from '../config/presets/types.js';
import type { CollectedFile } from './fingerprint/data-files.js';
import type { Json } from '../lib/canonical.js';
import { globToRegExp } from '../lib/glob.js';
import { companionDir } from '../lib/package-root.js';
import type { Audit } from './driver/records.js';
import type { SourceTree } from './sources.js';

/** What the driver should expand inside the target Python. */
export type RequestKind = PresetRequest['kind'];

/** One wish: something named, and the place in the configuration it comes from. */
export interface DriverRequest {
  readonly kind: RequestKind;
  readonly name: string;
  readonly path: string;
  readonly optional: boolean;
  /** `config`: a person wrote it. `entry`, `companion`, `preset`: we did. */
  readonly origin: 'config' | 'entry' | 'companion' | 'preset';
}

/** Everything the driver reads; see companion/freezer/driver.py. Absolute paths throughout. */
export interface DriverJob {
  /** The spec to run: the constant one, or the user's own. */
  readonly spec: string;
  readonly ownSpec: boolean;
  /** The plan goes here, beside the constant spec. */
  readonly planFile: string;
  readonly auditFile: string;
  /** The entry descriptor, to which the driver adds what the entry imports. */
  readonly descriptorFile: string;
  readonly dist: string;
  readonly work: string;
  /** Import roots: sources first. */
  readonly paths: readonly string[];
  /** Folder of the project. */
  readonly project: string;
  readonly sources: readonly SourceTree[];
  readonly excludes: readonly string[];
  readonly recursionLimit: number;
  readonly requests: readonly DriverRequest[];
  readonly consoleScript: { readonly name: string; readonly path: string } | null;
  /** Collect the distribution that provides the entry whole. */
  readonly ownDistribution: boolean;
  /** Name of the distribution that the sources are, when only its metadata is installed. */
  readonly distribution: string | null;
  /** Normalised names of the distributions that the requirements name themselves. */
  readonly requirements: readonly string[];
  readonly hooks: readonly string[];
  readonly hooksConfig: Readonly<Record<string, unknown>>;
  /** Where the hooks for what is installed are kept, and what they depend on: reading all that is installed takes a second. */
  readonly installedHooks: { readonly file: string; readonly key: string };
  /** Files, absolute, that are laid in by the parent when something asks for them. */
  readonly laidFiles: readonly string[];
  /** What is in the bundle besides what PyInstaller collects: places in the contents folder. */
  readonly present: readonly string[];
  /** PyInstaller does not run: what of {@link laidFiles} is asked for, and what this code names. null: it runs. */
  readonly knownCode: Audit['code'] | null;
  readonly plan: SpecPlan;
}

/** What the constant spec reads, before expansion. */
export interface SpecPlan {
  readonly mode: 'onedir' | 'onefile';
  readonly scripts: readonly string[];
  readonly pathex: readonly string[];
  /** [source, destination folder]. */
  readonly datas: readonly (readonly [string, string])[];
  readonly binaries: readonly (readonly [string, string])[];
  /** Keyword arguments of `Analysis`. */
  readonly analysis: Readonly<Record<string, unknown>>;
  /** Keyword arguments of `EXE`. */
  readonly exe: Readonly<Record<string, unknown>>;
  /** Keyword arguments of `COLLECT`. */
  readonly collect: Readonly<Record<string, unknown>>;
  /** Files that are left out of what was collected: patterns as written, and regular expressions that JavaScript and Python share. */
  readonly excludeFiles: readonly (readonly [pattern: string, expression: string])[];
  /** Folder with runtime hooks that stand in for PyInstaller's of the same names. */
  readonly lightHooks: string;
  /** Interpreter options. */
  readonly options: readonly string[];
}

/** Where things lie during one freeze. Absolute. */
export interface FreezeLayout {
  /** Constant spec, plan and audit. */
  readonly specDir: string;
  /** Copies of bootstrap or prelude, alone in their folder: PyInstaller puts it in front of everything else. */
  readonly entryDir: string;
  /** Folder with the package `electron_pyinstaller` and nothing else. */
  readonly companionDir: string;
  readonly distDir: string;
  readonly workDir: string;
}

/** What the requirements name: the project itself, and what it asks for. */
export interface Named extends Pick<DriverJob, 'distribution' | 'requirements'> {
  /** The project's own name: its metadata is asked for by that. */
  readonly project: string | null;
}

/** Names under which our scripts are frozen; no module of a user is called like that. */
export const bootstrapName = 'electron_pyinstaller_main.py';
export const preludeName = 'electron_pyinstaller_prelude.py';
/** The entry script once more, as a module: workers of multiprocessing find its functions there. */
export const scriptModule = 'electron_pyinstaller_script';
/** Entry descriptor inside the bundle; see docs/protocol.md. */
export const descriptorName = 'electron_pyinstaller_entry.json';

/**
 * Decide everything about a freeze that can be decided without Python.
 *
 * Pure: the same arguments give the same job. Nothing in it ever becomes Python text; it travels as JSON.
 */
export function planFreeze(
  backend: ResolvedBackend,
  layout: FreezeLayout,
  files: { readonly data: readonly CollectedFile[]; readonly binaries: readonly CollectedFile[] },
  presets: readonly PresetAddition[],
  sources: readonly SourceTree[],
  named: Named = { distribution: null, project: null, requirements: [] },
  given: Pick<DriverJob, 'laidFiles' | 'present' | 'knownCode' | 'installedHooks'> = nothingGiven,
): DriverJob {
  const { entry, pyinstaller } = backend;
  const ownSpec = entry.type === 'spec';
  const excludes = [...new Set([...backend.excludes, ...(ownSpec ? [] : unusedCompanion(backend))])];
  return {
    spec: ownSpec ? entry.file : path.join(layout.specDir, `${specName}.spec`),
    ownSpec,
    planFile: path.join(layout.specDir, `${specName}.json`),
    auditFile: path.join(layout.specDir, 'audit.json'),
    descriptorFile: path.join(layout.entryDir, descriptorName),
    dist: layout.distDir,
    work: layout.workDir,
    paths: ownSpec ? [...backend.source] : importRoots(backend, layout),
    project: backend.projectDir,
    sources,
    excludes,
    recursionLimit: pyinstaller.recursionLimit,
    requests: ownSpec ? [] : [...requestsOf(backend, presets), ...projectRequests(backend, named)],
    consoleScript:
      entry.type === 'consoleScript' ? { name: entry.script, path: `${backend.configPath}.entry` } : null,
    ownDistribution: backend.ownDistribution,
    distribution: named.distribution,
    requirements: ownSpec ? [] : named.requirements,
    hooks: pyinstaller.hooks,
    hooksConfig: pyinstaller.hooksConfig,
    ...given,
    plan: specPlan(backend, layout, files, excludes),
  };
}

const nothingGiven = {
  laidFiles: [],
  present: [],
  knownCode: null,
  installedHooks: { file: '', key: '' },
};

/** The companion's servers would bring uvicorn and the like into programs that serve nothing. */
function unusedCompanion(backend: ResolvedBackend): string[] {
  if (backend.kind === 'http') return [];
  return ['_asgi', '_hypercorn', '_serve', '_wsgi'].map((name) => `electron_pyinstaller.${name}`);
}

/** Stem of the constant spec's copy; PyInstaller names its work folder after it. */
export const specName = 'backend';

function importRoots(backend: ResolvedBackend, layout: FreezeLayout): string[] {
  const script = backend.entry.type === 'script' ? [path.dirname(backend.entry.file)] : [];
  return [...new Set([...script, ...backend.source, ...backend.pyinstaller.paths, layout.companionDir])];
}

function specPlan(
  backend: ResolvedBackend,
  layout: FreezeLayout,
  files: { readonly data: readonly CollectedFile[]; readonly binaries: readonly CollectedFile[] },
  excludes: readonly string[],
): SpecPlan {
  const { pyinstaller, entry } = backend;
  const isScript = entry.type === 'script';
  return {
    mode: pyinstaller.mode,
    scripts: isScript
      ? [path.join(layout.entryDir, preludeName), entry.file]
      : [path.join(layout.entryDir, bootstrapName)],
    pathex: importRoots(backend, layout),
    datas: [
      [path.join(layout.entryDir, descriptorName), '.'],
      ...files.data.map((file) => [file.source, file.destination] as const),
    ],
    binaries: files.binaries.map((file) => [file.source, file.destination] as const),
    analysis: {
      hiddenimports: isScript ? [scriptModule] : [],
      hookspath: pyinstaller.hooks,
      hooksconfig: pyinstaller.hooksConfig,
      runtime_hooks: pyinstaller.runtimeHooks,
      excludes,
      optimize: optimizeLevel(pyinstaller),
      module_collection_mode: pyinstaller.moduleCollectionMode,
    },
    exe: exeArguments(backend),
    collect: {
      name: pyinstaller.name,
      strip: pyinstaller.strip,
      upx: pyinstaller.upx,
      upx_exclude: pyinstaller.upxExclude,
    },
    excludeFiles: pyinstaller.excludeFiles.map((pattern) => [pattern, globToRegExp(pattern).source] as const),
    lightHooks: path.join(companionDir, 'freezer', 'light_hooks'),
    options: interpreterOptions(pyinstaller),
  };
}

/**
 * Options of the interpreter in the program. Unbuffered, so that a line reaches the parent when it is printed; UTF-8, so that
 * it can be read on Windows; `O` once for each level, so that `sys.flags.optimize` says how the code was compiled.
 */
function interpreterOptions(pyinstaller: ResolvedBackend['pyinstaller']): string[] {
  const others = pyinstaller.pythonOptions.filter((option) => option !== 'O');
  return [
    ...new Set(['u', 'X utf8=1', ...others]),
    ...Array.from({ length: optimizeLevel(pyinstaller) }, () => 'O'),
  ];
}

/** As `optimize` says, or as the interpreter's own option does. */
function optimizeLevel({ optimize, pythonOptions }: ResolvedBackend['pyinstaller']): number {
  return Math.min(2, Math.max(optimize, pythonOptions.filter((option) => option === 'O').length));
}
function exeArguments(backend: ResolvedBackend): Record<string, unknown> {
  const { pyinstaller, target } = backend;
  const windows = target.platform === 'win32';
  const mac = target.platform === 'darwin';
  return {
    name: pyinstaller.name,
    console: pyinstaller.console,
    debug: pyinstaller.debug,
    strip: pyinstaller.strip,
    upx: pyinstaller.upx,
    upx_exclude: pyinstaller.upxExclude,
    contents_directory: pyinstaller.contentsDirectory,
    ...(pyinstaller.mode === 'onefile' ? { runtime_tmpdir: pyinstaller.runtimeTmpdir } : {}),
    // An icon elsewhere only earns a warning.
    ...((windows || mac) && pyinstaller.icon !== null ? { icon: pyinstaller.icon } : {}),
    ...(windows
      ? {
          version: pyinstaller.versionInfo,
          manifest: pyinstaller.manifest,
        }
      : {}),
    ...(mac
      ? {
          codesign_identity: pyinstaller.codesignIdentity,
          entitlements_file: pyinstaller.entitlements,
        }
      : {}),
  };
}

function requestsOf(backend: ResolvedBackend, presets: readonly PresetAddition[]): DriverRequest[] {
  const { collect } = backend;
  const wishes = (kind: RequestKind, names: readonly ResolvedName[]): DriverRequest[] =>
    names.map(({ name, optional, path: place }) => ({ kind, name, optional, path: place, origin: 'config' }));
  return [
    ...entryRequests(backend),
    ...wishes('import', backend.hiddenImports),
    ...wishes('submodules', collect.submodules),
    ...wishes('data', collect.data),
    ...wishes('binaries', collect.binaries),
    ...wishes('all', collect.all),
    ...wishes('metadata', collect.metadata),
    ...wishes('entryPoints', collect.entryPoints),
    ...presets.flatMap((preset) => presetRequests(preset)),
  ];
}

/** `version("myapp")` and its entry points work as they do where the project is installed; it need not be. */
function projectRequests(backend: ResolvedBackend, { project }: Named): DriverRequest[] {
  if (project === null) return [];
  const place = `${backend.configPath}.requirements`;
  return [{ kind: 'metadata', name: project, optional: true, path: place, origin: 'entry' }];
}

function presetRequests(preset: PresetAddition): DriverRequest[] {
  return preset.requests.map(({ kind, name }) => ({
    kind,
    name,
    // Whatever a preset adds is welcome, not required: packages move their modules between versions.
    optional: true,
    path: `presets.${preset.name}`,
    origin: 'preset',
  }));
}

function entryRequests(backend: ResolvedBackend): DriverRequest[] {
  const { entry } = backend;
  const place = `${backend.configPath}.entry`;
  const own = (name: string, optional = false): DriverRequest => ({
    kind: 'import',
    name,
    optional,
    path: place,
    origin: 'entry',
  });
  const companion: DriverRequest = {
    kind: 'submodules',
    name: 'electron_pyinstaller',
    optional: false,
    path: place,
    origin: 'companion',
  };
  switch (entry.type) {
    case 'asgi':
      return [companion, own(entry.module), own('uvicorn', true)];
    case 'wsgi':
      return [companion, own(entry.module), own('waitress', true)];
    case 'call':
      return [companion, own(entry.module)];
    case 'module':
      // `python -m pkg` runs pkg/__main__.py; `python -m pkg.mod` the module itself. One of them is missing.
      return [companion, own(entry.module), own(`${entry.module}.__main__`, true)];
    case 'consoleScript':
      return [companion];
    case 'script': {
      // "main:app" names the script as a module, but it is collected as `__main__` only.
      // What does not end in .py (main.pyw, or no ending) is run, and never imported.
      const name = path.basename(entry.file, '.py');
      return entry.file.endsWith('.py') && /^[A-Za-z_]\w*$/.test(name) ? [companion, own(name)] : [companion];
    }
    case 'spec':
      return [];
    default:
      return entry satisfies never;
  }
}

/** The entry descriptor that goes into the bundle; null: this entry has none. */
export function entryDescriptor(backend: ResolvedBackend): Json {
  const { entry } = backend;
  return {
    v: 1,
    name: backend.name,
    kind: backend.kind,
    // The path of a script means nothing on another machine; PyInstaller runs it by itself.
    entry: entry.type === 'script' || entry.type === 'spec' ? { type: entry.type } : { ...entry },
    paths: [],
  };
}
