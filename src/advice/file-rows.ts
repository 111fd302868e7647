import { bundleFile, type BundleFile } from './bundle-file.js';
import type { AdviceContext, AdviceRow } from './row.js';

/** A file that the program wants to read and does not find. */
export const missingDataFile: AdviceRow = {
  id: 'missing-data-file',
  title: 'A data file is missing',
  at: ['verify'],
  example:
    "FileNotFoundError: [Errno 2] No such file or directory: '/opt/My App/resources/engine/_internal/config/models.json'",
  pattern:
    /(?:FileNotFoundError|NotADirectoryError): \[(?:Errno|WinError) \d+\][^:\n]*: '([^'\n]*[\\/][^'\n]+)'/,
  fits: ([file = ''], context) => {
    const found = bundleFile(file, context.bundle);
    return found !== null && (found.where === 'contents' || originOf(found, context) !== 'nowhere');
  },
  cause: ([file = ''], context) => {
    const found = bundleFile(file, context.bundle) ?? { where: 'contents', path: file };
    if (found.where === 'beside')
      return `The program looks for ${found.path} beside its executable; what is collected lies in a folder of its own${context.bundle?.contents == null ? '' : ` (${context.bundle.contents})`}.`;
    return originOf(found, context) === 'nowhere'
      ? `The program reads ${found.path} from its own bundle, where it is not, and neither the sources nor the installed packages have it.`
      : `The program reads ${found.path} from its own bundle, where it is not: data files are collected only when they are named.`;
  },
  edit: ([file = ''], context) => {
    const found = bundleFile(file, context.bundle) ?? { where: 'contents', path: file };
    return found.where === 'beside' ? besideEdit(found, context) : contentEdit(found.path, context);
  },
};

