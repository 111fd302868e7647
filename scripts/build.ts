/** Builds dist/: everything as ES modules, the runtime also as CommonJS, the script of the size report for browsers. A failed build leaves the old dist/ in place. */
import { access, chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { bundleReportClient } from './bundle-report-client.ts';
import { declarationText, readEntryPoint } from './declarations.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const fresh = path.join(root, `dist.${process.pid}`);

/** What is imported of the package. Of each, users get one file of declarations: those behind it need zod's types and private fields. */
const entryPoints = {
  index: 'index.d.ts',
  forge: 'hosts/forge/index.d.ts',
  'electron-builder': 'hosts/electron-builder/preset.d.ts',
  'electron-builder-hook': 'hosts/electron-builder/hook.d.ts',
  runtime: 'runtime/index.d.ts',
  diagnose: 'runtime/diagnose/index.d.ts',
  client: 'runtime/client/index.d.ts',
};
const run = execa({ cwd: root, stdio: 'inherit', preferLocal: true, reject: false });

async function compile(): Promise<boolean> {
  for (const [project, folder] of [
    ['tsconfig.json', fresh],
    ['tsconfig.cjs.json', path.join(fresh, 'cjs')],
  ] as const) {
    const { failed } = await run('tsc', ['-p', project, '--outDir', folder]);
    if (failed) return false;
  }
  await writeFile(path.join(fresh, 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
  for (const [name, entry] of Object.entries(entryPoints)) {
    const text = declarationText(readEntryPoint(path.join(fresh, entry)));
    await mkdir(path.join(fresh, 'types'), { recursive: true });
    await writeFile(path.join(fresh, 'types', `${name}.d.ts`), text);
    // For `require`, which has what runs in the app only.
    if (entry.startsWith('runtime/')) await writeFile(path.join(fresh, 'cjs', `${name}.d.ts`), text);
  }
  await writeFile(path.join(fresh, 'bundle', 'size-report', 'report-client.js'), await bundleReportClient());
  await access(path.join(fresh, 'cli', 'main.js'));
  await chmod(path.join(fresh, 'cli', 'main.js'), 0o755);
  return true;
}

try {
  if (await compile()) {
    await rm(dist, { recursive: true, force: true });
    await rename(fresh, dist);
  } else {
    process.exitCode = 1;
  }
} finally {
  await rm(fresh, { recursive: true, force: true });
}
