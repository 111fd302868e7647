import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { loadConfig } from '../../src/config/index.js';
import { asRecord } from '../../src/lib/files.js';
import { generateBackends } from '../../src/hosts/codegen/index.js';
import { silentIo } from '../cli/support.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { codeOf, npmScripts, ownCommands, refused } from './commands.js';
import { type CodeBlock, readPages } from './markdown.js';

const pages = await readPages();
const blocks = (...languages: readonly string[]): readonly CodeBlock[] =>
  pages.flatMap((page) => page.blocks.filter(({ language }) => languages.includes(language)));
const place = ({ page, line }: CodeBlock): string => `${page}:${line}`;

/** How a block is tried. `text` is what programs print, and trees of files; `nsis` cannot be tried here. */
const languages = ['ts', 'js', 'json', 'yaml', 'python', 'sh', 'text', 'nsis'];

test('every code block says what language it is in', () => {
  const others = pages.flatMap((page) => page.blocks.filter(({ language }) => !languages.includes(language)));
  expect(others.map((block) => `${place(block)}: ${block.language}`)).toEqual([]);
  expect(blocks('nsis')).toHaveLength(1);
});

/** Make this package, as it was built, and those that the pages import available in a folder. */
async function install(folder: string): Promise<void> {
  const modules = path.join(folder, 'node_modules');
  await mkdir(modules);
  await symlink(repositoryDir, path.join(modules, 'electron-pyinstaller'), 'junction');
  for (const name of [
    'electron',
    'app-builder-lib',
    '@electron-forge',
    '@types',
    'openapi-fetch',
    'openapi-typescript-helpers',
  ])
    await symlink(path.join(repositoryDir, 'node_modules', name), path.join(modules, name), 'junction');
}

/** Typed as the real ones are, as far as the pages use them. */
const otherPackages = `
interface Window { readonly backends: import('electron-pyinstaller/runtime').BackendBridge }
declare module 'electron-log/main' {
  type Write = (...params: unknown[]) => void;
  interface Functions { info: Write; warn: Write; error: Write; }
  const log: Functions & { initialize(): void; scope(name: string): Functions };
  export default log;
}
declare module 'pino' {
  type Write = { (message: string, ...values: unknown[]): void; (object: object, message?: string): void };
  interface PinoLogger { info: Write; warn: Write; error: Write; child(bindings: object): PinoLogger; }
  export default function pino(options?: object): PinoLogger;
}
declare module '@sentry/electron/main' {
  export function captureException(error: unknown, hint?: object): string;
}
declare module 'electron-updater' {
  export const autoUpdater: {
    on(event: 'update-downloaded', listener: () => void): unknown;
    quitAndInstall(isSilent?: boolean, isForceRunAfter?: boolean): void;
  };
}
`;

/** Types of an API as the page about them describes it. */
const apiTypes = `
type Json<T> = { content: { 'application/json': T } };
interface Of<Parameters> { get: { parameters: Parameters; responses: { 200: Json<{ name: string }>; 422: Json<unknown> } } }
export interface paths {
  '/api/models/{id}': Of<{ path: { id: number } }>;
  '/api/progress': Of<{ query: { job: number } }>;
}
export interface events { '/api/progress': { percent: number } }
`;

const folderOf = (block: CodeBlock): string => `${block.page.replaceAll(/[^a-z]/gi, '-')}-${block.line}`;

/** The name a program gets, so that the compiler takes it for the kind of module that it is. */
function programFile({ language, text }: CodeBlock): string {
  if (language === 'ts') return 'program.ts';
  return /\brequire\(|module\.exports/.test(text) ? 'program.cjs' : 'program.mjs';
}

/** What the compiler says of these blocks, each with the line on its page. */
async function typeMistakes(
  programs: readonly CodeBlock[],
  compilerOptions: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  await install(folder);
  const plain = [{ name: 'engine' }, { name: 'thumbnails' }];
  const client = { output: path.join(folder, 'engine.api.gen.ts') };
  const generate = path.join(folder, 'one', 'backends.gen.ts');
  const withTypes = generateBackends({ generate, backends: [{ name: 'engine', client }] });
  const modules = (page: string): string =>
    page === 'docs/typed-client.md' ? withTypes : generateBackends({ backends: plain });
  await writeFiles(
    {
      ...Object.fromEntries(programs.map((one) => [`${folderOf(one)}/${programFile(one)}`, one.text])),
      ...Object.fromEntries(programs.map((one) => [`${folderOf(one)}/backends.gen.ts`, modules(one.page)])),
      'engine.api.gen.ts': apiTypes,
      'packages.d.ts': otherPackages,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2023',
          lib: ['ES2023', 'DOM', 'DOM.Iterable', 'ESNext.Disposable'],
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: true,
          noEmit: true,
          types: ['node'],
          ...compilerOptions,
        },
        include: ['*/*', '*.ts'],
      }),
    },
    folder,
  );
  const { stdout } = await execa('tsc', ['-p', folder, '--pretty', 'false'], {
    cwd: folder,
    preferLocal: true,
    localDir: repositoryDir,
    reject: false,
  });
  // A configuration that is not understood would check nothing.
  expect(stdout).not.toMatch(/^error |tsconfig\.json/m);
  return stdout.split('\n').flatMap((line) => {
    const found = /([^/\\]+)[/\\]program\.[cm]?[jt]s\((\d+),(\d+)\): (.*)/.exec(line);
    const block = programs.find((one) => folderOf(one) === found?.[1]);
    return block === undefined
      ? []
      : [`${block.page}:${block.line + Number(found?.[2])}: ${found?.[4] ?? ''}`];
  });
}