/** The same in the words of a library. */
export const missingNamedFile: AdviceRow = {
  ...missingDataFile,
  id: 'missing-named-file',
  title: 'A file that a library names is missing',
  example: "RuntimeError: Directory '/opt/app/resources/engine/_internal/static' does not exist",
  pattern:
    /^[ |]*(?:\w+\.)*(?!PermissionError)\w*(?:Error|Exception|NotFound|Missing): (?!\[Errno (?:13|30)\])(?=[^\n]*(?:(?:not|n't) (?:exist|find|open|load|read)|non-existent|not found|[Nn]o such|[Mm]issing))[^\n]*?['"`]((?:[A-Za-z]:)?[\\/][^'"`\n]+)['"`]/m,
  fits: ([file = ''], context) => {
    const found = bundleFile(file, context.bundle);
    if (found === null) return false;
    const origin = originOf(found, context);
    return origin === 'unknown' || (origin !== 'nowhere' && context.bundle?.has(found.path) !== true);
  },
};

type Origin = 'collected' | 'source' | 'installed' | 'nowhere' | 'unknown';

function originOf({ where, path }: BundleFile, { origins, bundle }: AdviceContext): Origin {
  if (where === 'beside' && bundle?.has(path) === true) return 'collected';
  if (origins === undefined) return where === 'beside' ? 'nowhere' : 'unknown';
  if (origins.source(path) !== null) return 'source';
  return origins.installed(path) === null ? 'nowhere' : 'installed';
}

function besideEdit(found: BundleFile, context: AdviceContext): string {
  const { add, bundle, origins } = context;
  const isOnefile = bundle?.contents === null;
  const code = `\`electron_pyinstaller.resource_path('${found.path}')\` finds it wherever it lies.`;
  if (originOf(found, context) === 'collected')
    return isOnefile ? code : `${add("pyinstaller: { contentsDirectory: '.' }")} Or in the code: ${code}`;
  const collected = contentLine(found.path, context);
  if (isOnefile || collected === null || origins === undefined)
    return `${contentEdit(found.path, context)} In the code: ${code}`;
  return `${add(collected.startsWith('pyinstaller: { ') ? collected.replace('{ ', "{ contentsDirectory: '.', ") : `${collected}, pyinstaller: { contentsDirectory: '.' }`)} Or without that folder, in the code: ${code}`;
}

/** The line that collects what is meant by a path; null: nobody has it, or nobody knows who. */
export function contentLine(path: string, { origins }: AdviceContext): string | null {
  const own = origins?.source(path) ?? null;
  if (own !== null) {
    const isFolder = own.kind === 'folder' || (own.kind === 'code' && !/\.pyw?$/.test(path));
    return `data: [{ from: '${own.from}', to: '${isFolder ? path : folderOf(path)}' }]`;
  }
  const kind = origins?.installed(path) ?? null;
  const name = packageIn(path, origins);
  if (kind === null || name === null) return null;
  switch (kind) {
    case 'code':
      return `pyinstaller: { moduleCollectionMode: { '${name}': 'pyz+py' } }${moduleLine(path)}`;
    case 'library':
      return `collect: { binaries: ['${name}'] }`;
    case 'data':
    case 'folder':
      return `collect: { data: ['${name}'] }`;
    default:
      return kind satisfies never;
  }
}

/** Only modules that are in the bundle are also there as text. */
function moduleLine(path: string): string {
  const module = path.replace(/(?:\/__init__)?\.pyw?$/, '').replaceAll('/', '.');
  return /^[\w.]+$/.test(module) ? `, hiddenImports: ['${module}']` : '';
}

function contentEdit(path: string, context: AdviceContext): string {
  const { add, origins } = context;
  const line = contentLine(path, context);
  if (line !== null) return add(line);
  const [first = '', ...more] = path.split('/');
  const own = `data: [{ from: '<folder of the sources>/${path}', to: '${folderOf(path)}' }]`;
  if (origins !== undefined)
    return `${add(own.replace('<folder of the sources>', '<folder>'))} A file that the program makes itself belongs below \`electron_pyinstaller.user_data()\`.`;
  if (more.length === 0 || !/^[A-Za-z_]\w*$/.test(first)) return add(own);
  const packaged = path.endsWith('.py')
    ? `pyinstaller: { moduleCollectionMode: { '${first}': 'pyz+py' } }`
    : `collect: { data: ['${first}'] }`;
  return `${add(own)} If it belongs to a package: ${add(packaged)}`;
}

/** The outermost regular package around a file of an installed distribution, dotted; null: it is in none. */
function packageIn(path: string, origins: AdviceContext['origins']): string | null {
  const parts = path.split('/').slice(0, /\.\w+$/.test(path) ? -1 : undefined);
  const names = parts.map((_, index) => parts.slice(0, index + 1));
  const regular = names.find((name) => origins?.installed(`${name.join('/')}/__init__.py`) === 'code');
  const found = (regular ?? names[0] ?? []).join('.');
  return /^[A-Za-z_][\w.]*$/.test(found) ? found : null;
}

/** `a/b.txt` → `a`; the root is `.`. */
export function folderOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 1 ? parts.slice(0, -1).join('/') : '.';
}

/** Source text that code asks for. */
export const sourceNotAvailable: AdviceRow = {
  id: 'source-not-available',
  title: 'The source text of a function is asked for',
  at: ['verify'],
  example: 'OSError: could not get source code',
  // Who asks stands above the frames of `inspect`.
  pattern:
    /(?:could not get source code|TorchScript requires source access|OSError: source code not available)(?<=File "((?!(?:[^"\n]*[\\/])?inspect\.pyc?")[^"\n]+)", line \d+, in [^\n]+\n(?:(?!\s*File ")[^\n]*\n)*\s*File "(?:[^"\n]*[\\/])?inspect\.pyc?"[\s\S]{0,1500}?|)/,
  cause: () =>
    'A package reads its own source text at run time, and a frozen program holds only compiled code.',
  edit: ([file], { add }) => {
    const asking = file === undefined ? null : packageOfFrame(file);
    return asking === null
      ? add("pyinstaller: { moduleCollectionMode: { '<package>': 'pyz+py' } }")
      : `${add(`pyinstaller: { moduleCollectionMode: { '${asking}': 'pyz+py' } }`)} The text asked for may be of another module: then that one's name.`;
  },
};

/** The package (or the module at the top) of a file in a traceback. */
function packageOfFrame(file: string): string | null {
  const inside = bundleFile(file, undefined)?.path ?? file.replaceAll('\\', '/');
  const name = /^([A-Za-z_]\w*)(?:\/|\.pyw?$)/.exec(inside)?.[1];
  return name ?? null;
}
