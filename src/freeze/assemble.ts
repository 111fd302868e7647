import { cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import { companionDir } from '../lib/package-root.js';
import {
  bootstrapName,
  descriptorName,
  entryDescriptor,
  preludeName,
  scriptModule,
  specName,
  type FreezeLayout,
} from './plan.js';

/** Where one freeze works. */
export function layoutOf(workspaceDir: string): FreezeLayout {
  return {
    specDir: path.join(workspaceDir, 'spec'),
    entryDir: path.join(workspaceDir, 'entry'),
    companionDir: path.join(workspaceDir, 'companion'),
    distDir: path.join(workspaceDir, 'dist'),
    workDir: path.join(workspaceDir, 'build'),
  };
}

/** Put the constant Python files and the entry descriptor in place. */
export async function assemble(backend: ResolvedBackend, layout: FreezeLayout): Promise<void> {
  for (const folder of Object.values(layout) as string[]) await mkdir(folder, { recursive: true });
  const copy = (from: string, to: string): Promise<void> => cp(path.join(companionDir, from), to);
  await copy('freezer/backend.spec', path.join(layout.specDir, `${specName}.spec`));
  await copy('bootstrap.py', path.join(layout.entryDir, bootstrapName));
  await copy('prelude.py', path.join(layout.entryDir, preludeName));
  if (backend.entry.type === 'script')
    await cp(backend.entry.file, path.join(layout.entryDir, `${scriptModule}.py`));
  await cp(
    path.join(companionDir, 'electron_pyinstaller'),
    path.join(layout.companionDir, 'electron_pyinstaller'),
    {
      recursive: true,
      filter: (source) => path.basename(source) !== '__pycache__',
    },
  );
  await writeFile(path.join(layout.entryDir, descriptorName), JSON.stringify(entryDescriptor(backend)));
}

/** What PyInstaller made. */
export interface Built {
  readonly mode: 'onedir' | 'onefile';
  /** Name of the program, with `.exe` on Windows. */
  readonly executable: string;
}

/**
 * Move what PyInstaller made from its dist folder to `bundleDir`, so that the program stands directly inside. A spec of
 * the user may call things as it likes: what counts is which program it built and whether a folder stands around it.
 *
 * @returns null when the program is not there.
 */
export async function takeBundle(
  distDir: string,
  programs: readonly string[],
  name: string,
  bundleDir: string,
): Promise<Built | null> {
  const built = new Set(programs.map((program) => path.basename(program)));
  const entries = await readdir(distDir, { withFileTypes: true });
  const preferred = (a: string, b: string): number => Number(stem(b) === name) - Number(stem(a) === name);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const folder of folders.sort(preferred)) {
    const inside = (await readdir(path.join(distDir, folder)))
      .filter((file) => built.has(file))
      .sort(preferred);
    const [executable] = inside;
    if (executable === undefined) continue;
    await rename(path.join(distDir, folder), bundleDir);
    return { mode: 'onedir', executable };
  }
  const files = entries.filter((entry) => entry.isFile() && built.has(entry.name)).map((entry) => entry.name);
  const [executable] = files.sort(preferred);
  if (executable === undefined) return null;
  await mkdir(bundleDir, { recursive: true });
  await rename(path.join(distDir, executable), path.join(bundleDir, executable));
  return { mode: 'onefile', executable };
}

function stem(name: string): string {
  return name.replace(/\.exe$/i, '');
}
