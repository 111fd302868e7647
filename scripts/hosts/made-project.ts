/** A row's project, made and installed: what a person has before `init`. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { projectEnvironment, runLogged } from '../demo/run-logged.ts';
import { managerOnPath, managers } from './managers.ts';
import { fastApiPackage, writeAll } from './projects.ts';
import type { PlayOptions } from './play.ts';
import type { Row } from './rows.ts';

/** Where it stands, and how commands are run in it. */
export interface MadeProject {
  /** Of the app; absolute. */
  readonly folder: string;
  /** Of the workspace, or of the app. */
  readonly root: string;
  /** For its commands, besides the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Run a line of shell in its folder; gives what it printed. */
  readonly shell: (command: string) => Promise<string[]>;
  /** Write the files, and install what package.json and the packed package ask for. */
  readonly install: () => Promise<void>;
}

/** Prepare it below `work`; nothing is written there yet. */
export async function madeProject(
  row: Row,
  work: string,
  options: PlayOptions,
  log: string,
): Promise<MadeProject> {
  const { tools, tarball, logs } = options;
  // A workspace is a folder of its own; what else a row needs stands beside it.
  const folder = path.join(work, 'project', row.folder ?? 'app');
  const root = row.folder?.includes('/') === true ? path.resolve(folder, '../..') : folder;
  const temporary = path.join(work, 'tmp');
  for (const one of [folder, logs, tools, temporary]) await mkdir(one, { recursive: true });
  const manager = managers[row.manager];
  const bin = await managerOnPath(row.manager, tools, log);
  const env: Record<string, string> = {
    ...options.env,
    TMPDIR: temporary,
    PATH: [...(bin === null ? [] : [bin]), projectEnvironment()['PATH'] ?? ''].join(path.delimiter),
  };
  const shell = (command: string): Promise<string[]> =>
    runLogged('sh', ['-c', command], { cwd: folder, log, env, timeoutMs: 600_000 });
  const install = async (): Promise<void> => {
    await row.create({ folder, log, tools, env });
    await writeAll(root, manager.files);
    await writeAll(path.join(folder, row.backend ?? 'backend'), row.python ?? fastApiPackage);
    await shell(manager.add(tarball));
  };
  return { folder, root, env, shell, install };
}
