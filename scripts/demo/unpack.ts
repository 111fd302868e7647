/** What a host made: found, unpacked the way its users would, and looked at. */
import { lstat, mkdir, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { extractFile } from '@electron/asar';
import { DemoFailure } from './failure.ts';
import { runLogged } from './run-logged.ts';

/** A file a host made for users. */
export interface Artifact {
  readonly file: string;
  readonly kind: 'zip' | 'deb' | 'tar.gz';
  readonly sizeBytes: number;
}

/** An artifact on disk again. */
export interface UnpackedApp {
  /** Folder with the executable. */
  readonly directory: string;
  readonly executable: string;
  readonly bundle: BundleFacts;
}

/** What the check of the backend's folder saw. */
export interface BundleFacts {
  readonly files: number;
  readonly links: number;
}

const kinds = ['zip', 'deb', 'tar.gz'] as const;
const executableName = 'example-app';

/** All artifacts below a folder. */
export async function findArtifacts(
  folder: string,
  expected: readonly Artifact['kind'][],
  log: string,
): Promise<Artifact[]> {
  const found: Artifact[] = [];
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    const kind = kinds.find((one) => name.endsWith(`.${one}`));
    // electron-builder leaves the packaged app beside its artifacts, and Python's library in it is a zip.
    if (kind === undefined || name.includes('-unpacked/')) continue;
    const file = path.join(folder, name);
    found.push({ file, kind, sizeBytes: (await stat(file)).size });
  }
  const missing = expected.filter((kind) => !found.some((artifact) => artifact.kind === kind));
  if (missing.length > 0) throw new DemoFailure(`No ${missing.join(' and no ')} was made in ${folder}.`, log);
  return found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

/** Unpack an artifact into a new folder and check the backend in it. */
export async function unpackArtifact(artifact: Artifact, folder: string, log: string): Promise<UnpackedApp> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const commands = {
    zip: ['unzip', '-q', artifact.file, '-d', folder],
    deb: ['dpkg-deb', '-x', artifact.file, folder],
    'tar.gz': ['tar', '-xzf', artifact.file, '-C', folder],
  } as const;
  const [command, ...args] = commands[artifact.kind];
  await runLogged(command, args, { cwd: folder, log, timeoutMs: 120_000 });
  const directory = await appDirectory(folder);
  if (directory === null) throw new DemoFailure(`${artifact.file} holds no resources/app.asar.`);
  return {
    directory,
    executable: path.join(directory, executableName),
    bundle: await checkBackend(path.join(directory, 'resources')),
  };
}

async function appDirectory(folder: string): Promise<string | null> {
  const archives = await readdir(folder, { recursive: true });
  const archive = archives.find(
    (name) => name === 'resources/app.asar' || name.endsWith('/resources/app.asar'),
  );
  return archive === undefined ? null : path.dirname(path.dirname(path.join(folder, archive)));
}

/** The shape of `electron-pyinstaller.json` that this check reads; see src/runtime/manifest.ts. */
interface ManifestShape {
  readonly backends: Readonly<Record<string, { readonly program: ProgramShape }>>;
}
interface ProgramShape {
  readonly directories: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, readonly FileShape[]>>;
}
type FileShape =
  | { readonly type: 'file'; readonly path: string; readonly executable: boolean }
  | { readonly type: 'link'; readonly path: string; readonly target: string };

/** The manifest must be inside the app, the backend beside it: every file there, modes kept, links relative as they were. */
export async function checkBackend(resources: string): Promise<BundleFacts> {
  const archive = path.join(resources, 'app.asar');
  const manifest = JSON.parse(extractFile(archive, 'electron-pyinstaller.json').toString()) as ManifestShape;
  let files = 0;
  let links = 0;
  for (const [name, { program }] of Object.entries(manifest.backends)) {
    for (const [arch, directory] of Object.entries(program.directories)) {
      for (const entry of program.files[arch] ?? []) {
        const file = path.join(resources, directory, entry.path);
        if (entry.type === 'link') links += 1;
        else files += 1;
        await checkEntry(entry, file, path.join(resources, directory), name);
      }
    }
  }
  if (files === 0) throw new DemoFailure(`The manifest in ${archive} lists no files.`);
  const loose = await readFile(path.join(resources, 'electron-pyinstaller.json')).catch(() => null);
  if (loose !== null) throw new DemoFailure(`The manifest stands in ${resources}, outside of the app.`);
  return { files, links };
}

async function checkEntry(entry: FileShape, file: string, root: string, backend: string): Promise<void> {
  const facts = await lstat(file).catch(() => null);
  if (facts === null)
    throw new DemoFailure(`Backend "${backend}": ${file} is in the manifest but not in the app.`);
  if (entry.type === 'link') {
    const target = facts.isSymbolicLink() ? await readlink(file) : 'no link';
    const inside = path.resolve(path.dirname(file), target).startsWith(root + path.sep);
    if (target !== entry.target || path.isAbsolute(target) || !inside) {
      throw new DemoFailure(
        `Backend "${backend}": ${file} should be a link to ${entry.target}; it is ${target}.`,
      );
    }
  } else if (!facts.isFile() || (entry.executable && (facts.mode & 0o111) === 0)) {
    const mode = (facts.mode & 0o7777).toString(8);
    throw new DemoFailure(`Backend "${backend}": ${file} should be an executable file; its mode is ${mode}.`);
  }
}
