/** Package managers: how each installs a project, and how it brings one package more. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runLogged } from '../demo/run-logged.ts';

/** A package manager and the layout of its node_modules. */
export type ManagerName = 'npm' | 'pnpm' | 'pnpm-hoisted' | 'yarn-1' | 'yarn-pnp';

interface Manager {
  /** What people call it. */
  readonly title: string;
  /** What npm installs to have it; null: it is npm. */
  readonly package: string | null;
  /** Its program inside that package. */
  readonly program: string;
  /** Adds a package file to the development dependencies, and installs everything. */
  readonly add: (file: string) => string;
  /** How it runs the command line of a package. */
  readonly run: string;
  /** Files of the project that choose the layout. */
  readonly files: Readonly<Record<string, string>>;
}

const pnpm = (title: string, linker: string): Manager => ({
  title,
  package: 'pnpm@10',
  program: 'bin/pnpm.cjs',
  add: (file) => `pnpm add --ignore-workspace-root-check --save-dev "${file}"`,
  run: 'pnpm exec',
  files: {
    'pnpm-workspace.yaml': `packages: ['.', 'apps/*']\nnodeLinker: ${linker}\nstrictDepBuilds: false\n`,
  },
});

/** By name. */
export const managers: Readonly<Record<ManagerName, Manager>> = {
  npm: {
    title: 'npm',
    package: null,
    program: 'npm',
    add: (file) => `npm install --no-audit --no-fund --ignore-scripts --save-dev "${file}"`,
    run: 'npx',
    files: {},
  },
  pnpm: pnpm('pnpm', 'isolated'),
  'pnpm-hoisted': pnpm('pnpm, hoisted', 'hoisted'),
  'yarn-1': {
    title: 'Yarn 1',
    package: 'yarn@1.22.22',
    program: 'bin/yarn.js',
    add: (file) => `yarn add --dev --ignore-scripts "${file}"`,
    run: 'yarn -s',
    files: { 'yarn.lock': '' },
  },
  'yarn-pnp': {
    title: "Yarn 4, Plug'n'Play",
    package: '@yarnpkg/cli-dist@4.18.1',
    program: 'bin/yarn.js',
    add: (file) => `yarn add --dev "electron-pyinstaller@file:${file}"`,
    run: 'yarn',
    files: {
      'yarn.lock': '',
      '.yarnrc.yml': 'nodeLinker: pnp\nenableTelemetry: false\nenableImmutableInstalls: false\n',
    },
  },
};

/** A folder for PATH with the program of a package manager; null: npm needs none. */
export async function managerOnPath(name: ManagerName, tools: string, log: string): Promise<string | null> {
  const manager = managers[name];
  if (manager.package === null) return null;
  const folder = path.join(tools, `manager-${name}`);
  const bin = path.join(folder, 'own-bin');
  if (existsSync(bin)) return bin;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{"private":true}');
  await runLogged('npm', ['install', '--no-audit', '--no-fund', manager.package], {
    cwd: folder,
    log,
    timeoutMs: 120_000,
  });
  const installed = path.join(folder, 'node_modules', manager.package.replace(/(.)@.*$/, '$1'));
  await mkdir(bin);
  const command = name.startsWith('pnpm') ? 'pnpm' : 'yarn';
  await symlink(path.join(installed, manager.program), path.join(bin, command));
  return bin;
}
