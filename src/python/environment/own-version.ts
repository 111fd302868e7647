import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedPython } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { sha256 } from '../../lib/hash.js';
import { run } from '../../lib/run.js';
import { normalizeName } from '../../lib/text.js';
import type { OwnProject } from '../requirements/own-project.js';
import { emptyRequest, installCommand, sourceOptions, type Installer } from './install-commands.js';
import { runInstaller, type InstallerContext } from './installer-run.js';

/** A version that only the build backend of a project knows: from a tag of Git, or from a file of the project. */
export interface DynamicVersion {
  /** Of the project. */
  readonly directory: string;
  /** Changes when the version may have changed. */
  readonly digest: string;
}

/**
 * See whether somebody has to be asked for the version of the project itself; null: it is known, or the project is no package.
 *
 * @param directory of its pyproject.toml.
 */
export async function dynamicVersion(
  own: OwnProject | null,
  directory: string | null,
  env: NodeJS.ProcessEnv,
): Promise<DynamicVersion | null> {
  if (own === null || directory === null || own.version !== null || !own.isPackage) return null;
  const texts = await Promise.all(
    ['pyproject.toml', 'setup.cfg', 'setup.py'].map((name) => textOf(path.join(directory, name))),
  );
  const named = await Promise.all(
    versionFiles(own.name, texts.join('\n')).map((file) => textOf(path.join(directory, file))),
  );
  const described = await run('git', ['describe', '--always', '--tags', '--long'], { cwd: directory, env });
  const commit = described.exitCode === 0 ? described.stdout.trim() : '';
  // Where Git is not at hand (a container), the tools take the version from a variable.
  const variables = Object.entries(env).filter(([name]) => /SCM_.*VERSION|VERSIONING/.test(name));
  return { directory, digest: sha256(JSON.stringify([...texts, ...named, commit, ...variables])) };
}

/**
 * Files of a project that may hold its version: those that its settings name, by path or as a module's attribute, and those of
 * a package with the project's own name. Pure.
 *
 * @param settings texts of its pyproject.toml, setup.cfg and setup.py.
 */
export function versionFiles(name: string, settings: string): string[] {
  const module = normalizeName(name).replaceAll('-', '_');
  const words = [
    module,
    ...[...settings.matchAll(/[\w./-]*version[\w./-]*|\b[\w-]+(?:[./][\w-]+)+/gi)].map(String),
  ];
  const modules = words
    .filter((word) => /^\w+(?:\.\w+)*$/.test(word))
    .flatMap((word) => [word, word.split('.').slice(0, -1).join('.')])
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('.', '/'));
  const inRoot = modules.flatMap((file) => [`${file}.py`, `${file}/__init__.py`, `${file}/_version.py`]);
  const files = [...words.filter((word) => word.includes('.')), ...inRoot];
  return [...new Set(files.flatMap((file) => [file, `src/${file}`]))].sort();
}

/**
 * Ask the build backend for the version, without building or installing anything.
 *
 * @returns null when it does not say; the installer's words are in its log.
 * @throws PyInstallerError `ERR_CANCELLED`.
 */
export async function askVersion(
  own: OwnProject,
  { directory }: DynamicVersion,
  interpreter: string,
  installer: Installer,
  python: ResolvedPython,
  context: InstallerContext,
): Promise<string | null> {
  const doing = 'asking the project for its version';
  const isolated = [interpreter, '-I', '-X', 'utf8', '-u'] as const;
  try {
    let pip: readonly string[] = ['-m', 'pip'];
    if (installer.kind === 'uv') {
      // uv does not say the versions of folders. Its environments have no pip.
      const folder = path.join(context.temporaryDir, 'pip');
      const request = { ...emptyRequest, extraArgs: ['--target', folder], packages: ['pip'] };
      await runInstaller(doing, installCommand(installer, interpreter, python, request), context);
      pip = [path.join(folder, 'pip')];
    }
    const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
    const wanted = ['--dry-run', '--no-deps', ...sourceOptions('pip', python), '--', directory];
    const printed = await runInstaller(doing, [...isolated, ...pip, 'install', ...quiet, ...wanted], context);
    return versionIn(printed, own.name);
  } catch (error) {
    if (error instanceof PyInstallerError && error.code === 'ERR_CANCELLED') throw error;
    return null;
  }
}

/** What pip says that it would install: `Would install app-1.2`. Pure. */
export function versionIn(output: string, name: string): string | null {
  const wanted = normalizeName(name);
  const said = [...output.matchAll(/^Would install ([\w.-]+)-([\w.+!]+)$/gm)];
  return said.find(([, found = '']) => normalizeName(found) === wanted)?.[2] ?? null;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
