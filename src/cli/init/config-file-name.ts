import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import picomatch from 'picomatch';
import { asRecord, namesIn, readText } from '../../lib/files.js';

/** What a tsconfig takes in, with what it inherits. */
interface Compilation {
  readonly folder: string;
  readonly files: readonly string[] | null;
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[] | null;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * The name for a new configuration file. A file that the project's compiler picks up may move its output (`dist/app.js` to
 * `dist/src/app.js`) or fail its type check, so TypeScript is used only where it changes nothing: where no tsconfig takes
 * it in, or where files beside it are taken in already.
 */
export async function configFileName(projectDir: string, isModulePackage: boolean): Promise<string> {
  const names = await namesIn(projectDir);
  const configs = names.filter((name) => /^tsconfig(?:\..*)?\.json$/.test(name));
  if (configs.length === 0) return 'pyinstaller.config.mjs';
  const compilations = await Promise.all(configs.map((name) => readCompilation(path.join(projectDir, name))));
  const picks = (name: string) =>
    compilations.filter((compilation) => takesIn(compilation, path.join(projectDir, name)));
  const beside = names.filter((name) => /\.[cm]?tsx?$/.test(name) && !/\.d\.[cm]?ts$/.test(name));
  const changesNothing = (name: string) =>
    picks(name).every(
      (compilation) =>
        beside.some((file) => takesIn(compilation, path.join(projectDir, file))) &&
        (isModulePackage || !/^node(?:16|18|next)$/i.test(text(compilation.options['module']))),
    );
  if (changesNothing('pyinstaller.config.ts')) return 'pyinstaller.config.ts';
  if (picks('pyinstaller.config.mjs').length === 0) return 'pyinstaller.config.mjs';
  // With allowJs the compiler takes JavaScript in too.
  return 'pyinstaller.config.yml';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether a compilation takes a file in, as the compiler decides. Pure. */
export function takesIn({ folder, files, include, exclude, options }: Compilation, file: string): boolean {
  const relative = path.relative(folder, file).replaceAll(path.sep, '/');
  if (/\.[cm]?jsx?$/.test(file) && options['allowJs'] !== true && options['checkJs'] !== true) return false;
  if (files?.some((name) => path.posix.normalize(name) === relative) === true) return true;
  // Without either, everything.
  const included = include ?? (files === null ? ['**/*'] : []);
  const outDir = text(options['outDir']);
  const excluded = exclude ?? [
    'node_modules',
    'bower_components',
    'jspm_packages',
    ...(outDir === '' ? [] : [outDir]),
  ];
  return (
    included.some((pattern) => matches(pattern, relative)) &&
    !excluded.some((pattern) => matches(pattern, relative))
  );
}

function matches(pattern: string, file: string): boolean {
  const plain = path.posix.normalize(pattern.replace(/^\$\{configDir\}\/?/, '')).replace(/\/$/, '');
  if (plain === '.') return true;
  // A folder stands for everything in it.
  return picomatch([plain, `${plain}/**`], { dot: false })(file);
}

async function readCompilation(file: string, depth = 0): Promise<Compilation> {
  const { parse } = await import('jsonc-parser');
  const content = asRecord(parse((await readText(file)) ?? '{}', [], { allowTrailingComma: true })) ?? {};
  const folder = path.dirname(file);
  const parents =
    depth > 8 ? [] : [content['extends']].flat().flatMap((name) => resolveExtends(name, folder));
  const inherited: Compilation[] = [];
  for (const parent of parents) inherited.push(await readCompilation(parent, depth + 1));
  const list = (key: 'files' | 'include' | 'exclude') => {
    const own = content[key];
    if (Array.isArray(own)) return own.map(text);
    const from = inherited.findLast((parent) => parent[key] !== null);
    const names = from?.[key] ?? null;
    // Paths of a parent are relative to where it stands.
    return names === null || from === undefined
      ? null
      : names.map(
          (name) => path.relative(folder, path.resolve(from.folder, name)).replaceAll(path.sep, '/') || '.',
        );
  };
  return {
    folder,
    files: list('files'),
    include: list('include'),
    exclude: list('exclude'),
    options: Object.assign(
      {},
      ...inherited.map(({ options }) => options),
      asRecord(content['compilerOptions']) ?? {},
    ) as Record<string, unknown>,
  };
}

function resolveExtends(name: unknown, folder: string): string[] {
  if (typeof name !== 'string') return [];
  const places =
    name.startsWith('.') || path.isAbsolute(name)
      ? [path.resolve(folder, name), path.resolve(folder, `${name}.json`)]
      : [];
  const there = places.find((place) => place.endsWith('.json') && existsSync(place));
  if (there !== undefined) return [there];
  const require = createRequire(path.join(folder, 'tsconfig.json'));
  for (const candidate of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return [require.resolve(candidate)];
    } catch {
      // The next spelling.
    }
  }
  return [];
}
