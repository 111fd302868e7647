import path from 'node:path';
import { readArchive, type Archive } from '../archive/archive.js';
import { contentsFolder } from '../archive/contents-folder.js';
import { readDistributions, type Distribution } from './distributions.js';
import { inspectBundle, type BinaryInfo } from '../binary/inspect.js';
import { normalizeName } from '../../lib/text.js';
import { standardLibraryModules } from '../../lib/standard-library.js';
import { listBundle, type BundleFile } from '../walk.js';

/** What a part of a bundle is. */
export type PartKind =
  /** Compiled Python code inside the program. */
  | 'module'
  /** Native code that Python imports. */
  | 'extension'
  /** Native library that something is linked against. */
  | 'library'
  /** Everything read as a file. */
  | 'data'
  /** Name, version and entry points of distributions. */
  | 'metadata'
  /** The program itself: PyInstaller's bootloader and what starts Python. */
  | 'program';

/** Whom parts of a bundle belong to. */
export interface Owner {
  /** `distribution`: installed from a wheel. `system`: a library of the build machine. `own`: the app's code and data. */
  readonly type: 'distribution' | 'python' | 'system' | 'own' | 'program';
  /** For people, e.g. `numpy`, `Python`, `Your code`. */
  readonly name: string;
  /** Of a distribution, or of Python; null otherwise. */
  readonly version: string | null;
  readonly bytes: number;
  /** Files on disk. */
  readonly files: number;
  /** Modules inside the program. */
  readonly modules: number;
  /** Bytes that `strip` would remove. */
  readonly strippableBytes: number;
  /** Libraries that could not be loaded any more after `strip`. */
  readonly spoiltByStrip: readonly string[];
}

/** One file, or one module inside the program. */
export interface Part {
  /** Index into {@link Inventory.owners}. */
  readonly owner: number;
  /** Below the contents folder; for modules `numpy/linalg/linalg.py`. */
  readonly path: string;
  /** Where it is on disk, relative to the bundle; null inside the program. */
  readonly file: string | null;
  readonly kind: PartKind;
  readonly bytes: number;
}

/** What a bundle is made of. The bytes of all parts add up to the bundle's. */
export interface Inventory {
  readonly totalBytes: number;
  readonly fileCount: number;
  readonly moduleCount: number;
  /** The largest first. */
  readonly owners: readonly Owner[];
  readonly parts: readonly Part[];
  /** Everything known about installed distributions; empty without `sitePackages`. */
  readonly distributions: readonly Distribution[];
}

/** What {@link inventory} needs to know. */
export interface InventoryOptions {
  /** The program, relative to the bundle, with its `.exe`. */
  readonly executable: string;
  /** `site-packages` folders of the environment it was frozen from. Without them, parts are grouped by their top folder. */
  readonly sitePackages?: readonly string[];
}

/**
 * Take stock of a bundle: which distribution brought what, down to the modules inside the program.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` when the folder is missing.
 */
export async function inventory(dir: string, options: InventoryOptions): Promise<Inventory> {
  const entries = await listBundle(dir);
  const files = entries.filter((entry): entry is BundleFile => entry.type === 'file');
  const inspected = await inspectBundle(dir, entries);
  const binaries = new Map(inspected.map(({ path: file, info }) => [file, info]));
  const hasProgram = files.some((file) => file.path === options.executable);
  const archive = hasProgram ? await readArchive(path.join(dir, options.executable)) : null;
  const contents = await contentsFolder(dir, options.executable);
  const installed = await readDistributions(options.sitePackages ?? []);
  const known = installed.length > 0 ? installed : await readDistributions([path.join(dir, contents)]);
  const stock = new Stock(new Attribution(known, archive?.python ?? null, installed.length > 0));
  for (const file of files) {
    if (file.path === options.executable && archive !== null) continue;
    const inner = file.path.startsWith(`${contents}/`) ? file.path.slice(contents.length + 1) : file.path;
    stock.addFile(inner, file.path, file.size, binaries.get(file.path));
  }
  if (archive !== null) stock.addProgram(archive, options.executable);
  return stock.result(files, archive, installed);
}

interface OwnerName {
  readonly type: Owner['type'];
  readonly name: string;
  readonly version: string | null;
}

