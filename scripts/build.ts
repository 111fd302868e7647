/** Builds dist/: everything as ES modules, the runtime also as CommonJS. */
import { rm, writeFile, chmod, access } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const run = execa({ cwd: root, stdio: 'inherit', preferLocal: true });

await rm(dist, { recursive: true, force: true });
await run('tsc', ['-p', 'tsconfig.json']);
await run('tsc', ['-p', 'tsconfig.cjs.json']);
await writeFile(path.join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
const cli = path.join(dist, 'cli', 'main.js');
if (
  await access(cli).then(
    () => true,
    () => false,
  )
)
  await chmod(cli, 0o755);
