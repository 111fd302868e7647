import path from 'node:path';
import { asRecord, namesIn, readJson, readText } from '../../lib/files.js';
import { withSlashes } from '../../lib/paths.js';
import { type Migration, migrate, readSpec } from './migration.js';
import { readPyInstallerCommand } from './pyinstaller-command.js';

/** An npm script that freezes by itself. */
export interface FreezingScript {
  readonly name: string;
  readonly command: string;
  /** Other scripts that run it. */
  readonly usedBy: readonly string[];
}

/** How a project froze its backend before. */
export interface OldBuild {
  readonly migration: Migration | null;
  /** Other spec files that were not taken. */
  readonly others: readonly string[];
  readonly scripts: readonly FreezingScript[];
  /** Absolute folders that PyInstaller wrote into. */
  readonly outputs: readonly string[];
}

/**
 * Find what a project did by hand: spec files and npm scripts that call PyInstaller.
 *
 * @param folders - absolute; where spec files are looked for
 */
export async function findOldBuild(projectDir: string, folders: readonly string[]): Promise<OldBuild> {
  const scripts = freezingScripts(
    asRecord(asRecord(await readJson(path.join(projectDir, 'package.json')))?.['scripts']) ?? {},
  );
  const specs = await findSpecs(folders);
  let migration: Migration | null = null;
  for (const { name, command } of scripts) {
    const read = readPyInstallerCommand(command);
    if (read === null) continue;
    const folder = folderOf(command, projectDir);
    if (migration !== null || read.target === null) continue;
    const target = path.resolve(folder, read.target);
    migration = read.target.endsWith('.spec')
      ? specs.includes(target)
        ? await readSpec(target, projectDir)
        : null
      : migrate(read.facts, `the script "${name}" in package.json`, folder, projectDir);
  }
  const [first] = specs;
  if (migration === null && first !== undefined) migration = await readSpec(first, projectDir);
  const shown = specs.map((spec) => withSlashes(path.relative(projectDir, spec)));
  return {
    migration,
    others: shown.filter((spec) => spec !== migration?.from),
    scripts,
    outputs: await findOutputs(projectDir, folders),
  };
}

/** Folders that PyInstaller was made to write into by hand. Absolute. */
export async function findOutputs(projectDir: string, folders: readonly string[]): Promise<string[]> {
  const scripts = freezingScripts(
    asRecord(asRecord(await readJson(path.join(projectDir, 'package.json')))?.['scripts']) ?? {},
  );
  const written = scripts.flatMap(({ command }) => {
    const read = readPyInstallerCommand(command);
    return read === null ? [] : [path.resolve(folderOf(command, projectDir), read.distpath ?? 'dist')];
  });
  return [...written, ...(await findSpecs(folders)).map((spec) => path.join(path.dirname(spec), 'dist'))];
}

/** Where a command runs: `cd backend && …`. */
function folderOf(command: string, projectDir: string): string {
  const written = /\bcd\s+(?:\/d\s+)?["']?([\w./\\-]+)/i.exec(command)?.[1] ?? '.';
  return path.resolve(projectDir, written.replaceAll('\\', '/'));
}

/** Scripts that call PyInstaller, and those that call them. Pure. */
export function freezingScripts(scripts: Readonly<Record<string, unknown>>): FreezingScript[] {
  const commands = Object.entries(scripts).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return commands
    .filter(([, command]) => readPyInstallerCommand(command) !== null)
    .map(([name, command]) => ({
      name,
      command,
      usedBy: commands
        .filter(
          ([other, text]) =>
            other !== name &&
            new RegExp(
              `\\b(?:run|yarn|pnpm|bun)\\s+(?:run\\s+)?${name.replaceAll(/[.*+?^$()[\]{}|\\]/g, '\\$&')}(?![\\w:-])`,
            ).test(text),
        )
        .map(([other]) => other),
    }));
}

async function findSpecs(folders: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of new Set(folders)) {
    for (const name of await namesIn(folder)) {
      if (!name.endsWith('.spec')) continue;
      const file = path.join(folder, name);
      // RPM and others have spec files too.
      if ((await readText(file))?.includes('Analysis(') === true) found.add(file);
    }
  }
  return [...found];
}