const own: OwnerName = { type: 'own', name: 'Your code and data', version: null };
const system: OwnerName = { type: 'system', name: 'System libraries', version: null };
const program: OwnerName = { type: 'program', name: 'Program (bootloader)', version: null };

/** Decides whom a path belongs to. */
class Attribution {
  readonly #byFile = new Map<string, OwnerName>();
  readonly #byTopLevel = new Map<string, OwnerName>();
  readonly #python: OwnerName;
  readonly #isComplete: boolean;

  /** @param isComplete - all installed distributions are known, so whatever is none of theirs is the app's own. */
  constructor(distributions: readonly Distribution[], python: string | null, isComplete: boolean) {
    this.#isComplete = isComplete;
    this.#python = { type: 'python', name: 'Python', version: python };
    for (const { name, version, files, topLevel } of distributions) {
      const owner: OwnerName = { type: 'distribution', name, version };
      for (const file of files) this.#byFile.set(file, owner);
      for (const module of topLevel) {
        // A namespace shared by several distributions belongs to none of them.
        const other = this.#byTopLevel.get(module);
        if (other === undefined) this.#byTopLevel.set(module, owner);
        else if (other.name !== name)
          this.#byTopLevel.set(module, { type: 'distribution', name: module, version: null });
      }
    }
  }

  ofFile(file: string, info: BinaryInfo | undefined): OwnerName {
    const [first = ''] = file.split('/');
    const known = this.#byFile.get(file) ?? this.#byTopLevel.get(first);
    if (known !== undefined) return known;
    if (isPythonFile(file)) return this.#python;
    const distribution = /^([\w.]+?)-([\w.!+]+)\.dist-info$/.exec(first);
    if (distribution !== null) {
      return {
        type: 'distribution',
        name: normalizeName(distribution[1] ?? ''),
        version: distribution[2] ?? null,
      };
    }
    // Libraries from outside the environment are put beside the program's other files, without a folder.
    const isLibrary = info !== undefined && info.format !== 'damaged' && !file.includes('/');
    if (isLibrary) return system;
    return this.#isComplete || !file.includes('/')
      ? own
      : { type: 'distribution', name: first, version: null };
  }

  ofModule(module: string): OwnerName {
    const base = module.replaceAll('.', '/');
    const known = this.#byFile.get(`${base}.py`) ?? this.#byFile.get(`${base}/__init__.py`);
    if (known !== undefined) return known;
    const [first = ''] = module.split('.');
    if (standardLibraryModules.has(first) || /^(?:pyi_rth_|_pyi_rth_utils$|_sysconfigdata_)/.test(first)) {
      return this.#python;
    }
    const other = this.#byTopLevel.get(first);
    if (other !== undefined) return other;
    // Without knowing what was installed, a module of the app cannot be told from a distribution's.
    return this.#isComplete ? own : { type: 'distribution', name: first, version: null };
  }
}

/** Files that come with Python wherever it is from. */
function isPythonFile(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const module = /^([A-Za-z_]\w*)(?:\.[\w-]+)?\.(?:pyd|so)$/.exec(name)?.[1];
  return (
    file === 'base_library.zip' ||
    /(?:^|\/)lib-dynload\//.test(file) ||
    /^(?:_tcl_data|_tk_data|tcl8|tcl9)\//.test(file) ||
    /^(?:Python$|Python\.framework\/)/.test(file) ||
    /^libpython[\d.]+[a-z]*\.(?:so|dylib)/.test(name) ||
    // On Windows, Python's own DLLs and the C runtime stand beside the modules.
    /^(?:python\d+t?|vcruntime\d+\w*|msvcp\d+\w*|ucrtbase|api-ms-win-[\w-]+|libcrypto-\d\w*(?:-x64)?|libssl-\d\w*(?:-x64)?|libffi-\d|sqlite3|tcl\d+t?|tk\d+t?|zlib1?)\.dll$/i.test(
      file,
    ) ||
    (module !== undefined && !file.includes('/') && standardLibraryModules.has(module))
  );
}

