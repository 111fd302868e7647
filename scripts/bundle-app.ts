/** What apps import, as one file for each entry point and kind of module. */
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** Entry points that run in apps, below src/runtime; see docs/adr/0014-one-file-for-each-entry.md. */
export const appEntryPoints = {
  runtime: 'index',
  preload: 'preload',
  client: 'client/index',
  diagnose: 'diagnose/index',
} as const;

/**
 * Bundle an entry point. Readable, since who debugs an app reads it: shortened names would save a millisecond of 5 ms. In ASCII: other
 * letters make Node hold the text in two bytes each and read it half as fast.
 *
 * @param entry - below src/runtime, without ending
 * @param outfile - absolute; `.cjs` for `require`
 */
export async function bundleForApps(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [path.join(root, 'src/runtime', `${entry}.ts`)],
    bundle: true,
    format: outfile.endsWith('.cjs') ? 'cjs' : 'esm',
    platform: 'node',
    legalComments: 'none',
    logLevel: 'warning',
    outfile,
  });
}
