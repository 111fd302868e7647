/**
 * Writes etc/*.api.md: every name that the package exports, with its declaration and those it refers to, taken from the emitted
 * declaration files, without comments. A change of the public surface is then seen in review. Run after a build.
 * With `--check` nothing is written; the exit code is 1 when a report is not up to date.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const entries = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
};

/** Where a name comes from. */
interface Origin {
  readonly file: string;
  readonly name: string;
}

/** What one declaration file says. */
interface Declarations {
  /** Texts by name; several for overloads. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** Names from other files. */
  readonly imports: ReadonlyMap<string, Origin>;
  readonly exports: ReadonlyMap<string, Origin>;
}

const parsed = new Map<string, Declarations>();

function declarations(file: string): Declarations {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const texts = new Map<string, string[]>();
  const imports = new Map<string, Origin>();
  const exports = new Map<string, Origin>();
  for (const statement of statements(readFileSync(file, 'utf8'))) {
    const from = / from '([^']+)';$/.exec(statement)?.[1];
    const source = from?.startsWith('.') === true ? declarationFile(file, from) : (from ?? file);
    const list = /^(?:import|export)(?: type)? (?:\w+, )?\{([^}]*)\}/.exec(statement)?.[1];
    if (/^export (?:type )?\*/.test(statement)) {
      for (const [name, origin] of declarations(source).exports) exports.set(name, origin);
    } else if (list !== undefined) {
      for (const item of list.split(',').map((part) => part.trim().replace(/^type /, ''))) {
        const [name = '', alias = name] = item.split(' as ');
        if (name === '') continue;
        (statement.startsWith('import') ? imports : exports).set(alias, { file: source, name });
      }
    } else if (/^export default \w+;$/.test(statement)) {
      exports.set('default', { file, name: statement.slice('export default '.length, -1) });
    } else {
      const [, isExported, name] =
        /^(export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) (\w+)/.exec(
          statement,
        ) ?? [];
      if (name === undefined) {
        if (statement.startsWith('import')) continue;
        throw new Error(`${file}: not understood: ${statement}`);
      }
      texts.set(name, [
        ...(texts.get(name) ?? []),
        statement.replace(/^export /, '').replace(/^declare /, ''),
      ]);
      if (isExported !== undefined) exports.set(name, { file, name });
    }
  }
  const found = { texts, imports, exports };
  parsed.set(file, found);
  return found;
}

/** The statements of a declaration file as the compiler lays them out: each begins at the first column. */
function statements(text: string): string[] {
  return text
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/.*|#private;|export \{\};)?$/.test(line))
    .join('\n')
    .split(/\n(?=(?:export|import|declare|interface|type|class)\b)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function declarationFile(importer: string, specifier: string): string {
  const file = path.resolve(path.dirname(importer), specifier.replace(/\.js$/, '.d.ts'));
  if (!existsSync(file)) throw new Error(`${importer} imports ${specifier}, which has no declarations`);
  return file;
}

/** Follow a name through files that only pass it on, to the one that declares it; null: another package does. */
function declaredAt({ file, name }: Origin): Origin | null {
  if (!path.isAbsolute(file)) return null;
  const { texts, imports, exports } = declarations(file);
  if (texts.has(name)) return { file, name };
  const next = imports.get(name) ?? exports.get(name);
  return next === undefined ? null : declaredAt(next);
}

/** A report of one entry point. */
function report(title: string, entry: string): string {
  const { exports } = declarations(entry);
  const seen = new Map<string, string>();
  const queue: Origin[] = [...exports.values()];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const origin = declaredAt(at);
    if (origin === null || seen.has(`${origin.file}\0${origin.name}`)) continue;
    const { texts, imports } = declarations(origin.file);
    const text = (texts.get(origin.name) ?? []).join('\n');
    seen.set(`${origin.file}\0${origin.name}`, text);
    for (const [word] of text.matchAll(/\b[A-Za-z_]\w*\b/g)) {
      const imported = imports.get(word);
      if (texts.has(word)) queue.push({ file: origin.file, name: word });
      else if (imported !== undefined) queue.push(imported);
    }
  }
  const names = [...exports].map(([name, origin]) =>
    name === origin.name ? name : `${origin.name} as ${name}`,
  );
  return [
    '<!-- Written by scripts/api-report.ts from the emitted declarations. Do not edit. -->',
    `# ${title}`,
    `Exports: ${names.sort().join(', ')}.`,
    ['```ts', ...[...seen.values()].sort(), '```'].join('\n'),
    '',
  ].join('\n\n');
}

await mkdir(path.join(root, 'etc'), { recursive: true });
for (const [name, target] of Object.entries(entries.exports)) {
  const types = typesOf(target);
  if (types === null) continue;
  const title = path.posix.join('electron-pyinstaller', name);
  const file = path.join(root, 'etc', `${name === '.' ? 'index' : path.posix.basename(name)}.api.md`);
  const text = report(title, path.join(root, types));
  const shown = path.relative(root, file);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === text) continue;
  if (check) {
    console.error(
      `${shown}: not up to date: the public surface changed. If it should, run "npm run build && npm run gen".`,
    );
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`${shown}: written`);
  }
}

/** The declaration file of an entry point, ES modules first; null: it has none. */
function typesOf(target: unknown): string | null {
  if (typeof target !== 'object' || target === null) return null;
  const conditions = target as Readonly<Record<string, unknown>>;
  const types = conditions['types'];
  return typeof types === 'string' ? types : typesOf(conditions['import']);
}
