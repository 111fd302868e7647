import type { ResolvedPython } from '../../config/resolved.js';

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** The two ways to fill an environment. */
export type Installer = { readonly kind: 'pip' } | { readonly kind: 'uv'; readonly program: string };

/** Command that makes an empty virtual environment. */
export function createCommand(installer: Installer, base: string, directory: string, seed: boolean): Command {
  if (installer.kind === 'pip') return [base, '-I', '-m', 'venv', directory];
  const seeded = seed ? ['--seed'] : [];
  return [
    installer.program,
    'venv',
    '--no-project',
    '--no-python-downloads',
    ...seeded,
    '--python',
    base,
    directory,
  ];
}

/** What one installation run asks for. */
export interface InstallRequest {
  /** Requirement files. */
  readonly files: readonly string[];
  /** Single requirements. */
  readonly packages: readonly string[];
  readonly requireHashes: boolean;
  /** Install exactly what is listed: a lock file is complete. */
  readonly noDependencies: boolean;
  /** Options before the requirements, e.g. `--extra x`. */
  readonly extraArgs: readonly string[];
}

/** Nothing asked for; spread it and set what is wanted. */
export const emptyRequest: InstallRequest = {
  files: [],
  packages: [],
  requireHashes: false,
  noDependencies: false,
  extraArgs: [],
};

/** Command that installs into an environment, by its interpreter. */
export function installCommand(
  installer: Installer,
  interpreter: string,
  python: ResolvedPython,
  request: InstallRequest,
): Command {
  const wanted = [
    ...(request.requireHashes ? ['--require-hashes'] : []),
    ...(request.noDependencies ? ['--no-deps'] : []),
    ...request.extraArgs,
    ...python.pipArgs,
    ...request.files.flatMap((file) => ['-r', file]),
    ...(request.packages.length === 0 ? [] : ['--', ...request.packages]),
  ];
  const sources = sourceOptions(installer.kind, python);
  if (installer.kind === 'uv') {
    return [installer.program, 'pip', 'install', '--python', interpreter, ...sources, ...wanted];
  }
  // -I would not be enough: pip starts itself again for building; the environment is cleaned for that.
  const quiet = [
    '--disable-pip-version-check',
    '--no-input',
    '--progress-bar',
    'off',
    '--no-warn-script-location',
  ];
  return [interpreter, '-I', '-X', 'utf8', '-u', '-m', 'pip', 'install', ...quiet, ...sources, ...wanted];
}

/** Options that say where packages come from. */
export function sourceOptions(kind: Installer['kind'], python: ResolvedPython): string[] {
  const options: string[] = [];
  if (python.indexUrl !== null) options.push('--index-url', python.indexUrl);
  for (const url of python.extraIndexUrls) options.push('--extra-index-url', url);
  for (const place of python.findLinks) options.push('--find-links', place);
  if (python.offline) {
    // uv can work from its own cache; pip only from folders. With folders given, both use nothing else.
    if (kind === 'pip' || python.findLinks.length > 0) options.push('--no-index');
    if (kind === 'uv') options.push('--offline');
  }
  return options;
}
