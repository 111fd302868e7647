import type { Config } from './schema/index.js';

/** A configuration, or a function that makes one. */
export type ConfigInput = Config | (() => Config | Promise<Config>);

/**
 * Give a configuration its type, so that editors complete and explain its keys. Returns what it is given.
 *
 * @example
 * ```ts
 * // pyinstaller.config.ts
 * import { defineConfig } from 'electron-pyinstaller';
 *
 * export default defineConfig({
 *   backends: {
 *     engine: { entry: { asgi: 'main:app' }, source: 'backend', requirements: 'backend/requirements.txt' },
 *   },
 * });
 * ```
 */
export function defineConfig(config: Config): Config;
export function defineConfig(config: () => Promise<Config>): () => Promise<Config>;
export function defineConfig(config: () => Config): () => Config;
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
