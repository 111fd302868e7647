/** A copy of the repository in which Windows Node can run its tests: with the native parts of the tools for Windows. */
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { unpackPackage } from './bench.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Packages whose native part is another package for each system. */
const natives: Readonly<Record<string, string>> = {
  rolldown: '@rolldown/binding-win32-x64-msvc',
  esbuild: '@esbuild/win32-x64',
  oxfmt: '@oxfmt/binding-win32-x64-msvc',
  lightningcss: 'lightningcss-win32-x64-msvc',
  typescript: '@typescript/typescript-win32-x64',
};

/** Copy what git knows or would add, the build, and the installed packages. */
export async function copyTree(bench: string): Promise<string> {
  const tree = path.join(bench, 'tree');
  for (const name of ['src', 'test', 'scripts', 'companion', 'docs', 'dist'])
    await rm(path.join(tree, name), { recursive: true, force: true });
  await mkdir(tree, { recursive: true });
  const { stdout } = await execa('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root });
  for (const name of stdout.split('\0')) {
    // Deleted in the working copy, not yet in git.
    const source = path.join(root, name);
    if (name !== '' && (await stat(source).catch(() => null)) !== null)
      await cp(source, path.join(tree, name), { recursive: true });
  }
  await cp(path.join(root, 'dist'), path.join(tree, 'dist'), { recursive: true });
  await copyPackages(bench, tree);
  return tree;
}

/** Anew when the lock file or the native parts changed. */
async function copyPackages(bench: string, tree: string): Promise<void> {
  const lock = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  const wanted = lock + JSON.stringify(natives);
  const modules = path.join(tree, 'node_modules');
  const copied = path.join(modules, '.copied-lock.json');
  if ((await readFile(copied, 'utf8').catch(() => '')) === wanted) return;
  await rm(modules, { recursive: true, force: true });
  await execa('cp', ['-a', '--reflink=auto', path.join(root, 'node_modules'), modules]);
  for (const [name, native] of Object.entries(natives)) {
    const { version } = JSON.parse(await readFile(path.join(modules, name, 'package.json'), 'utf8')) as {
      version: string;
    };
    const downloads = path.join(bench, 'downloads');
    await execa('npm', ['pack', '--silent', `${native}@${version}`], { cwd: downloads });
    const archive = `${native.replace('@', '').replace('/', '-')}-${version}.tgz`;
    await unpackPackage(path.join(downloads, archive), path.join(modules, native));
  }
  await writeFile(copied, wanted);
}
