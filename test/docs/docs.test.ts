import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { generateBackends } from '../../src/hosts/codegen/index.js';
import { loadConfig } from '../../src/config/index.js';
import { silentIo } from '../cli/support.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import {
  anchorsOf,
  type CodeBlock,
  firstCells,
  linksOf,
  type Page,
  pageText,
  readPage,
  readPages,
  section,
} from './markdown.js';

const pages = await readPages();
const blocks = (...languages: readonly string[]): readonly CodeBlock[] =>
  pages.flatMap((page) => page.blocks.filter(({ language }) => languages.includes(language)));
const place = ({ page, line }: CodeBlock): string => `${page}:${line}`;

test('every relative link and every anchor leads somewhere', async () => {
  const byFile = new Map<string, Page>(pages.map((page) => [page.file, page]));
  const broken: string[] = [];
  let checked = 0;
  for (const page of pages) {
    for (const link of linksOf(page)) {
      if (/^[a-z][a-z+.-]*:/.test(link)) continue;
      checked += 1;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page.file : path.posix.join(path.posix.dirname(page.file), file);
      if (!existsSync(path.join(repositoryDir, target))) {
        broken.push(`${page.file}: ${link}: there is no ${target}`);
      } else if (anchor !== undefined) {
        const found = byFile.get(target) ?? readPage(target, await pageText(target));
        if (!anchorsOf(found).has(anchor)) broken.push(`${page.file}: ${link}: no heading of that name`);
      }
    }
  }
  expect(broken).toEqual([]);
  expect(checked).toBeGreaterThan(30);
});

test('no line of prose is longer than 200 characters, so that a change of it can be read', () => {
  const long = pages.flatMap(({ file, prose }) =>
    prose.flatMap((line, index) =>
      line !== null && line.length > 200 && !line.startsWith('|') ? [`${file}:${index + 1}`] : [],
    ),
  );
  expect(long).toEqual([]);
});

test('every place that AGENTS.md names exists', async () => {
  const text = (await pageText('AGENTS.md')).split('## Commands')[0] ?? '';
  const places = [...text.matchAll(/`((?:src|companion|docs|test|example-app)\/[\w./-]*)`/g)].map(
    (match) => match[1] ?? '',
  );
  expect(places.filter((place) => !existsSync(path.join(repositoryDir, place)))).toEqual([]);
  expect(places.length).toBeGreaterThan(25);
});

test('the README links only to what is in the package', async () => {
  const { files } = JSON.parse(await pageText('package.json')) as { files: readonly string[] };
  const shipped = (link: string): boolean =>
    files.some((name) => link === name || link.startsWith(`${name}/`));
  const links = linksOf(readPage('README.md', await pageText('README.md'))).map(
    (link) => link.split('#')[0] ?? '',
  );
  const local = links.filter((link) => !/^[a-z]+:/.test(link));
  expect(local.filter((link) => !shipped(link))).toEqual([]);
  expect(local.length).toBeGreaterThan(10);
});

test('headings give the anchors that GitHub gives them', () => {
  const text = '# `a.b()` & c\n## Two words\n```\n# no heading\n```\n## Two words\n### [Link](x.md) ✔ é\n';
  expect([...anchorsOf(readPage('x.md', text))]).toEqual(['ab--c', 'two-words', 'two-words-1', 'link--é']);
});

/** Make this package, as it was built, and those that the pages import available in a folder. */
async function install(folder: string): Promise<void> {
  const modules = path.join(folder, 'node_modules');
  await mkdir(modules);
  await symlink(repositoryDir, path.join(modules, 'electron-pyinstaller'), 'junction');
  for (const name of ['electron', 'app-builder-lib', '@electron-forge', '@types'])
    await symlink(path.join(repositoryDir, 'node_modules', name), path.join(modules, name), 'junction');
}

/** Typed as the real ones are, as far as the pages use them. */
const otherPackages = `
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
declare module 'electron-updater' {
  export const autoUpdater: {
    on(event: 'update-downloaded', listener: () => void): unknown;
    quitAndInstall(isSilent?: boolean, isForceRunAfter?: boolean): void;
  };
}
`;

