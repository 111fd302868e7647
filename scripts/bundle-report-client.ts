import path from 'node:path';
import { build } from 'esbuild';

const folder = path.resolve(import.meta.dirname, '../src/bundle/size-report/browser');

/** Script of a report in one piece, for a script element: `client` of the size report, `flame` of the one about a start. */
export async function bundleReportClient(name: 'client' | 'flame'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, `${name}.ts`)],
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
