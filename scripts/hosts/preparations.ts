/** What some layouts need besides: a person who wants several makers or architectures has to say so. */
import { cp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

type Run = (command: string) => Promise<unknown>;

/** A second maker. */
export async function useZipAndDeb(project: string, run: Run): Promise<void> {
  await run('npm install --no-audit --no-fund --ignore-scripts --save-dev @electron-forge/maker-deb@8.0.1');
  await replaceIn(
    path.join(project, 'forge.config.js'),
    "makers: [{ name: '@electron-forge/maker-zip' }",
    "makers: [{ name: '@electron-forge/maker-zip' }, { name: '@electron-forge/maker-deb' }",
  );
}

/** A bundle for arm64, as another machine would have frozen it: this machine's, with programs and libraries marked as arm64. */
export async function bringArm64(project: string, run: Run): Promise<void> {
  await run('npx electron-pyinstaller build --out frozen');
  const bundle = path.join(project, 'frozen/linux-arm64/engine');
  await cp(path.join(project, 'frozen/linux-x64/engine'), bundle, {
    recursive: true,
    verbatimSymlinks: true,
  });
  // It says for which machine the bundle is, and that nothing was changed.
  await rm(path.join(bundle, 'electron-pyinstaller-bundle.json'));
  for (const entry of await readdir(bundle, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await markAsArm64(path.join(entry.parentPath, entry.name));
  const [config = ''] = (await readdir(project)).filter((name) => name.startsWith('pyinstaller.config.'));
  await replaceIn(
    path.join(project, config),
    'engine: {',
    "engine: {\n      prebuilt: { 'linux-arm64': 'frozen/linux-arm64/engine' },",
  );
}

async function markAsArm64(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const head = Buffer.alloc(20);
    await handle.read(head, 0, 20, 0);
    const isElf = head.readUInt32BE(0) === 0x7f454c46;
    // e_machine: EM_AARCH64.
    if (isElf) await handle.write(Buffer.from([183, 0]), 0, 2, 18);
  } finally {
    await handle.close();
  }
}

async function replaceIn(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${path.basename(file)} does not hold \`${from}\`.`);
  await writeFile(file, text.replace(from, to));
}