function kindOf(file: string, info: BinaryInfo | undefined): PartKind {
  if (/(?:^|\/)[^/]+\.dist-info\//.test(file)) return 'metadata';
  if (info === undefined || info.format === 'damaged') return 'data';
  const isModule = /\.pyd$|\.(?:cpython-|cp\d|abi3)[^/]*\.so$|\/lib-dynload\//.test(file);
  return isModule ? 'extension' : 'library';
}

/** Collects parts and sums. */
class Stock {
  readonly #attribution: Attribution;
  readonly #owners = new Map<
    string,
    {
      name: OwnerName;
      bytes: number;
      files: number;
      modules: number;
      strippableBytes: number;
      spoiltByStrip: string[];
    }
  >();
  readonly #parts: { owner: string; path: string; file: string | null; kind: PartKind; bytes: number }[] = [];

  constructor(attribution: Attribution) {
    this.#attribution = attribution;
  }

  addFile(inner: string, file: string, bytes: number, info: BinaryInfo | undefined): void {
    const owner = this.#attribution.ofFile(inner, info);
    this.#add(owner, { path: inner, file, kind: kindOf(inner, info), bytes }, info);
  }

  /** Split the program into its modules, its packed files, and the rest. */
  addProgram(archive: Archive, file: string): void {
    let rest = archive.fileBytes;
    for (const { name, bytes, isPackage } of archive.modules) {
      const place = `${name.replaceAll('.', '/')}${isPackage ? '/__init__' : ''}.py`;
      this.#add(this.#attribution.ofModule(name), { path: place, file: null, kind: 'module', bytes });
      rest -= bytes;
    }
    for (const { name, type, storedBytes } of archive.entries) {
      if (type === 'pyz' || type === 'link') continue;
      rest -= storedBytes;
      if (type === 'script' || type === 'module') {
        const isOwn = type === 'script' && !/^pyi(?:_rth|mod|boot)/.test(name);
        const owner = isOwn ? own : program;
        this.#add(owner, { path: `${name}.py`, file: null, kind: 'module', bytes: storedBytes });
        continue;
      }
      const isModule = /\.pyd$|\.(?:cpython-|cp\d|abi3)[^/]*\.so$|\/lib-dynload\//.test(name);
      const kind = type === 'binary' ? (isModule ? 'extension' : 'library') : kindOf(name, undefined);
      // What is packed is not inspected here; only its being a library matters for whom it belongs to.
      const owner = this.#attribution.ofFile(name, undefined);
      const isSystem = type === 'binary' && owner === own && !name.includes('/');
      this.#add(isSystem ? system : owner, { path: name, file: null, kind, bytes: storedBytes });
    }
    this.#add(program, { path: file, file, kind: 'program', bytes: Math.max(0, rest) });
  }

  #add(owner: OwnerName, part: Omit<Part, 'owner'>, info?: BinaryInfo): void {
    const key = `${owner.type} ${owner.name}`;
    const sums = this.#owners.get(key) ?? {
      name: owner,
      bytes: 0,
      files: 0,
      modules: 0,
      strippableBytes: 0,
      spoiltByStrip: [],
    };
    sums.bytes += part.bytes;
    if (info?.format === 'elf') {
      sums.strippableBytes += info.strippableBytes;
      if (!info.survivesStrip) sums.spoiltByStrip.push(part.path);
    }
    if (part.file !== null) sums.files++;
    if (part.kind === 'module') sums.modules++;
    this.#owners.set(key, sums);
    this.#parts.push({ owner: key, ...part });
  }

  result(
    files: readonly BundleFile[],
    archive: Archive | null,
    distributions: readonly Distribution[],
  ): Inventory {
    const sorted = [...this.#owners].sort(
      ([, a], [, b]) => b.bytes - a.bytes || (a.name.name < b.name.name ? -1 : 1),
    );
    const index = new Map(sorted.map(([key], position) => [key, position]));
    return {
      totalBytes: files.reduce((sum, file) => sum + file.size, 0),
      fileCount: files.length,
      moduleCount: archive?.modules.length ?? 0,
      owners: sorted.map(([, { name, ...sums }]) => ({ ...name, ...sums })),
      parts: this.#parts
        .map(({ owner, ...part }) => ({ owner: index.get(owner) ?? 0, ...part }))
        .sort((a, b) => a.owner - b.owner || b.bytes - a.bytes || (a.path < b.path ? -1 : 1)),
      distributions,
    };
  }
}
