/** The command line with its packages, in few files: most of a command's time is finding and reading its own code. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** Found in its folder by its own code, or large and seldom used. */
const external = ['jiti', '@cyclonedx/*'];

/**
 * Bundle what is started by its path: the command, and the program that follows an API in development.
 *
 * @param folder - absolute; as deep below the package as `src/cli`
 */
export async function bundleCommandLine(folder: string): Promise<void> {
  const { metafile } = await build({
    entryPoints: ['main', 'follow-api'].map((name) => path.join(root, 'src/cli', `${name}.ts`)),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    external,
    // Packages in CommonJS ask for Node's modules by it.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    chunkNames: 'part-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    outdir: folder,
    absWorkingDir: root,
  });
  const packages = new Set(Object.keys(metafile.inputs).flatMap((file) => packageOf(file) ?? []));
  const notices = await Promise.all([...packages].sort().map(notice));
  await writeFile(path.join(folder, 'third-party.txt'), notices.join('\n\n'));
}

/** Folder of the package that a file belongs to; null: to this one. */
function packageOf(file: string): string | null {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;
}

/** Name, version and licence of a package, as its licence asks for. */
async function notice(folder: string): Promise<string> {
  const directory = path.join(root, folder);
  const about = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const file = (await readdir(directory)).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? '' : await readFile(path.join(directory, file), 'utf8');
  return `${about.name} ${about.version} (${about.license ?? 'see below'})\n\n${text.trim()}`;
}
