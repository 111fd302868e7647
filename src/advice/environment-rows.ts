import { bundleFile } from './bundle-file.js';
import { contentLine, folderOf } from './file-rows.js';
import type { AdviceContext, AdviceRow } from './row.js';

/**
 * What a program has in development and not in the app: the working directory, and variables of a `.env` file. The build warns of
 * both before, as far as the code says it; see src/freeze/strict/named-files.ts.
 */
export const environmentRows: readonly AdviceRow[] = [
  {
    id: 'relative-file',
    title: 'A file is looked for in the working directory',
    at: ['verify'],
    example: "FileNotFoundError: [Errno 2] No such file or directory: 'config/models.json'",
    pattern:
      /(?:(?:FileNotFoundError|NotADirectoryError): \[(?:Errno|WinError) \d+\][^:\n]*: '((?![\\/]|[A-Za-z]:)[^'\n]+)'|RuntimeError: (?:Directory '((?![\\/]|[A-Za-z]:)[^'\n]+)'|File at path ((?![\\/]|[A-Za-z]:)[^\n]+?)) does not exist)/,
    // What has neither folder nor ending may be a program that is not there.
    fits: ([file = ''], { origins }) => origins?.source(plain(file)) != null || /[\\/.]/.test(file),
    cause: ([file = '']) =>
      `${file} is relative to the working directory, which in the app is the user's data folder (or \`run.cwd\`).`,
    edit: ([file = ''], context) => relativeEdit(plain(file), context),
  },
  {
    id: 'missing-template',
    title: 'A template is missing',
    at: ['verify'],
    example: 'jinja2.exceptions.TemplateNotFound: index.html',
    pattern:
      /(?:TemplateNotFound|TemplateDoesNotExist)(?:: '?([^\s'][^'\n]*?)'?(?: not found in search path(?:: '([^'\n]*)')?[^\n]*)?)?(?:\n|$)/,
    cause: ([name = '']) =>
      `The template ${name} is a data file, and data files are collected only when they are named.`.replace(
        '  ',
        ' ',
      ),
    edit: ([, folder], context) => {
      if (folder !== undefined && !/^(?:[\\/]|[A-Za-z]:)/.test(folder))
        return relativeEdit(plain(folder), context);
      const inside =
        folder === undefined ? 'templates' : (bundleFile(folder, context.bundle)?.path ?? 'templates');
      return context.add(
        contentLine(inside, context) ??
          "data: [{ from: '<folder of the sources>/templates/**/*', to: 'templates' }]",
      );
    },
  },
  {
    id: 'missing-variable',
    title: 'An environment variable is not set',
    at: ['verify'],
    example: '  File "<frozen os>", line 679, in __getitem__\nKeyError: \'SERVICE_KEY\'',
    // os.environ[…]; python-decouple; environs; django-environ; pydantic-settings.
    pattern:
      /File "(?:<frozen os>|(?:[^"\n]*[\\/])?os\.pyc?)", line \d+, in __getitem__\n(?:[^\n]*\n){0,3}?KeyError: '(\w+)'|UndefinedValueError: (\w+) not found\. Declare it|Environment variable "(\w+)" not set|Set the (\w+) environment variable|validation errors? for \w*(?:Settings|Config|Env)\w*\n(\w+)\n\s+Field required/,
    cause: ([name = '']) =>
      `The environment variable ${name.toUpperCase()} is not set. A \`.env\` file is read in development only: the frozen program looks for it in the user's data folder.`,
    edit: ([name = ''], { add, bundle }) =>
      `${bundle?.has('.env') === true ? "The `.env` in the bundle is found with `load_dotenv(resource_path('.env'))`; everybody who has the app can read it. Better: " : ''}${add(`run: { env: { ${name.toUpperCase()}: '…' } }`)} A secret is no part of an app: the main process passes it, \`createBackend({ env: { ...process.env, ${name.toUpperCase()}: … } })\`, and verification takes it from the environment of the build.`,
  },
];

function relativeEdit(file: string, context: AdviceContext): string {
  const code = `Write \`resource_path('${file}')\` there (\`from electron_pyinstaller import resource_path\`).`;
  if (context.bundle?.has(file) === true) return code;
  const line = contentLine(file, context);
  const own = `data: [{ from: '<folder of the sources>/${file}', to: '${folderOf(file)}' }]`;
  if (line === null && context.origins !== undefined)
    return `${code} A file that the program makes itself belongs below \`electron_pyinstaller.user_data()\`.`;
  return `${code} ${context.add(line ?? own)}`;
}

/** `./static/` → `static` */
function plain(file: string): string {
  return file
    .replaceAll(/\\+/g, '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/$/, '');
}