test('every TypeScript block on the pages is a program that type-checks', async () => {
  const programs = blocks('ts');
  expect(programs.filter(({ text }) => !/^(?:import|export) /m.test(text)).map(place)).toEqual([]);
  expect(await typeMistakes(programs, { module: 'esnext', moduleResolution: 'bundler' })).toEqual([]);
  expect(programs.length).toBeGreaterThan(8);
});

test('every JavaScript block on the pages is a program that type-checks, as ES module or CommonJS', async () => {
  const programs = blocks('js');
  expect(await typeMistakes(programs, { module: 'nodenext', allowJs: true, checkJs: true })).toEqual([]);
  expect(programs.length).toBeGreaterThan(8);
});

test('every configuration on the pages is one that is accepted', async () => {
  let checked = 0;
  const accept = async (block: CodeBlock, load: (folder: string) => ReturnType<typeof loadConfig>) => {
    const folder = await temporaryFolder();
    await install(folder);
    await expect(load(folder), place(block)).resolves.toHaveProperty('config.backends');
    checked += 1;
  };
  for (const block of blocks('ts', 'js')) {
    const name = block.language === 'ts' ? 'pyinstaller.config.ts' : 'pyinstaller.config.mjs';
    if (
      !block.text.includes('defineConfig(') &&
      !/pyinstaller\.config\./.test(block.text.split('\n')[0] ?? '')
    )
      continue;
    await accept(block, async (projectDir) => {
      await writeFiles({ [name]: block.text }, projectDir);
      return loadConfig({ projectDir });
    });
  }
  for (const block of blocks('yaml')) {
    for (const document of parseAllDocuments(block.text)) {
      expect(document.errors, place(block)).toEqual([]);
      const value = document.toJS() as {
        backends?: unknown;
        extraMetadata?: { _pyinstaller?: unknown };
      } | null;
      const inline = value?.backends === undefined ? value?.extraMetadata?._pyinstaller : value;
      if (typeof inline === 'object' && inline !== null)
        await accept(block, (projectDir) => loadConfig({ projectDir, inline }));
    }
  }
  for (const block of blocks('json')) {
    const inline = asRecord(JSON.parse(block.text));
    if (inline?.['backends'] !== undefined)
      await accept(block, (projectDir) => loadConfig({ projectDir, inline }));
  }
  expect(checked).toBeGreaterThan(15);
});

test("every configuration of electron-builder on the pages is one that electron-builder's own check takes", async () => {
  const { validateConfiguration } = await import('app-builder-lib/out/util/config/config.js');
  const noLogger = {
    isEnabled: false,
    data: new Map<string, unknown>(),
    add: () => undefined,
    save: async () => {},
  };
  const configurations = blocks('yaml').flatMap((block) =>
    parseAllDocuments(block.text).flatMap((document) => {
      const value = asRecord(document.toJS());
      const isOther =
        value === null || 'jobs' in value || 'backends' in value || block.text.startsWith('# .gitlab');
      return isOther ? [] : [{ block, value }];
    }),
  );
  for (const { block, value } of configurations)
    await expect(validateConfiguration(value, noLogger), place(block)).resolves.toBeUndefined();
  expect(configurations.length).toBeGreaterThan(3);
});

test('every JSON block on the pages can be parsed', () => {
  for (const block of blocks('json'))
    expect(() => JSON.parse(block.text) as unknown, place(block)).not.toThrow();
  expect(blocks('json').length).toBeGreaterThan(4);
});

