import * as z from 'zod';
import { backendSchema, type BackendConfig } from './backend.js';
import { group, inWords } from './group.js';
import { filePath, text } from './values.js';

/**
 * The whole configuration.
 *
 * Lives in `pyinstaller.config.ts` (or `.mts`, `.js`, `.mjs`, `.cjs`, `.json`, `.yml`, `.yaml`), under the key
 * `pyinstaller` of package.json, inline in the Forge plugin, or under `extraMetadata._pyinstaller` of electron-builder.
 */
export interface Config {
  /** Path or URL of the JSON Schema, for editors. Not interpreted. */
  $schema?: string;
  /**
   * The backends of the app, by name. A name becomes a folder in the app's resources and the name by which the app asks for
   * the backend.
   * @example { engine: { entry: { asgi: 'main:app' }, source: 'backend' } }
   */
  backends: Record<string, BackendConfig>;
  /**
   * Folder for environments and frozen bundles, relative to the project. The environment variable
   * `ELECTRON_PYINSTALLER_CACHE` goes before it. Left out: the user's cache folder.
   */
  cacheDir?: string;
  /**
   * Where the typed module for the main process is written, relative to the project. `false`: it is not written. Left out:
   * `src/backends.gen.ts` where there are a tsconfig.json and a folder src, else not at all.
   * @example 'src/main/backends.gen.ts'
   */
  generate?: string | false;
}

/**
 * Names that mean something else in the resources folder of an Electron app, or are not safe as keys or as file names
 * on Windows. In lower case; compared without regard to case.
 */
const reservedNames: ReadonlySet<string> = new Set([
  'app',
  'default_app',
  'electron',
  'locales',
  'node_modules',
  'resources',
  'con',
  'prn',
  'aux',
  'nul',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((number) => [`com${number}`, `lpt${number}`]),
  'prototype',
  ...Object.getOwnPropertyNames(Object.prototype).map((name) => name.toLowerCase()),
]);

/** Tell whether a backend cannot have this name although its letters are allowed. */
function isReservedName(name: string): boolean {
  return reservedNames.has(name.toLowerCase());
}

const backendName = inWords(
  z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/)
    .refine((name) => !isReservedName(name)),
  "a name for a backend such as 'engine' (letters, digits, - and _, beginning with a letter, at most 64; not a name Electron uses, such as 'app')",
);

/** The whole configuration. */
export const configSchema = group<Config>('Config')({
  $schema: text.optional(),
  backends: inWords(
    z.record(backendName, backendSchema),
    'an object with the backends by name, such as { engine: { entry: … } }',
  ),
  cacheDir: filePath.optional(),
  generate: inWords(
    z.union([z.literal(false), filePath]),
    "false, or a path such as 'src/backends.gen.ts'",
  ).optional(),
});
