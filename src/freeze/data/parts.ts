import { open } from 'node:fs/promises';
import { binaryFormat } from '../../bundle/binary/inspect.js';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isCodeName } from '../../lib/code-name.js';
import { canonicalJson } from '../../lib/canonical.js';
import { sha256OfFile } from '../../lib/hash.js';
import { mapLimited } from '../../lib/map-limited.js';
import type { Distribution, SourceTreeParts } from '../../python/types.js';
import type { CollectedFile } from '../fingerprint/data-files.js';
import { fingerprintKey, type InputFile, type Inputs } from '../fingerprint/inputs.js';

/** A build in two parts: the program, which PyInstaller makes, and the data laid in beside it. */
export interface BuildParts {
  /** Digest of everything but the data. */
  readonly programKey: string;
  /** Files of the rules of `data`, laid in. */
  readonly laid: readonly CollectedFile[];
  /** Files of the rules of `data` that go through PyInstaller: programs, libraries, modules. */
  readonly collected: readonly CollectedFile[];
  /** Every file, absolute, that is laid in when something collects it. */
  readonly files: ReadonlySet<string>;
  /** SHA-256 of the contents of {@link files}, as far as it is known. */
  readonly digests: ReadonlyMap<string, string>;
}

/** What is needed to take a build apart. */
export interface BuildFacts {
  readonly inputs: Inputs;
  readonly files: readonly InputFile[];
  readonly data: readonly CollectedFile[];
  readonly distributions: readonly Distribution[];
}

/**
 * Take a build apart into program and data, so that a change of the data needs no PyInstaller.
 *
 * Data is what PyInstaller would copy as it is: a file collected by `data` or lying among sources, neither a module by
 * its name nor a program or library by its content.
 *
 * @returns null when PyInstaller has to see everything: one file holds its data, and a spec or hook of the project's own may
 * read any file.
 */
export async function takeApart(backend: ResolvedBackend, facts: BuildFacts): Promise<BuildParts | null> {
  const { pyinstaller, entry, projectDir } = backend;
  if (pyinstaller.mode !== 'onedir' || entry.type === 'spec' || pyinstaller.hooks.length > 0) return null;
  const trees = facts.distributions.flatMap(({ name, tree }) =>
    tree === undefined ? [] : [{ name, ...tree }],
  );
  const candidates = [
    ...facts.files.filter(({ isData }) => isData),
    ...trees.flatMap((tree) => tree.dataFiles.map((file) => ({ name: `tree ${file}`, file, digest: null }))),
  ].filter(({ name, file }) => isDataName(file) && !isInFramework(name));
  const isProgram = await mapLimited(candidates, 16, ({ file }) => hasCode(file));
  const data = candidates.filter((_, index) => isProgram[index] !== true);
  const files = new Set(data.map(({ file }) => file));
  const names = new Set(data.map(({ name }) => name));
  const code = await mapLimited(trees, 4, (tree) => codeOf(tree, files));
  const codeOfPackage = new Map(trees.map(({ name }, index) => [`package ${name}`, code[index]]));
  const rows = Object.entries(facts.inputs)
    .filter(([name]) => !names.has(name))
    .map(([name, value]) => [name, codeOfPackage.get(name) ?? value] as const);
  return {
    // What is known of a program is full of paths: it is of use in the same place only.
    programKey: fingerprintKey({ ...Object.fromEntries(rows), 'project folder': projectDir }),
    laid: facts.data.filter((file) => isLaid(file, files)),
    collected: facts.data.filter((file) => !isLaid(file, files)),
    files,
    digests: new Map(data.flatMap(({ file, digest }) => (digest === null ? [] : [[file, digest]]))),
  };
}

/** Everything in a tree that is not laid in. */
async function codeOf(tree: SourceTreeParts, files: ReadonlySet<string>): Promise<string> {
  const others = tree.dataFiles.filter((file) => !files.has(file));
  return canonicalJson([tree.codeDigest, await mapLimited(others, 4, (file) => sha256OfFile(file))]);
}

function isLaid({ source, destination }: CollectedFile, files: ReadonlySet<string>): boolean {
  return files.has(source) && !isInFramework(destination);
}

/** PyInstaller puts the inside of a framework of macOS in order. */
function isInFramework(place: string): boolean {
  return /\.framework(?:[\\/]|$)/i.test(place);
}

/** Not what Python imports from its place: the checks count such a file as a module. */
function isDataName(file: string): boolean {
  return !isCodeName(file) && !/\.py[cw]$/i.test(file);
}

/** Whether a file is, by its first bytes, a program or library; PyInstaller looks for what those need. */
async function hasCode(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return true;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return binaryFormat(buffer.subarray(0, bytesRead)) !== null;
  } finally {
    await handle.close();
  }
}
