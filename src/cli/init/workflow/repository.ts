import { existsSync } from 'node:fs';
import path from 'node:path';
import picomatch from 'picomatch';
import { asRecord, entriesIn, readJson, readText } from '../../../lib/files.js';
import { withSlashes } from '../../../lib/paths.js';
import { lockFiles, workspaceFiles } from '../package-manager.js';

/** Where a project stands in its repository. Paths relative to the repository's root, `/` between, `.` for the root. */
export interface Repository {
  /** Absolute. */
  readonly root: string;
  readonly project: string;
  /** Folder that packages are installed in. */
  readonly installFolder: string;
  /** null: there is none, so nothing can be installed exactly. */
  readonly lockFile: string | null;
  /** The branch that is built. */
  readonly branch: string;
  /** Packages of the workspace that the app needs and that have to be built, in order. */
  readonly localBuilds: readonly string[];
  /** `packageManager` of the nearest package.json that has one, and its folder. */
  readonly packageManager: { readonly text: string; readonly folder: string } | null;
}

/** Look at the folders from the project up to the root of its repository. */
export async function findRepository(projectDir: string): Promise<Repository> {
  const folders = await upTo(projectDir);
  const installDir = folders.find(isInstallFolder) ?? projectDir;
  const top = folders.at(-1) ?? projectDir;
  const root = has(top, '.git') ? top : installDir;
  const relative = (folder: string) => withSlashes(path.relative(root, folder)) || '.';
  const lock = lockFiles
    .map(([name]) => name)
    .find((name) => !workspaceFiles.includes(name) && has(installDir, name));
  let packageManager: Repository['packageManager'] = null;
  for (const folder of folders) {
    const text = asRecord(await readJson(path.join(folder, 'package.json')))?.['packageManager'];
    if (typeof text !== 'string') continue;
    packageManager = { text, folder: relative(folder) };
    break;
  }
  return {
    root,
    project: relative(projectDir),
    installFolder: relative(installDir),
    lockFile: lock === undefined ? null : withSlashes(path.posix.join(relative(installDir), lock)),
    branch: await defaultBranch(root),
    localBuilds: (await neededPackages(projectDir, installDir)).map(relative),
    packageManager,
  };
}

/** Packages are installed in the folder with the lock file. */
function isInstallFolder(folder: string): boolean {
  return lockFiles.some(([name]) => has(folder, name));
}

function has(folder: string, name: string): boolean {
  return existsSync(path.join(folder, name));
}

/** The project's folder and those above it, until one is under version control. */
async function upTo(projectDir: string): Promise<string[]> {
  const folders: string[] = [];
  for (let folder = projectDir; ; folder = path.dirname(folder)) {
    folders.push(folder);
    if (has(folder, '.git')) return folders;
    if (path.dirname(folder) === folder) break;
  }
  // No repository yet: nothing above the workspace is its own.
  const last = folders.findIndex(isInstallFolder);
  return folders.slice(0, last < 0 ? 1 : last + 1);
}

async function defaultBranch(root: string): Promise<string> {
  const head = async (file: string) =>
    /^ref: refs\/(?:remotes\/origin|heads)\/(\S+)$/m.exec((await readText(path.join(root, file))) ?? '')?.[1];
  const current = await head('.git/HEAD');
  const known = current === 'master' || current === 'trunk' ? current : 'main';
  return (await head('.git/refs/remotes/origin/HEAD')) ?? known;
}

/** Folders of the workspace's packages that a project depends on and that have a script `build`, each after what it needs. */
async function neededPackages(projectDir: string, workspaceDir: string): Promise<string[]> {
  if (projectDir === workspaceDir) return [];
  const packages = await workspacePackages(workspaceDir);
  const order: string[] = [];
  const seen = new Set<string>([projectDir]);
  const visit = async (folder: string): Promise<void> => {
    const manifest = asRecord(await readJson(path.join(folder, 'package.json'))) ?? {};
    for (const name of ['dependencies', 'devDependencies'].flatMap((key) =>
      Object.keys(asRecord(manifest[key]) ?? {}),
    )) {
      const needed = packages.get(name);
      if (needed === undefined || seen.has(needed)) continue;
      seen.add(needed);
      await visit(needed);
      const scripts = asRecord(asRecord(await readJson(path.join(needed, 'package.json')))?.['scripts']);
      if (typeof scripts?.['build'] === 'string') order.push(needed);
    }
  };
  await visit(projectDir);
  return order;
}

async function workspacePackages(workspaceDir: string): Promise<Map<string, string>> {
  const { parse } = await import('../../../lib/yaml.js');
  const yaml = await readText(path.join(workspaceDir, 'pnpm-workspace.yaml'));
  const written =
    yaml === null
      ? asRecord(await readJson(path.join(workspaceDir, 'package.json')))?.['workspaces']
      : asRecord(parse(yaml))?.['packages'];
  const list = Array.isArray(written) ? written : asRecord(written)?.['packages'];
  const patterns = (Array.isArray(list) ? list : []).filter((one): one is string => typeof one === 'string');
  const found = new Map<string, string>();
  const matches = picomatch(
    patterns.filter((one) => !one.startsWith('!')).map((one) => one.replace(/^\.\/|\/$/g, '')),
    {
      ignore: patterns.filter((one) => one.startsWith('!')).map((one) => one.slice(1)),
    },
  );
  const visit = async (folder: string, depth: number): Promise<void> => {
    for (const entry of await entriesIn(folder)) {
      if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
      const place = path.join(folder, entry.name);
      if (matches(withSlashes(path.relative(workspaceDir, place)))) {
        const name = asRecord(await readJson(path.join(place, 'package.json')))?.['name'];
        if (typeof name === 'string') found.set(name, place);
      }
      if (depth < 3) await visit(place, depth + 1);
    }
  };
  if (patterns.length > 0) await visit(workspaceDir, 1);
  return found;
}
