import path from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { repositoryDir } from '../support/paths.js';

/** Bytes of the runtime by source file, minified as an app's own bundler does it. */
async function bytesByFile(): Promise<ReadonlyMap<string, number>> {
  const { metafile } = await build({
    entryPoints: [path.join(repositoryDir, 'src/runtime/index.ts')],
    absWorkingDir: repositoryDir,
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    minify: true,
    write: false,
    metafile: true,
    external: ['node:*'],
    outdir: '/out',
  });
  return new Map(
    Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const),
    ),
  );
}

test('who uses neither diagnosis nor a typed client does not carry them, and crashes told by name are small', async () => {
  const bytes = await bytesByFile();
  const isOwn = (file: string): boolean => /^src\/runtime\/(?:diagnose|client)\//.test(file);
  expect([...bytes.keys()].filter(isOwn)).toEqual([]);
  // All of it is there for crashes; what other files do for them is 130 bytes (docs/adr/0005).
  const crashes = bytes.get('src/runtime/life/native-crash.ts');
  expect(crashes).toBeGreaterThan(1000);
  expect(crashes).toBeLessThan(3800);
});
