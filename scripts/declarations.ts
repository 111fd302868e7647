/** What an entry point declares, read from the declaration files that the compiler writes: its own names, and all that those refer to. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where a name comes from. */
interface Origin {
  /** Absolute; or the name of another package. */
  readonly file: string;
  readonly name: string;
}

/** One name's declaration; several statements for overloads. */
export interface Declaration {
  readonly name: string;
  /** Without comments and without `export` and `declare`. */
  readonly bare: string;
  /** With comments, as a declaration file wants it. */
  readonly full: string;
}

/** Everything that an entry point declares. */
export interface EntryPoint {
  /** Exported names, with the name that each is declared by. */
  readonly exports: ReadonlyMap<string, string>;
  /** In the order they were reached. */
  readonly declarations: readonly Declaration[];
  /** Imports of other packages and of Node, as statements. */
  readonly imports: readonly string[];
}

/** What one file says. */
interface FileFacts {
  readonly declared: ReadonlyMap<string, Declaration>;
  /** Names from other files. */
  readonly imports: ReadonlyMap<string, Origin>;
  /** Whole statements of imports without braces, by the name they give. */
  readonly wholeImports: ReadonlyMap<string, string>;
  readonly exports: ReadonlyMap<string, Origin>;
}

const parsed = new Map<string, FileFacts>();

function factsOf(file: string): FileFacts {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const declared = new Map<string, Declaration>();
  const imports = new Map<string, Origin>();
  const wholeImports = new Map<string, string>();
  const exports = new Map<string, Origin>();
  for (const full of statements(readFileSync(file, 'utf8'))) {
    const statement = withoutComments(full);
    const from = / from '([^']+)';$/.exec(statement)?.[1];
    const source = from?.startsWith('.') === true ? declarationFile(file, from) : (from ?? file);
    const list = /^(?:import|export)(?: type)? (?:\w+, )?\{([^}]*)\}/.exec(statement)?.[1];
    const whole = /^import (?:type )?(?:\* as )?(\w+) from /.exec(statement)?.[1];
    if (/^export (?:type )?\*/.test(statement)) {
      // Only its types can be used: what is a value there brings nothing but what its type refers to.
      const isTypes = statement.startsWith('export type');
      for (const [name, origin] of factsOf(source).exports)
        if (!isTypes || !isValue(origin)) exports.set(name, origin);
    } else if (list !== undefined) {
      for (const item of list.split(',').map((part) => part.trim().replace(/^type /, ''))) {
        const [name = '', alias = name] = item.split(' as ');
        if (name === '') continue;
        (statement.startsWith('import') ? imports : exports).set(alias, { file: source, name });
      }
    } else if (/^export default \w+;$/.test(statement)) {
      exports.set('default', { file, name: statement.slice('export default '.length, -1) });
    } else if (whole !== undefined) {
      wholeImports.set(whole, statement);
    } else {
      const [, isExported, name] =
        /^(export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) (\w+)/.exec(
          statement,
        ) ?? [];
      if (name === undefined) {
        if (statement.startsWith('import')) continue;
        throw new Error(`${file}: not understood: ${statement}`);
      }
      const before = declared.get(name);
      const bare = statement.replace(/^export /, '').replace(/^declare /, '');
      const text = full.replace(/^export /m, '');
      declared.set(name, {
        name,
        bare: before === undefined ? bare : `${before.bare}\n${bare}`,
        full: before === undefined ? text : `${before.full}\n${text}`,
      });
      if (isExported !== undefined) exports.set(name, { file, name });
    }
  }
  const found = { declared, imports, wholeImports, exports };
  parsed.set(file, found);
  return found;
}

function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/.*)?$/.test(line))
    .join('\n')
    .trim();
}

/**
 * The statements of a declaration file as the compiler lays them out: each begins at the first column, below its comment. Private
 * fields are left out: they say nothing, and no program for ES5 may refer to a class with one.
 */
