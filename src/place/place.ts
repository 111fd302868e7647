import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { bundleFileCount, bundleSize, listBundle, type BundleEntry } from '../bundle/walk.js';
import { PyInstallerError } from '../errors.js';
import type { FrozenBackend } from '../bundle/frozen.js';
import type { FrozenProgram } from '../runtime/manifest.js';
import { copyBundle } from '../bundle/copy.js';

/** A backend inside the resources of an app. */
export interface PlacedBackend {
  readonly name: string;
  /** Node's spelling. */
  readonly arch: string;
  /** Absolute folder under the resources. */
  readonly directory: string;
  /** Absolute path of the program. */
  readonly executable: string;
  readonly sizeBytes: number;
  readonly fileCount: number;
}

/**
 * Copy frozen backends into the resources folder of an app and look whether they arrived. May be called again: what is
 * there is replaced.
 *
 * @param frozen - Backends of one platform; two architectures of the same backend go into two folders.
 * @param resourcesDir - `<app>/resources`, or `<App>.app/Contents/Resources` on macOS; made when missing.
 * @throws PyInstallerError `ERR_PLACE` when copying fails or the copy is incomplete, `ERR_CANCELLED`.
 */
export async function placeBackends(
  frozen: readonly FrozenBackend[],
  resourcesDir: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<PlacedBackend[]> {
  const placed: PlacedBackend[] = [];
  const taken = new Map<string, string>();
  for (const backend of frozen) {
    const { program } = backend.manifest;
    const { arch } = backend.backend.target;
    const name = backend.backend.name;
    if (program.type !== 'frozen')
      throw refused(name, 'its manifest describes a program run from source', 'Freeze it first.');
    const directory = directoryOf(name, program, arch);
    const other = taken.get(directory.toLowerCase());
    if (other !== undefined) {
      const seen = `the folder ${directory} is already that of ${other}`;
      throw refused(name, seen, 'Give the backends different names.');
    }
    taken.set(directory.toLowerCase(), name);
    const target = path.resolve(resourcesDir, directory);
    const source = await copyBundle(backend.bundleDir, target, options);
    const copy = await listBundle(target);
    const executable = path.join(target, program.executable);
    await assertPlaced(name, program, { target, executable }, source, copy);
    placed.push({
      name,
      arch,
      directory: target,
      executable,
      sizeBytes: bundleSize(copy),
      fileCount: bundleFileCount(copy),
    });
  }
  return placed;
}

function refused(backend: string, seen: string, hint: string): PyInstallerError {
  return new PyInstallerError('ERR_PLACE', `Placing ${backend}: ${seen}.`, { backend, hint });
}

/** Names that Electron itself uses in the resources folder. */
const reserved = new Set([
  'app',
  'app.asar',
  'app.asar.unpacked',
  'default_app.asar',
  'electron.asar',
  'app-update.yml',
]);

function directoryOf(name: string, program: FrozenProgram, arch: string): string {
  const directory = program.directories[arch];
  const seen =
    directory === undefined ? `only ${Object.keys(program.directories).join(', ')}` : `“${directory}”`;
  const isPlain =
    directory !== undefined && /^[^/\\:]+$/.test(directory) && directory !== '.' && directory !== '..';
  if (isPlain && !reserved.has(directory.toLowerCase())) return directory;
  throw refused(
    name,
    `the manifest names ${seen} as the folder for ${arch} under the app's resources`,
    'A single folder name that Electron does not use itself is needed; rename the backend.',
  );
}

async function assertPlaced(
  name: string,
  program: FrozenProgram,
  { target, executable }: { target: string; executable: string },
  source: readonly BundleEntry[],
  copy: readonly BundleEntry[],
): Promise<void> {
  const fail = (seen: string): PyInstallerError =>
    new PyInstallerError('ERR_PLACE', `Placing ${name} into ${target}: ${seen}.`, {
      backend: name,
      file: target,
      hint: 'Something changed the folder while it was written (a virus scanner, another build). Try again; freeze with `force` if it stays.',
    });
  const stats = await lstat(executable).catch(() => null);
  if (stats === null || !stats.isFile()) throw fail(`the program ${program.executable} is missing`);
  const isRunnable =
    program.platform === 'win32' || process.platform === 'win32' || (stats.mode & 0o111) !== 0;
  if (!isRunnable)
    throw fail(
      `the program ${program.executable} is not executable (mode ${(stats.mode & 0o777).toString(8)})`,
    );
  const expected = [bundleFileCount(source), bundleSize(source)];
  const found = [bundleFileCount(copy), bundleSize(copy)];
  if (expected.join() !== found.join()) {
    throw fail(
      `${found[0]} files with ${found[1]} bytes arrived, ${expected[0]} with ${expected[1]} were sent`,
    );
  }
}