test('every Python block on the pages is a program that type-checks against the companion', async () => {
  const programs = blocks('python');
  const folder = await temporaryFolder();
  await writeFiles(
    {
      ...Object.fromEntries(programs.map((one) => [`${folderOf(one)}.py`, one.text])),
      'pyrightconfig.json': JSON.stringify({
        extraPaths: [path.join(repositoryDir, 'companion')],
        pythonVersion: '3.10',
        typeCheckingMode: 'standard',
        // Frameworks are not installed here, so neither is what their decorators make of a function.
        reportMissingImports: false,
        reportMissingModuleSource: false,
        reportFunctionMemberAccess: false,
      }),
    },
    folder,
  );
  const { stdout } = await execa('pyright', ['--project', folder, '--outputjson'], {
    preferLocal: true,
    localDir: repositoryDir,
    reject: false,
  });
  const { generalDiagnostics, summary } = JSON.parse(stdout) as {
    readonly generalDiagnostics: readonly {
      readonly file: string;
      readonly severity: string;
      readonly message: string;
      readonly range: { readonly start: { readonly line: number } };
    }[];
    readonly summary: { readonly filesAnalyzed: number };
  };
  const mistakes = generalDiagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ file, message, range }) => {
      const block = programs.find((one) => `${folderOf(one)}.py` === path.basename(file));
      return `${block?.page ?? file}:${(block?.line ?? 0) + range.start.line + 1}: ${message}`;
    });
  expect(mistakes).toEqual([]);
  expect(summary.filesAnalyzed).toBe(programs.length);
  expect(programs.length).toBeGreaterThan(5);
});

test('every command line of ours on the pages is one that is understood', () => {
  const names = createProgram(silentIo, () => undefined).commands.map((command) => command.name());
  const problems: string[] = [];
  let checked = 0;
  for (const page of pages) {
    for (const { where, text } of codeOf(page)) {
      for (const words of ownCommands(text, names)) {
        checked += 1;
        const problem = refused(
          createProgram(silentIo, () => undefined),
          words,
        );
        if (problem !== null) problems.push(`${where}: ${problem}`);
      }
    }
  }
  expect(problems).toEqual([]);
  expect(checked).toBeGreaterThan(40);
});

test('every other program that a block of commands starts is one that the pages may start', () => {
  const known = new Set(['npm', 'npx', 'pnpm', 'yarn', 'bunx', 'bun', 'cd', 'curl', 'eval', './peft_engine']);
  const problems = blocks('sh').flatMap((block) =>
    block.text.split('\n').flatMap((line, index) =>
      line
        .replace(/\s#.*|^#.*/, '')
        .split(' && ')
        .map((part) => part.trim().split(' ')[0] ?? '')
        .filter((program) => program !== '' && !known.has(program))
        .map((program) => `${block.page}:${block.line + index + 1}: ${program}`),
    ),
  );
  expect(problems).toEqual([]);
});

test('every npm script that a page runs is there: on the page, in the example app, or in this repository', async () => {
  const scriptsIn = (text: string): string[] =>
    Object.keys(asRecord(asRecord(JSON.parse(text))?.['scripts']) ?? {});
  const read = (file: string) => readFile(path.join(repositoryDir, file), 'utf8');
  const everywhere = [
    ...scriptsIn(await read('package.json')),
    ...scriptsIn(await read('example-app/package.json')),
  ];
  // That page names the scripts of a project that is moved here.
  const problems = pages
    .filter(({ file }) => file !== 'docs/guide.md')
    .flatMap((page) => {
      const own = page.blocks
        .filter(({ language }) => language === 'json')
        .flatMap(({ text }) => scriptsIn(text));
      const known = new Set([...everywhere, ...own]);
      return codeOf(page).flatMap(({ where, text }) =>
        npmScripts(text)
          .filter((name) => !known.has(name))
          .map((name) => `${where}: npm run ${name}`),
      );
    });
  expect(problems).toEqual([]);
});

test('every environment variable of ours on the pages is one that the code reads', async () => {
  const sources = await Promise.all(
    ['src', 'companion', 'scripts', 'test'].map(async (folder) => {
      const entries = await readdir(path.join(repositoryDir, folder), { recursive: true });
      const files = entries.filter(
        (name) => /^(?!.*node_modules).*\.(?:ts|py|js)$/.test(name) && !name.startsWith('docs'),
      );
      return Promise.all(files.map((name) => readFile(path.join(repositoryDir, folder, name), 'utf8')));
    }),
  );
  const code = sources.flat().join('\n');
  const unknown = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/\bELECTRON_PYINSTALLER_[A-Z_]+/g)]
      .map(([name]) => name)
      .filter((name) => !code.includes(name) && !name.startsWith('ELECTRON_PYINSTALLER_ATTACH_'))
      .map((name) => `${file}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test('the pages say the messages about wrong keys as the program does', async () => {
  const shown = pages
    .flatMap((page) => page.blocks)
    .filter(({ text }) => text.startsWith('pyinstaller.config.ts: backends.'));
  const projectDir = await temporaryFolder();
  await install(projectDir);
  const config = { backends: { engine: { entry: 'main.py', hiddenImport: ['services'], port: 8003 } } };
  await writeFiles(
    { 'pyinstaller.config.ts': `export default ${JSON.stringify(config)};\n`, 'main.py': '' },
    projectDir,
  );
  const message = await loadConfig({ projectDir }).then(String, String);
  for (const block of shown)
    for (const line of block.text.trim().split('\n')) expect(message, place(block)).toContain(line);
  expect(shown).toHaveLength(1);
});
