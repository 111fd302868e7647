import type { SpecFacts } from './migration.js';
import { commandsIn, hasVariable, wordsIn } from './shell-words.js';

/** A command line of PyInstaller, read. Paths as written, relative to where it runs. */
export interface PyInstallerCommand {
  /** The script, or the spec file. */
  readonly target: string | null;
  readonly distpath: string | null;
  readonly facts: SpecFacts;
}

/** Options without a value that say nothing for us. */
const ignored = new Set([
  '-y',
  '--noconfirm',
  '--clean',
  '-a',
  '--ascii',
  '--noupx',
  '-c',
  '--console',
  '--nowindowed',
  '-D',
  '--onedir',
]);

/** Options with a value that say nothing for us. */
const ignoredWithValue = new Set([
  '--log-level',
  '--workpath',
  '--specpath',
  '--upx-dir',
  '--osx-bundle-identifier',
  '--splash',
]);

const lists: Readonly<Record<string, string>> = {
  '--hidden-import': 'hiddenimports',
  '--hiddenimport': 'hiddenimports',
  '--exclude-module': 'excludes',
  '--additional-hooks-dir': 'hookspath',
  '--runtime-hook': 'runtime_hooks',
  '--paths': 'pathex',
  '-p': 'pathex',
};

const collectors: Readonly<Record<string, string>> = {
  '--collect-submodules': 'submodules',
  '--collect-data': 'data',
  '--collect-datas': 'data',
  '--collect-binaries': 'binaries',
  '--collect-all': 'all',
  '--copy-metadata': 'metadata',
};

const programTexts: Readonly<Record<string, string>> = {
  '--name': 'name',
  '-n': 'name',
  '--icon': 'icon',
  '-i': 'icon',
  '--version-file': 'version',
  '--manifest': 'manifest',
  '-m': 'manifest',
  '--codesign-identity': 'codesign_identity',
  '--osx-entitlements-file': 'entitlements_file',
  '--contents-directory': 'contents_directory',
  '--runtime-tmpdir': 'runtime_tmpdir',
};

/** Read the first call of PyInstaller in a script; null: there is none. Pure. */
export function readPyInstallerCommand(script: string): PyInstallerCommand | null {
  for (const command of commandsIn(script)) {
    const words = wordsIn(command);
    const start = words.findIndex((word) => /(?:^|[/\\])pyinstaller(?:\.exe)?$/i.test(word));
    if (words.slice(0, start).includes('install')) continue;
    // Written on Windows, paths have backslashes; nothing else of a command has.
    if (start !== -1) return readArguments(words.slice(start + 1).map((word) => word.replaceAll('\\', '/')));
  }
  return null;
}

function readArguments(rest: readonly string[]): PyInstallerCommand {
  const analysis: Record<string, unknown[]> = {};
  const program: Record<string, unknown> = {};
  const unknown: { line: number; what: string }[] = [];
  const add = (key: string, value: unknown) => (analysis[key] ??= []).push(value);
  let mode: 'onedir' | 'onefile' = 'onedir';
  let distpath: string | null = null;
  let target: string | null = null;
  let optimize: number | undefined;
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    const [option, glued] = word.startsWith('--') ? splitOnce(word) : [word, undefined];
    const take = () => glued ?? rest[++index] ?? '';
    // `$OPTIONS` before the script.
    if (hasVariable(word) && !word.startsWith('-')) continue;
    if (!word.startsWith('-')) target ??= word;
    else if (ignored.has(option)) continue;
    else if (ignoredWithValue.has(option)) take();
    else if (option === '-F' || option === '--onefile') mode = 'onefile';
    else if (option === '-w' || option === '--windowed' || option === '--noconsole')
      program['console'] = false;
    else if (option === '-s' || option === '--strip') program['strip'] = true;
    else if (option === '--distpath') distpath = take();
    else if (option === '--optimize') optimize = Number(take());
    else if (option === '--add-data' || option === '--add-binary')
      add(option === '--add-data' ? 'datas' : 'binaries', splitPair(take()));
    else if (lists[option] !== undefined) add(lists[option], take());
    else if (collectors[option] !== undefined) add('datas', { collect: collectors[option], name: take() });
    else if (programTexts[option] !== undefined) program[programTexts[option]] = take();
    else {
      unknown.push({ line: 0, what: option });
      if (glued === undefined && rest[index + 1]?.startsWith('-') === false && rest.length > index + 2)
        index++;
    }
  }
  const isSpec = target?.endsWith('.spec') === true;
  return {
    target,
    distpath,
    facts: {
      analysis: {
        ...analysis,
        ...(target === null || isSpec ? {} : { scripts: [target] }),
        ...(optimize === undefined ? {} : { optimize }),
      },
      program,
      mode,
      unknown,
    },
  };
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** `source:destination`, with `;` on Windows; a drive letter is no separator. */
function splitPair(text: string): [string, string] {
  const semicolon = text.lastIndexOf(';');
  const at = semicolon === -1 ? text.lastIndexOf(':') : semicolon;
  const isDrive = at === 1 && text[2] === '/';
  return at < 1 || isDrive ? [text, '.'] : [text.slice(0, at), text.slice(at + 1)];
}
