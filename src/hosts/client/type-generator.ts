import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { copy, outputJson, pathExists } from 'fs-extra/esm';
import { PyInstallerError } from '../../errors.js';
import { withFileLock } from '../../lib/file-lock.js';
import { asRecord, readJson } from '../../lib/files.js';
import { findPackage } from '../../lib/find-package.js';
import { describeEnd, run } from '../../lib/run.js';
import type { WorkOptions } from '../../report.js';
import { eventRoutes } from './events.js';
import type { OpenApiDocument } from './openapi.js';

/** Makes TypeScript of an OpenAPI document. */
export interface TypeGenerator {
  /** Such as `openapi-typescript 7.13.0`. */
  readonly version: string;
  /** The types, as the library writes them, and the interface `events`, which is ours. */
  generate(document: OpenApiDocument): Promise<{ readonly types: string; readonly events: string }>;
}

/** What is used of openapi-typescript, version 7. */
interface Library {
  readonly default: (document: unknown, options?: { readonly silent?: boolean }) => Promise<unknown[]>;
  readonly astToString: (ast: unknown) => string;
}

/** What is installed where the project has none that can run, exact: the same document gives the same types everywhere. */
const own = { 'openapi-typescript': '7.13.0', typescript: '5.9.3' } as const;

/** Milliseconds an installation may take. */
const installTimeoutMs = 300_000;

/**
 * openapi-typescript with the TypeScript it runs with: the project's own when it has one that works, else one in the cache
 * folder. A project with TypeScript 6 or 7 cannot install it (docs/adr/0009).
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` when it can be had nowhere, `ERR_CANCELLED`.
 */
export async function findTypeGenerator(projectDir: string, options: WorkOptions): Promise<TypeGenerator> {
  const directory = (await usable(projectDir)) ?? (await installed(projectDir, options));
  return { version: await versionOf(directory), generate: (document) => generate(directory, document) };
}

/** The version that {@link findTypeGenerator} will find. */
export async function generatorVersion(projectDir: string): Promise<string> {
  const directory = await usable(projectDir);
  return directory === null ? `openapi-typescript ${own['openapi-typescript']}` : await versionOf(directory);
}

async function versionOf(directory: string): Promise<string> {
  return `openapi-typescript ${await packageVersionIn(directory)}`;
}

/** Folder of an openapi-typescript that is found from a folder and finds a TypeScript which is a library; null: none. */
async function usable(from: string): Promise<string | null> {
  const directory = await findPackage(from, ['openapi-typescript']);
  if (directory === null || !(await packageVersionIn(directory)).startsWith('7.')) return null;
  const typescript = await findPackage(directory, ['typescript']);
  // From version 7 on the package is a compiler and no library.
  return typescript !== null && Number.parseInt(await packageVersionIn(typescript), 10) < 7
    ? directory
    : null;
}

async function packageVersionIn(directory: string): Promise<string> {
  const version = asRecord(await readJson(path.join(directory, 'package.json')))?.['version'];
  return typeof version === 'string' ? version : '';
}

/** {@link own} in the cache folder, installed when it is not there. */
async function installed(projectDir: string, { cacheDir, signal, report }: WorkOptions): Promise<string> {
  const name = Object.entries(own)
    .map(([library, version]) => `${library}-${version}`)
    .join('-');
  const folder = path.join(cacheDir, 'tools', name);
  const library = path.join(folder, 'node_modules', 'openapi-typescript');
  if (await pathExists(folder)) return library;
  return await withFileLock(path.join(cacheDir, 'locks', `${name}.lock`), { signal }, async () => {
    if (await pathExists(folder)) return library;
    report?.({
      type: 'stage',
      backend: '',
      stage: 'types',
      title: 'Installing openapi-typescript',
      elapsedMs: 0,
    });
    const fresh = `${folder}.new`;
    await rm(fresh, { recursive: true, force: true });
    await outputJson(path.join(fresh, 'package.json'), { private: true, dependencies: own });
    // Where the project's packages come from.
    const settings = path.join(fresh, '.npmrc');
    if (await pathExists(path.join(projectDir, '.npmrc')))
      await copy(path.join(projectDir, '.npmrc'), settings);
    const result = await run(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'],
      { cwd: fresh, timeoutMs: installTimeoutMs, signal },
    );
    await rm(settings, { force: true });
    if (result.cancelled)
      throw new PyInstallerError('ERR_CANCELLED', 'Installing openapi-typescript was cancelled.');
    if (result.exitCode !== 0) {
      await rm(fresh, { recursive: true, force: true });
      const output = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-12).join('\n');
      throw new PyInstallerError(
        'ERR_ENVIRONMENT',
        `Making types of an API needs openapi-typescript. The project has none that can run, and npm could not install it in ${folder}: ${result.timedOut ? 'it took too long' : describeEnd(result)}.\n${output}`,
        {
          hint: `Run \`npx electron-pyinstaller generate\` where npm reaches its registry; what it installs stays in the cache folder. A project with TypeScript 5 can have its own: npm install --save-dev openapi-typescript@${own['openapi-typescript']}`,
        },
      );
    }
    await rename(fresh, folder);
    return library;
  });
}

async function generate(
  directory: string,
  document: OpenApiDocument,
): Promise<{ types: string; events: string }> {
  const require = createRequire(path.join(directory, 'package.json'));
  const library = require('openapi-typescript') as Library;
  // It changes what it is given.
  const types = library.astToString(await library.default(structuredClone(document), { silent: true }));
  return { types, events: await eventsText(library, document) };
}

/** A name that no schema has. */
const eventsSchema = 'events of electron-pyinstaller';

/** The interface `events`: what openapi-typescript, which knows no `itemSchema`, makes of an object with a key for each route. */
async function eventsText(library: Library, document: OpenApiDocument): Promise<string> {
  const properties = Object.fromEntries(eventRoutes(document));
  const routes = Object.keys(properties);
  if (routes.length === 0) return 'export type events = Record<string, never>;\n';
  const components = asRecord(document['components']) ?? {};
  const schema = { type: 'object', properties, required: routes };
  const nodes = await library.default(
    structuredClone({
      ...document,
      paths: {},
      components: { ...components, schemas: { ...asRecord(components['schemas']), [eventsSchema]: schema } },
    }),
    { silent: true },
  );
  const all = member(
    nodes.find((node) => nameOf(node) === 'components'),
    'schemas',
  );
  const type = asRecord(member(asRecord(all)?.['type'], eventsSchema))?.['type'];
  return `export type events = ${library.astToString([type]).trim()};\n`;
}

function member(node: unknown, name: string): unknown {
  const members = asRecord(node)?.['members'];
  return Array.isArray(members) ? members.find((one: unknown) => nameOf(one) === name) : undefined;
}

function nameOf(node: unknown): unknown {
  return asRecord(asRecord(node)?.['name'])?.['text'];
}
