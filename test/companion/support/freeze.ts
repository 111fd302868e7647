import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { writeFiles } from '../../support/files.js';
import { testCacheDir } from '../../support/paths.js';
import { companionDir } from './backend.js';
import { environment } from './environment.js';
import { defaultInterpreter } from './interpreters.js';

const packages = ['uvicorn==0.54.0', 'pyinstaller==6.22.3'] as const;

/** What to freeze with the plain PyInstaller command. */
export interface FrozenSetup {
  readonly mode: 'onedir' | 'onefile';
  /** `bootstrap.py` alone, or `prelude.py` and a script. */
  readonly scripts: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Besides uvicorn. */
  readonly requirements?: readonly string[];
}

/**
 * Freeze a program together with the companion; kept for the next run as long as nothing changes.
 *
 * @returns Absolute path of the executable.
 */
export async function freeze(setup: FrozenSetup): Promise<string> {
  const interpreter = defaultInterpreter();
  const python = await environment(interpreter, [...packages, ...(setup.requirements ?? [])]);
  const key = createHash('sha256')
    .update(JSON.stringify([interpreter, packages, setup]))
    .update(await companionText())
    .digest('hex')
    .slice(0, 16);
  const folder = path.join(testCacheDir, 'companion', `frozen-${key}`);
  const executable =
    setup.mode === 'onedir' ? path.join(folder, 'engine', 'engine') : path.join(folder, 'engine');
  if (existsSync(executable)) return executable;
  const unfinished = `${folder}.unfinished`;
  const source = `${folder}.source`;
  for (const left of [unfinished, source]) await rm(left, { recursive: true, force: true });
  await writeFiles(setup.files, source);
  await mkdir(unfinished, { recursive: true });
  const scripts = setup.scripts.map((script) =>
    script.startsWith('/') ? script : path.join(source, script),
  );
  const options = [
    '--python-option',
    'u',
    '--python-option',
    'X utf8=1',
    '--log-level',
    'WARN',
    '-y',
    '--name',
    'engine',
  ];
  const places = [
    '--distpath',
    unfinished,
    '--workpath',
    path.join(source, 'work'),
    '--specpath',
    source,
    '--paths',
    source,
  ];
  await execa(
    python,
    [
      '-m',
      'PyInstaller',
      ...options,
      `--${setup.mode}`,
      ...places,
      '--paths',
      companionDir,
      ...setup.args,
      ...scripts,
    ],
    {
      cwd: source,
      env: { PYINSTALLER_CONFIG_DIR: path.join(source, 'config') },
    },
  );
  await rename(unfinished, folder);
  await rm(source, { recursive: true });
  return executable;
}

async function companionText(): Promise<string> {
  const names = await readdir(companionDir, { recursive: true });
  const sources = names.filter((name) => name.endsWith('.py')).toSorted();
  return (await Promise.all(sources.map((name) => readFile(path.join(companionDir, name), 'utf8')))).join(
    '\0',
  );
}
