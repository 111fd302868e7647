/** Bundles the main process, the preload script and the page into build/. */
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const common = { bundle: true, sourcemap: true, logLevel: 'warning' };
const node = { ...common, platform: 'node', target: 'node22', external: ['electron'] };

await rm('build', { recursive: true, force: true });
await mkdir('build/page', { recursive: true });
await Promise.all([
  build({ ...node, entryPoints: ['src/main.ts'], outfile: 'build/main.js', format: 'esm' }),
  // A sandboxed preload script has to be CommonJS.
  build({ ...node, entryPoints: ['src/preload.ts'], outfile: 'build/preload.cjs', format: 'cjs' }),
  build({
    ...common,
    entryPoints: ['src/page/page.ts', 'src/page/page.css'],
    outdir: 'build/page',
    format: 'esm',
    target: 'es2023',
  }),
  copyFile('src/page/index.html', 'build/page/index.html'),
]);
