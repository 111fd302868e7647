import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { plainData } from '../check/plain.js';
import { problemsError, type ConfigOrigin } from '../check/problem.js';
import { parseJson, readConfigFile, readText } from './read-file.js';
import { configSchema, type Config } from '../schema/index.js';
import { validate } from '../check/validate.js';
import { shownPath } from '../../lib/paths.js';

/** Names a configuration file may have, in the project folder. */
export const configFileNames: readonly string[] = [
  'ts',
  'mts',
  'js',
  'mjs',
  'cjs',
  'json',
  'yml',
  'yaml',
].map((extension) => `pyinstaller.config.${extension}`);

/** What {@link loadConfig} is given. */
export interface LoadOptions {
  /** Folder of the project (where package.json is). */
  readonly projectDir: string;
  /** A configuration file to read instead of looking for one; relative to the project. */
  readonly file?: string;
  /**
   * A configuration given directly (or a function that makes it), by the Forge plugin or by electron-builder's
   * `extraMetadata`. Undefined, null and an empty object count as not given.
   */
  readonly inline?: unknown;
  /** Where `inline` was written, for messages. Default: `the inline configuration`. */
  readonly inlineSource?: string;
  /** Path in front of `inline` in the place where it was written, e.g. `['extraMetadata', '_pyinstaller']`. */
  readonly inlinePrefix?: readonly string[];
}

/** A configuration that was found, read and checked against the schema. */
export interface LoadedConfig extends ConfigOrigin {
  /** Absolute. */
  readonly projectDir: string;
  /** As the user wrote it; plain data. */
  readonly config: Config;
}

/** A place where a configuration was found. */
interface Source extends ConfigOrigin {
  readonly read: () => unknown;
}

/**
 * Find the one configuration of a project, read it and check every key and type in it.
 *
 * Looked for: `inline`, then `file`, else `pyinstaller.config.*` and the key `pyinstaller` of package.json. More than one
 * is an error, because one of them would silently be ignored; an explicit `file` alone wins over the found ones.
 *
 * @throws PyInstallerError `ERR_CONFIG`: no configuration, more than one, a file that cannot be read (with line and
 * column), or the list of everything that is wrong in it (file, path, value, what is allowed, nearest key).
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const projectDir = path.resolve(options.projectDir);
  const source = await chooseSource(projectDir, options);
  const raw = await source.read();
  const { value, problems } = plainData(raw);
  const origin: ConfigOrigin = { configFile: source.configFile, file: source.file, prefix: source.prefix };
  if (problems.length > 0) throw problemsError(origin, problems);
  const wrong = validate(configSchema, value);
  if (wrong.length > 0) throw problemsError(origin, wrong);
  return { ...origin, projectDir, config: value as Config };
}

async function chooseSource(projectDir: string, options: LoadOptions): Promise<Source> {
  const inline = inlineSource(options);
  const explicit = options.file === undefined ? null : fileSource(projectDir, options.file);
  const sources = [
    ...(inline === null ? [] : [inline]),
    ...(explicit === null ? await foundSources(projectDir) : [explicit]),
  ];
  const [first, second] = sources;
  if (first === undefined) throw nothingFound(projectDir);
  if (second !== undefined) throw severalFound(sources);
  return first;
}

function inlineSource(options: LoadOptions): Source | null {
  const { inline } = options;
  if (inline === undefined || inline === null) return null;
  if (typeof inline === 'object' && !Array.isArray(inline) && Object.keys(inline).length === 0) return null;
  const configFile = options.inlineSource ?? 'the inline configuration';
  return {
    configFile,
    file: null,
    prefix: options.inlinePrefix ?? [],
    read: () => (typeof inline === 'function' ? callInline(inline as () => unknown, configFile) : inline),
  };
}

async function callInline(make: () => unknown, configFile: string): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PyInstallerError(
      'ERR_CONFIG',
      `${configFile}: the function that makes the configuration failed: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

function fileSource(projectDir: string, name: string): Source {
  const file = path.resolve(projectDir, name);
  const configFile = shownPath(projectDir, file);
  if (path.basename(file) === 'package.json') return packageSource(file, configFile);
  return { configFile, file, prefix: [], read: () => readConfigFile(file, configFile) };
}

function packageSource(file: string, configFile: string): Source {
  return {
    configFile,
    file,
    prefix: ['pyinstaller'],
    read: async () => (await readPackage(file, configFile))['pyinstaller'],
  };
}

async function readPackage(file: string, shownAs: string): Promise<Record<string, unknown>> {
  const value = parseJson(await readText(file, shownAs), file, shownAs);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

async function foundSources(projectDir: string): Promise<Source[]> {
  const sources = configFileNames
    .filter((name) => isFile(path.join(projectDir, name)))
    .map((name) => fileSource(projectDir, name));
  const packageFile = path.join(projectDir, 'package.json');
  if (isFile(packageFile) && Object.hasOwn(await readPackage(packageFile, 'package.json'), 'pyinstaller'))
    sources.push(packageSource(packageFile, 'package.json'));
  return sources;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

const example = `pyinstaller.config.json, for example:
  { "backends": { "engine": { "entry": { "asgi": "main:app" }, "source": "backend", "requirements": "backend/requirements.txt" } } }`;

function nothingFound(projectDir: string): PyInstallerError {
  const problem = existsSync(projectDir) ? '' : ' (the folder does not exist)';
  return new PyInstallerError(
    'ERR_CONFIG',
    `No configuration of electron-pyinstaller was found. Looked in ${projectDir}${problem} for pyinstaller.config.{ts,mts,js,mjs,cjs,json,yml,yaml} ` +
      'and for the key "pyinstaller" in package.json.',
    { hint: `Run "npx electron-pyinstaller init", or write ${example}` },
  );
}

function severalFound(sources: readonly Source[]): PyInstallerError {
  const names = sources.map((source) =>
    source.prefix.length > 0 ? `${source.configFile} (key "${source.prefix.join('.')}")` : source.configFile,
  );
  return new PyInstallerError(
    'ERR_CONFIG',
    `Several configurations of electron-pyinstaller were found and only one can be used: ${names.join(' and ')}.`,
    { hint: 'Keep one and delete the others.' },
  );
}