function statements(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^(?:\s*#private;|export \{\};|\/\/#.*)$/.test(line));
  let comment = '';
  return lines
    .join('\n')
    .split(/\n(?=(?:export|import|declare|interface|type|class)\b)/)
    .flatMap((piece) => {
      // What stands below a statement belongs to the next one.
      const code = piece.replace(/(?:\s*\/\*\*(?:(?!\*\/)[^])*\*\/)+\s*$/, '');
      const statement = `${comment}${code}`.trim();
      comment = `${piece.slice(code.length).trim()}\n`;
      return withoutComments(statement) === '' ? [] : [statement];
    });
}

function declarationFile(importer: string, specifier: string): string {
  const file = path.resolve(path.dirname(importer), specifier.replace(/\.js$/, '.d.ts'));
  if (!existsSync(file)) throw new Error(`${importer} imports ${specifier}, which has no declarations`);
  return file;
}

/** Follow a name through files that only pass it on, to the one that declares it; null: another package does. */
function declaredAt({ file, name }: Origin): Origin | null {
  if (!path.isAbsolute(file)) return null;
  const { declared, imports, exports } = factsOf(file);
  if (declared.has(name)) return { file, name };
  const next = imports.get(name) ?? exports.get(name);
  return next === undefined ? null : declaredAt(next);
}

function isValue(origin: Origin): boolean {
  const at = declaredAt(origin);
  const bare = at === null ? '' : (factsOf(at.file).declared.get(at.name)?.bare ?? '');
  return /^(?:const|function) /.test(bare);
}

/** Read an entry point from its declaration file. */
export function readEntryPoint(entry: string): EntryPoint {
  const { exports } = factsOf(entry);
  const seen = new Map<string, Declaration & { readonly file: string }>();
  const imported = new Map<string, Set<string>>();
  const queue: Origin[] = [...exports.values()];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const origin = declaredAt(at);
    if (origin === null) continue;
    const { declared, imports, wholeImports } = factsOf(origin.file);
    const declaration = declared.get(origin.name);
    const before = seen.get(origin.name);
    if (declaration === undefined || before?.file === origin.file) continue;
    if (before !== undefined)
      throw new Error(`${origin.name} is declared in ${before.file} and in ${origin.file}: rename one`);
    seen.set(origin.name, { ...declaration, file: origin.file });
    if (declaration.bare.includes('import("'))
      throw new Error(`${origin.file}: ${origin.name} refers to another file without importing it`);
    for (const [word] of declaration.bare.matchAll(/\b[A-Za-z_]\w*\b/g)) {
      const from = imports.get(word);
      const whole = wholeImports.get(word);
      if (declared.has(word)) queue.push({ file: origin.file, name: word });
      else if (from !== undefined) {
        const declaring = declaredAt(from);
        if ((declaring ?? from).name !== word)
          throw new Error(`${origin.file}: ${word} is imported by another name`);
        if (declaring !== null) queue.push(from);
        else imported.set(from.file, (imported.get(from.file) ?? new Set()).add(word));
      } else if (whole !== undefined) imported.set(whole, new Set());
    }
  }
  return {
    exports: new Map([...exports].map(([name, origin]) => [name, declaredAt(origin)?.name ?? origin.name])),
    declarations: [...seen.values()],
    imports: [...imported].map(([from, names]) =>
      names.size === 0 ? from : `import type { ${[...names].sort().join(', ')} } from '${from}';`,
    ),
  };
}

/** An entry point as one declaration file that needs no other file of the package. Pure. */
export function declarationText({ exports, declarations, imports }: EntryPoint): string {
  const names = [...exports].map(([name, declared]) => (name === declared ? name : `${declared} as ${name}`));
  const parts = [
    ...imports,
    ...declarations.map(({ full }) => full),
    `export { ${names.sort().join(', ')} };`,
  ];
  return `${parts.join('\n')}\n`;
}
