import path from 'node:path';
import { asRecord, namesIn, pathExists, readJson, readText } from '../../lib/files.js';
import { escapeRegExp } from '../../lib/text.js';
import { type Migration, migrate, readSpec } from './migration.js';
import { scriptsOf } from './package-json.js';
import { type PyInstallerCommand, readPyInstallerCommand } from './pyinstaller-command.js';
import { type ScriptFile, scriptFiles } from './script-files.js';
import { commandsIn, wordsIn } from './shell-words.js';

/** A script that freezes by itself. */
export interface FreezingScript {
  /** `package.json`, or the file that is the script; relative to the project, with `/`. */
  readonly file: string;
  /** In package.json; of a file, that file. */
  readonly name: string;
  readonly command: string;
  /** Other scripts of package.json that run it. */
  readonly usedBy: readonly string[];
}

/** How a project froze its backend before. */
export interface OldBuild {
  /** Each of another program. */
  readonly migrations: readonly Migration[];
  readonly scripts: readonly FreezingScript[];
  /** Absolute folders that PyInstaller wrote into. */
  readonly outputs: readonly string[];
}

/**
 * Find what a project did by hand: spec files, npm scripts and files of shell commands that call PyInstaller.
 *
 * @param folders - absolute; where such files are looked for
 */
export async function findOldBuild(projectDir: string, folders: readonly string[]): Promise<OldBuild> {
  const scripts = await findScripts(projectDir, folders);
  const specs = await findSpecs(folders);
  const calls = await callsOf(projectDir, scripts);
  const described: Migration[] = [];
  for (const { file, name, read, folder } of calls) {
    if (read.target === null || read.target.endsWith('.spec')) continue;
    const from = file === 'package.json' ? `the script "${name}" in package.json` : file;
    described.push(migrate(read.facts, from, folder, projectDir));
  }
  for (const spec of specs) described.push(await readSpec(spec, projectDir));
  return {
    // Two that freeze the same say the same: a script for each system.
    migrations: described.filter(
      ({ script }, index) =>
        script === null || described.findIndex((other) => other.script === script) === index,
    ),
    scripts,
    outputs: outputsOf(calls, specs),
  };
}

/** Folders that PyInstaller was made to write into by hand. Absolute. */
export async function findOutputs(projectDir: string, folders: readonly string[]): Promise<string[]> {
  const scripts = await findScripts(projectDir, folders);
  return outputsOf(await callsOf(projectDir, scripts), await findSpecs(folders));
}

function outputsOf(calls: readonly Call[], specs: readonly string[]): string[] {
  return [
    ...calls.map(({ folder, read }) => path.resolve(folder, read.distpath ?? 'dist')),
    ...specs.map((spec) => path.join(path.dirname(spec), 'dist')),
  ];
}

/** A script's call of PyInstaller, and the absolute folder in which it runs. */
interface Call extends FreezingScript {
  readonly read: PyInstallerCommand;
  readonly folder: string;
}

async function callsOf(projectDir: string, scripts: readonly FreezingScript[]): Promise<Call[]> {
  const calls: Call[] = [];
  for (const script of scripts) {
    const read = readPyInstallerCommand(script.command);
    if (read !== null)
      calls.push({ ...script, read, folder: await folderOf(projectDir, script, read.target ?? '') });
  }
  return calls;
}

async function findScripts(projectDir: string, folders: readonly string[]): Promise<FreezingScript[]> {
  const packageJson = asRecord(await readJson(path.join(projectDir, 'package.json'))) ?? {};
  return freezingScripts(scriptsOf(packageJson), await scriptFiles(projectDir, folders));
}

/** Where the call of PyInstaller in a script runs. A file may have been started in its own folder: it tells by what is there. */
async function folderOf(
  projectDir: string,
  { file, command }: FreezingScript,
  target: string,
): Promise<string> {
  const places = [projectDir, path.join(projectDir, path.dirname(file))].map((start) =>
    folderAfter(command, start, projectDir),
  );
  for (const place of places) if (await pathExists(path.resolve(place, target))) return place;
  return places[0] ?? projectDir;
}

/** `cd backend && …`. A folder that a variable names is taken for the project. */
function folderAfter(script: string, start: string, projectDir: string): string {
  let folder = start;
  for (const command of commandsIn(script)) {
    if (readPyInstallerCommand(command) !== null) break;
    const [verb = '', ...rest] = wordsIn(command);
    if (!/^(?:cd|chdir|pushd|sl|(?:set|push)-location)$/i.test(verb)) continue;
    // To cmd all that follows is one name.
    const to = rest.filter((word) => !/^(?:\/d|-.*)$/i.test(word)).join(' ');
    folder = /[$%]/.test(to) ? projectDir : path.resolve(folder, to.replaceAll('\\', '/'));
  }
  return folder;
}

/** Scripts of package.json, and files, that call PyInstaller, with the scripts that run them. Pure. */
export function freezingScripts(
  scripts: Readonly<Record<string, string>>,
  files: readonly ScriptFile[] = [],
): FreezingScript[] {
  const freezes = (command: string) => (readPyInstallerCommand(command)?.target ?? null) !== null;
  const commands = Object.entries(scripts);
  const running = (pattern: string, name: string) =>
    commands
      .filter(([other, text]) => other !== name && new RegExp(pattern).test(text))
      .map(([other]) => other);
  const callersOf = (name: string) =>
    running(`\\b(?:run|yarn|pnpm|bun)\\s+(?:run\\s+)?${escapeRegExp(name)}(?![\\w:-])`, name);
  return [
    ...commands
      .filter(([, command]) => freezes(command))
      .map(([name, command]) => ({ file: 'package.json', name, command, usedBy: callersOf(name) })),
    ...files
      .filter(({ script }) => freezes(script))
      .map(({ file, script }) => {
        const direct = running(`(?<![\\w-])${escapeRegExp(path.posix.basename(file))}(?![\\w.-])`, '');
        return {
          file,
          name: file,
          command: script,
          usedBy: [...new Set([...direct, ...direct.flatMap(callersOf)])],
        };
      }),
  ];
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
