import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Root of this package; `src` and `dist` are equally deep. */
export const packageDir = path.resolve(import.meta.dirname, '../..');

/** Its code: `src` or `dist`. */
export const codeDir = path.resolve(import.meta.dirname, '..');

/** The Python side. */
export const companionDir = path.join(packageDir, 'companion');

/** Version of this package, as its package.json says. */
export const packageVersion: string = (
  JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as { version: string }
).version;
