import { existsSync } from 'node:fs';
import path from 'node:path';
import { asRecord, readJson, readText } from '../../lib/files.js';

/** What installs a project's packages; `yarn` is Yarn 1, `berry` every Yarn after it. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'berry' | 'bun';

/** Files that mark the folder of a workspace; they lock nothing. */
export const workspaceFiles: readonly string[] = ['pnpm-workspace.yaml', '.yarnrc.yml'];

/** What tells the package manager: lock files, and {@link workspaceFiles}. */
export const lockFiles: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['pnpm-workspace.yaml', 'pnpm'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['.yarnrc.yml', 'berry'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/** Commands in the words of each. */
export const runCommand: Readonly<Record<PackageManager, string>> = {
  npm: 'npx',
  pnpm: 'pnpm exec',
  yarn: 'yarn',
  berry: 'yarn',
  bun: 'bunx',
};

/** How each adds a package to the dependencies of a project. At the root of a workspace pnpm and Yarn 1 want to be told that it is meant. */
export function addCommand(manager: PackageManager, projectDir: string, manifest: object): string {
  switch (manager) {
    case 'npm':
      return 'npm install';
    case 'pnpm':
      return existsSync(path.join(projectDir, 'pnpm-workspace.yaml')) ? 'pnpm add -w' : 'pnpm add';
    case 'yarn':
      return 'workspaces' in manifest ? 'yarn add -W' : 'yarn add';
    case 'berry':
      return 'yarn add';
    case 'bun':
      return 'bun add';
    default:
      return manager satisfies never;
  }
}

/**
 * Tell the package manager by `packageManager` and lock files, of the project or of the workspace it is a part of. The
 * search ends where a version-controlled folder begins.
 */
export async function detectPackageManager(projectDir: string): Promise<PackageManager> {
  for (let folder = projectDir; ; folder = path.dirname(folder)) {
    const written = asRecord(await readJson(path.join(folder, 'package.json')))?.['packageManager'];
    const named = typeof written === 'string' ? fromField(written) : null;
    if (named !== null) return named;
    const found = lockFiles.find(([name]) => existsSync(path.join(folder, name)))?.[1];
    if (found !== undefined) {
      const lock = found === 'yarn' ? await readText(path.join(folder, 'yarn.lock')) : null;
      return lock?.includes('__metadata:') === true ? 'berry' : found;
    }
    if (existsSync(path.join(folder, '.git')) || path.dirname(folder) === folder) return 'npm';
  }
}

/** `yarn@4.5.0+sha512.…`. Pure. */
export function fromField(text: string): PackageManager | null {
  const [, name, major] = /^(npm|pnpm|yarn|bun)@(\d+)?/.exec(text) ?? [];
  if (name === 'yarn') return major === '1' || major === '0' ? 'yarn' : 'berry';
  return name === 'npm' || name === 'pnpm' || name === 'bun' ? name : null;
}
