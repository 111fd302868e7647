import path from 'node:path';
import { build } from 'esbuild';

const entry = path.resolve(import.meta.dirname, '../src/bundle/size-report/browser/client.ts');

/** The script of the size report in one piece, for a script element. */
export async function bundleReportClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    logLevel: 'warning',
  });
  return outputFiles.map(({ text }) => text).join('');
}
