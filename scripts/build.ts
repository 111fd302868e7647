/**
 * Builds dist/: everything as ES modules; what apps import also as one file each, for `import` and for `require`; the scripts of
 * the reports for browsers. A failed build leaves the old dist/ in place.
 */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { appEntryPoints, bundleForApps } from './bundle-app.ts';
import { bundleCommandLine } from './bundle-cli.ts';
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
};

const run = execa({ cwd: root, stdio: 'inherit', preferLocal: true, reject: false });

async function compile(): Promise<boolean> {
  const { failed } = await run('tsc', ['-p', 'tsconfig.json', '--outDir', fresh]);
  if (failed) return false;
  await mkdir(path.join(fresh, 'types'));
  for (const [name, entry] of Object.entries(entryPoints))
    await writeFile(path.join(fresh, 'types', `${name}.d.ts`), declarations(entry));
  for (const [name, entry] of Object.entries(appEntryPoints)) {
    const text = declarations(`runtime/${entry}.d.ts`);
    for (const ending of ['d.ts', 'd.cts'])
      await writeFile(path.join(fresh, 'types', `${name}.${ending}`), text);
    for (const ending of ['js', 'cjs'])
      await bundleForApps(entry, path.join(fresh, 'app', `${name}.${ending}`));
  }
  // What watches the sources in development, which the runtime loads from the installed package.
  await bundleForApps('dev/index', path.join(fresh, 'app', 'dev.cjs'));
  for (const name of ['client', 'flame'] as const) {
    const file = path.join(fresh, 'bundle', 'size-report', `report-${name}.js`);
    await writeFile(file, await bundleReportClient(name));
  }
  await rm(path.join(fresh, 'cli'), { recursive: true });
  await bundleCommandLine(path.join(fresh, 'cli'));
  await chmod(path.join(fresh, 'cli', 'main.js'), 0o755);
  return true;
}

function declarations(entry: string): string {
  return declarationText(readEntryPoint(path.join(fresh, entry)));
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
