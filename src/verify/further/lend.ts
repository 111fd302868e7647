import { existsSync } from 'node:fs';
import { chmod, constants, copyFile, lstat, mkdir, readdir, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { readArchive } from '../../bundle/archive/archive.js';
import type { Lender } from '../../freeze/types.js';
import { companionDir } from '../../lib/package-root.js';
import { isInside } from '../../lib/paths.js';
import { run } from '../../lib/run.js';
import { normalizeName } from '../../lib/text.js';
import type { MissingPart } from './missing-parts.js';

/** What was lent, and how the configuration asks for it. */
export interface LentPart extends MissingPart {
  /** Of a file: absolute. */
  readonly source: string | null;
  readonly folder: boolean;
  /** Of a file of an installed package: that package. */
  readonly package: string | null;
}

const helper = `import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import closure
sys.path.pop(0)
closure.main()
`;

/**
 * Lay what a program lacks beside its own files, from where it was frozen: exactly what a build would have collected, had it been
 * told the name. Nothing that is there is touched.
 *
 * @param to - absolute folders in a place that is thrown away: of the program's files, and its working directory.
 * @returns what could be had.
 */
export async function lend(
  parts: readonly MissingPart[],
  to: { readonly contents: string; readonly workingDirectory: string | null },
  executable: string,
  lender: Lender,
): Promise<LentPart[]> {
  const { contents, workingDirectory } = to;
  const lent: LentPart[] = [];
  const names = parts.filter(({ kind }) => kind === 'module').map(({ name }) => name);
  const had = names.length === 0 ? new Set<string>() : await lendModules(names, contents, executable, lender);
  for (const part of parts) {
    const plain = { ...part, source: null, folder: false, package: null };
    if (part.kind === 'module' && had.has(part.name)) lent.push(plain);
    if (part.kind === 'metadata' && (await lendMetadata(part.name, contents, lender))) lent.push(plain);
    const file =
      part.kind === 'file'
        ? await lendFile(part, contents, lender)
        : part.kind === 'relative' && workingDirectory !== null
          ? await lendFile(part, workingDirectory, { ...lender, sitePackages: [] })
          : null;
    if (file !== null) lent.push(file);
  }
  return lent;
}

async function lendModules(
  names: readonly string[],
  contents: string,
  executable: string,
  lender: Lender,
): Promise<ReadonlySet<string>> {
  const archive = await readArchive(executable);
  const present = archive?.modules.map(({ name }) => name) ?? [];
  const args = ['-I', '-X', 'utf8', '-c', helper, companionDir];
  const result = await run(lender.interpreter, args, {
    input: JSON.stringify({ modules: names, present, roots: lender.roots }),
    timeoutMs: 30_000,
  });
  if (result.exitCode !== 0) return new Set();
  const files = JSON.parse(result.stdout) as readonly (readonly [
    module: string,
    file: string,
    target: string,
  ])[];
  const tops = new Map<string, string>();
  for (const [module, file, target] of files) {
    await lay(file, path.join(contents, target));
    const [top = ''] = module.split('.');
    const depth = target.split('/').length - 1;
    if (depth > 0) tops.set(top, path.join(file, ...Array.from({ length: depth }, () => '..')));
  }
  const isPresent = new Set(present.map((name) => name.split('.')[0]));
  for (const [top, folder] of tops) {
    // An installed package of which nothing is there brings its data and libraries, as its hook would.
    const isOwn = lender.roots.some((root) => isInside(root, folder));
    if (!isPresent.has(top) && !isOwn) await layOthers(folder, path.join(contents, top));
    const libraries = `${folder}.libs`;
    if (existsSync(libraries)) await lay(libraries, path.join(contents, `${top}.libs`));
  }
  return new Set(files.map(([module]) => module).filter((module) => names.includes(module)));
}

/** Everything of a package but its modules. */
async function layOthers(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true }).catch(() => [])) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory() && entry.name !== '__pycache__') await layOthers(source, target);
    else if (entry.isFile() && !/\.(?:py[wci]?|so|pyd)$/.test(entry.name)) await lay(source, target);
  }
}

async function lendMetadata(name: string, contents: string, { sitePackages }: Lender): Promise<boolean> {
  for (const folder of sitePackages) {
    const entries = await readdir(folder).catch(() => []);
    const found = entries.find(
      (entry) =>
        entry.endsWith('.dist-info') && normalizeName(entry.split('-')[0] ?? '') === normalizeName(name),
    );
    if (found === undefined) continue;
    await lay(path.join(folder, found), path.join(contents, found));
    return true;
  }
  return false;
}

async function lendFile(
  part: MissingPart,
  contents: string,
  { roots, sitePackages }: Lender,
): Promise<LentPart | null> {
  if (existsSync(path.join(contents, part.name))) return null;
  for (const [index, root] of [...roots, ...sitePackages].entries()) {
    const source = path.join(root, part.name);
    const stats = await stat(source).catch(() => null);
    if (stats === null) continue;
    const isInstalled = index >= roots.length;
    const [top = ''] = part.name.split('/');
    // Modules as text have an option of their own, and `.env` is never shipped.
    if (isInstalled ? part.name.endsWith('.py') || !part.name.includes('/') : /(?:^|\/)\.env/.test(part.name))
      return null;
    if (isInstalled) await layOthers(path.join(root, top), path.join(contents, top));
    else await lay(source, path.join(contents, part.name));
    return { ...part, source, folder: stats.isDirectory(), package: isInstalled ? top : null };
  }
  return null;
}

/** Larger files are linked. */
const copiedBytes = 64_000_000;

/**
 * As a copy: the program may write, and what a link leads to is the project's own file. Large files and folders of libraries are linked
 * where links can be made. What is there stays.
 */
async function lay(source: string, target: string): Promise<void> {
  if (existsSync(target)) return;
  await writableFolder(path.dirname(target));
  const stats = await stat(source);
  const isFolder = stats.isDirectory();
  if (isFolder && !source.endsWith('.libs')) {
    await mkdir(target);
    for (const entry of await readdir(source, { withFileTypes: true })) {
      const inside = path.join(source, entry.name);
      // Links to folders may lead round in a circle.
      if (entry.isDirectory() || (await stat(inside).catch(() => null))?.isFile() === true)
        await lay(inside, path.join(target, entry.name));
    }
    return;
  }
  if (stats.isFile() && stats.size <= copiedBytes) {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    return;
  }
  // Windows lets everybody make junctions, and links of files only some.
  await symlink(source, target, isFolder ? 'junction' : 'file').catch(async (error: unknown) => {
    if (isFolder) throw error;
    await copyFile(source, target);
  });
}

async function writableFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) {
    await writableFolder(path.dirname(folder));
    await mkdir(folder);
    return;
  }
  const { mode } = await lstat(folder);
  if ((mode & 0o200) === 0) await chmod(folder, mode | 0o200);
}