test('every TypeScript program on the pages type-checks; pieces of programs have no import', async () => {
  const programs = blocks('ts').filter(({ text }) => /^(?:import|export) /m.test(text));
  const folder = await temporaryFolder();
  await install(folder);
  const nameOf = (block: CodeBlock): string => `${block.page.replaceAll(/[^a-z]/gi, '-')}-${block.line}`;
  await writeFiles(
    {
      ...Object.fromEntries(programs.map((block) => [`${nameOf(block)}/program.ts`, block.text])),
      ...Object.fromEntries(
        programs.map((block) => [
          `${nameOf(block)}/backends.gen.ts`,
          generateBackends({ backends: [{ name: 'engine' }, { name: 'thumbnails' }] }),
        ]),
      ),
      'packages.d.ts': otherPackages,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2023',
          lib: ['ES2023', 'DOM', 'DOM.Iterable', 'ESNext.Disposable'],
          module: 'esnext',
          moduleResolution: 'bundler',
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: true,
          noEmit: true,
          types: ['node'],
        },
        include: ['*/*.ts', '*.d.ts'],
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
  const mistakes = stdout.split('\n').flatMap((line) => {
    const found = /([^/\\]+)[/\\]program\.ts\((\d+),(\d+)\): (.*)/.exec(line);
    const block = programs.find((one) => nameOf(one) === found?.[1]);
    return block === undefined
      ? []
      : [`${block.page}:${block.line + Number(found?.[2])}: ${found?.[4] ?? ''}`];
  });
  expect(mistakes).toEqual([]);
  // A configuration that is not understood would check nothing.
  expect(stdout).not.toMatch(/^error |tsconfig\.json/m);
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
  for (const block of blocks('ts')) {
    if (!block.text.includes('defineConfig(')) continue;
    await accept(block, async (projectDir) => {
      await writeFiles({ 'pyinstaller.config.ts': block.text }, projectDir);
      return loadConfig({ projectDir });
    });
  }
  for (const block of blocks('yaml', 'yml')) {
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
    expect(() => JSON.parse(block.text) as unknown, place(block)).not.toThrow();
  }
  expect(checked).toBeGreaterThan(3);
});

test('every Python program on the pages compiles', async () => {
  const programs = blocks('python').map((block) => [place(block), block.text]);
  const { stdout } = await execa(
    'python3',
    [
      '-c',
      `import json, sys
for name, text in json.load(sys.stdin):
    try:
        compile(text, name, "exec")
    except SyntaxError as error:
        print(name, error)`,
    ],
    { input: JSON.stringify(programs) },
  );
  expect(stdout).toBe('');
  expect(programs.length).toBeGreaterThan(5);
});

test('docs/cli.md lists exactly the commands, arguments and options there are', async () => {
  const text = await pageText('docs/cli.md');
  const { commands } = createProgram(silentIo, () => undefined);
  const documented = [...text.matchAll(/^## `(.+)`$/gm)].map(([, name = '']) => name);
  expect(documented).toEqual(commands.map((command) => command.name()));
  const common = firstCells(section(text, '## Options of every command'));
  for (const command of commands) {
    const args = command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    });
    const expected = [...args, ...command.options.map(({ flags }) => flags)];
    const named = firstCells(section(text, `## \`${command.name()}\``));
    expect([...common, ...named].sort(), command.name()).toEqual([...expected].sort());
  }
});

/** Names declared in the sources, found without running anything. */
async function declared(file: string, from: string, to: string, name: RegExp): Promise<string[]> {
  const source = await readFile(path.join(repositoryDir, file), 'utf8');
  const start = source.indexOf(from);
  const part = source.slice(start, source.indexOf(to, start));
  return [...part.matchAll(name)].map(([, found = '']) => found);
}

test('the tables of error codes and events are complete', async () => {
  const runtime = await pageText('docs/runtime.md');
  const runtimeCodes = await declared('src/runtime/errors.ts', 'BackendErrorCode =', ';\n\n', /\| '(\w+)'/g);
  expect(firstCells(section(runtime, '## Errors'))).toEqual(runtimeCodes);
  const events = await declared(
    'src/runtime/events.ts',
    'interface BackendEvents',
    '\n}',
    /^ {2}'?([a-z-]+)'?: /gm,
  );
  expect(firstCells(section(runtime, '## Events'))).toEqual(events);
  const buildCodes = await declared('src/errors.ts', 'PyInstallerErrorCode =', ';\n\n', /\| '(\w+)'/g);
  expect(firstCells(section(await pageText('docs/cli.md'), '## Errors'))).toEqual(buildCodes);
  expect(runtimeCodes.length + events.length + buildCodes.length).toBeGreaterThan(40);
});

test('docs/backend.md explains every name of the Python package', async () => {
  const names = await declared('companion/electron_pyinstaller/__init__.py', '__all__', ']', /"(\w+)"/g);
  const text = await pageText('docs/backend.md');
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(section(text, '## Every name')))).toEqual(
    [],
  );
  expect(names.length).toBeGreaterThan(15);
});

test('the generated pages say what the tables of the code say', async () => {
  const { exitCode, stdout, stderr } = await execa(
    'node',
    ['scripts/generate-troubleshooting.ts', '--check'],
    {
      cwd: repositoryDir,
      preferLocal: true,
      reject: false,
    },
  );
  expect(exitCode, stderr).toBe(0);
  expect(stdout.match(/up to date/g)).toHaveLength(6);
});
