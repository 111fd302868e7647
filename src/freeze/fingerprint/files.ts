import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PresetAddition } from '../../config/presets/types.js';
import type { ResolvedBackend } from '../../config/resolved.js';
import { canonicalJson } from '../../lib/canonical.js';
import { sha256 } from '../../lib/hash.js';
import type { CollectedFile } from './data-files.js';
import { walkFiles } from '../../lib/walk-files.js';
import { isCodeName } from '../../lib/code-name.js';
import { companionDir } from '../../lib/package-root.js';
import { projectPath, type InputFile } from './inputs.js';
import { ignoring, packageData, sourceFiles, sourceRoots } from '../sources.js';
import { pathExists, isExecutable } from '../../lib/files.js';
import { type StatCache } from './stat-cache.js';
import { mapLimited } from '../../lib/map-limited.js';

/** The files a bundle is made from, besides the environment's. */
export async function inputFiles(
  backend: ResolvedBackend,
  collected: { readonly data: readonly CollectedFile[]; readonly binaries: readonly CollectedFile[] },
  digests: StatCache,
  presets: readonly PresetAddition[] = [],
): Promise<InputFile[]> {
  const wanted: WantedFile[] = [];
  const everything = takesAnything(backend, presets);
  const isPackage = backend.ownDistribution && (await hasProjectFile(backend));
  for (const root of sourceRoots(backend)) {
    const shown = projectPath(backend.projectDir, root);
    const files = await sourceFiles(backend, root);
    const data = new Set(isPackage ? packageData(files) : []);
    for (const file of files) {
      const isCode = isCodeName(file.relative);
      if (!everything && !isCode && !data.has(file)) continue;
      const name = `source ${path.posix.join(shown, file.relative)}`;
      wanted.push({ name, file: file.absolute, isData: !isCode });
    }
  }
  for (const [kind, files] of Object.entries(collected)) {
    for (const file of files) {
      const to = path.posix.join(file.destination, path.basename(file.source));
      wanted.push({ name: `${kind} ${to}`, file: file.source, isData: kind === 'data' });
    }
  }
  const { entry, pyinstaller } = backend;
  if (entry.type === 'script' || entry.type === 'spec') wanted.push(named(backend, 'entry', entry.file));
  for (const folder of pyinstaller.hooks) {
    if (!(await pathExists(folder))) continue;
    for (const file of await walkFiles(folder, { sourcesOnly: true })) {
      wanted.push(named(backend, 'hook', file.absolute));
    }
  }
  for (const file of pyinstaller.runtimeHooks) wanted.push(named(backend, 'runtime hook', file));
  const { icon, manifest, entitlements, versionInfo } = pyinstaller;
  for (const file of [icon, manifest, entitlements, versionInfo]) {
    // Version information may be given as an object; only what is a file is hashed as one.
    if (typeof file === 'string' && file.length < 1000 && (await pathExists(file))) {
      wanted.push(named(backend, 'resource', file));
    }
  }
  return await mapLimited(wanted, 8, async ({ isData, ...named }) => ({
    ...named,
    isData: isData === true,
    digest: await digests.digest(named.file),
    // PyInstaller keeps that of data, and nothing else of the permissions.
    isExecutable: isData === true && (await isExecutable(named.file)),
  }));
}

interface WantedFile extends Pick<InputFile, 'name' | 'file'> {
  /** Default false. */
  readonly isData?: boolean;
}

function named(backend: ResolvedBackend, kind: string, file: string): WantedFile {
  return { name: `${kind} ${projectPath(backend.projectDir, file)}`, file };
}

/** Whether the sources may be a distribution, whose packages are collected with their data. */
async function hasProjectFile(backend: ResolvedBackend): Promise<boolean> {
  const { requirements } = backend;
  const folders = new Set([
    ...('directory' in requirements ? [requirements.directory] : []),
    ...backend.source.flatMap((root) => [root, path.dirname(root), backend.projectDir]),
  ]);
  for (const folder of folders)
    for (const name of ['pyproject.toml', 'setup.py', 'setup.cfg'])
      if (await pathExists(path.join(folder, name))) return true;
  return false;
}

/** What a preset may ask for that takes files of the project's own which are no code. */
const collecting = ['data', 'all', 'binaries', 'django'] as const;

/** Whether something of the project's own may collect any file of the sources, not only code. */
function takesAnything(backend: ResolvedBackend, presets: readonly PresetAddition[]): boolean {
  const { collect, pyinstaller, entry } = backend;
  const kinds = new Set(presets.flatMap((preset) => preset.requests.map(({ kind }) => kind)));
  return (
    collecting.some((kind) => kinds.has(kind)) ||
    entry.type === 'spec' ||
    pyinstaller.hooks.length > 0 ||
    collect.data.length + collect.all.length + collect.binaries.length > 0
  );
}

/** Environment variables that the project's own spec and hooks read; PyInstaller's hooks read none that matter. */
export async function variablesRead(backend: ResolvedBackend): Promise<string[]> {
  const files = backend.entry.type === 'spec' ? [backend.entry.file] : [];
  for (const folder of backend.pyinstaller.hooks) {
    if (await pathExists(folder)) {
      files.push(...(await walkFiles(folder, { sourcesOnly: true })).map((file) => file.absolute));
    }
  }
  const names = new Set<string>();
  for (const file of files) {
    if (!/\.(?:py|spec)$/.test(file)) continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const match of text.matchAll(/(?:environ(?:\.get)?\s*[[(]|getenv\s*\()\s*['"](\w+)['"]/g)) {
      if (match[1] !== undefined) names.add(match[1]);
    }
  }
  return [...names].sort();
}

let companionDigestOnce: Promise<string> | undefined;

/** Digest of our own Python files that shape the bundle: all but the tools. Read once a process. */
export function companionDigest(): Promise<string> {
  companionDigestOnce ??= (async () => {
    const ignore = ignoring(['tools']);
    const files = (await walkFiles(companionDir, { ignore, sourcesOnly: true })).filter((file) =>
      /\.(?:py|spec)$/.test(file.relative),
    );
    // A hundred small files, which are known to lie on a disk: one after the other is ten times as fast.
    return sha256(canonicalJson(files.map((file) => [file.relative, sha256(readFileSync(file.absolute))])));
  })();
  return companionDigestOnce;
}
