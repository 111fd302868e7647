/** Projects whose workflows are played: each host with each package manager, and a repository with several packages. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ManagerName } from '../hosts/managers.ts';
import { fromElectronVite, plainBuilder, plainForge, workspace } from '../hosts/projects.ts';
import type { Row } from '../hosts/rows.ts';

type Host = Pick<Row, 'title' | 'main' | 'create' | 'prepare' | 'needs'>;

/** The default targets of electron-builder need tools that it downloads. */
async function packFolderOnly(project: string): Promise<void> {
  const manifest = path.join(project, 'package.json');
  const yaml = path.join(project, 'electron-builder.yml');
  const text = await readFile(yaml, 'utf8').catch(() => null);
  if (text !== null) {
    await writeFile(yaml, text.replace(/(linux:\n\s+target:)\n(?:\s+- .*\n)+/, '$1 dir\n'));
    return;
  }
  const content = JSON.parse(await readFile(manifest, 'utf8')) as { build: object };
  content.build = { ...content.build, linux: { target: 'dir' } };
  await writeFile(manifest, JSON.stringify(content, null, 2));
}

const hosts: Readonly<Record<string, Host>> = {
  forge: { title: 'Forge 8.0.1, maker zip', main: 'main.js', create: plainForge('8.0.1'), needs: ['zip'] },
  'electron-vite': {
    title: 'electron-vite 5 with electron-builder 26',
    main: 'src/main/index.ts',
    create: fromElectronVite,
    prepare: packFolderOnly,
  },
  builder: {
    title: 'electron-builder 26',
    main: 'main.js',
    create: plainBuilder,
    prepare: packFolderOnly,
  },
};

/** Forge takes nothing but a flat folder of modules. */
const managerOf = (host: string, manager: ManagerName): ManagerName =>
  host === 'forge' && manager === 'pnpm' ? 'pnpm-hoisted' : manager;

const builder: Host = hosts['builder'] ?? { title: '', main: '', create: plainBuilder };

/** All of them. */
export const workflowRows: readonly Row[] = [
  ...Object.entries(hosts).flatMap(([name, host]) =>
    (['npm', 'pnpm', 'yarn-1'] as const).map((manager) => ({
      ...host,
      name: `${name}-${manager}`,
      manager: managerOf(name, manager),
    })),
  ),
  ...(['npm', 'pnpm'] as const).map((manager) => ({
    ...builder,
    name: `monorepo-${manager}`,
    title: 'electron-builder 26 in a workspace',
    manager,
    create: workspace(plainBuilder),
    folder: 'apps/desktop',
    backend: '../../services/engine',
  })),
];
