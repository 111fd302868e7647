/** The command line with its packages, in few files: most of a command's time is finding and reading its own code. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
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
  const { metafile, outputFiles } = await build({
    entryPoints: ['main', 'follow-api'].map((name) => path.join(root, 'src/cli', `${name}.ts`)),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    external,
    chunkNames: 'part-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
    outdir: folder,
    absWorkingDir: root,
  });
  await mkdir(folder, { recursive: true });
  for (const { path: file, text } of outputFiles)
    await writeFile(file, path.basename(file).startsWith('part-') ? withoutFacades(text) : text);
  // Node looks for it from each module upwards, again and again until there is one.
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  const packages = new Set(Object.keys(metafile.inputs).flatMap((file) => packageOf(file) ?? []));
  const notices = await Promise.all([...packages].sort().map(notice));
  await writeFile(path.join(folder, 'third-party.txt'), notices.join('\n\n'));
}

/**
 * Take Node's own modules without `import`, which reads all that a module exports, and with it loads what nobody uses: a tenth of
 * the time of `--help`. What is started by its path keeps its imports, for versions of Node that are too old.
 */
function withoutFacades(text: string): string {
  const taken: string[] = [];
  const rest = text.replaceAll(
    /^import (?:(?<whole>[\w$]+)|\* as (?<all>[\w$]+)|(?<some>\{[^}]*\})) from "(?<name>node:[\w/]+)";\n/gmu,
    (...match) => {
      const { whole, all, some, name } = match.at(-1) as Partial<Record<string, string>>;
      const names = whole ?? all ?? (some ?? '').replaceAll(' as ', ': ');
      taken.push(`const ${names} = globalThis.process.getBuiltinModule("${name}");\n`);
      return '';
    },
  );
  // Packages in CommonJS ask for them by it.
  if (/\brequire\b/u.test(text))
    taken.push(
      'const require = globalThis.process.getBuiltinModule("node:module").createRequire(import.meta.url);\n',
    );
  return `${taken.join('')}${rest}`;
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
