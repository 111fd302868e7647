import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { silentIo } from '../cli/support.js';
import { repositoryDir } from '../support/paths.js';
import {
  anchorsOf,
  firstCells,
  linksOf,
  type Page,
  pageText,
  readPage,
  readPages,
  section,
} from './markdown.js';

const pages = await readPages();

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

test('every place that AGENTS.md names exists', async () => {
  const text = (await pageText('AGENTS.md')).split('## Commands')[0] ?? '';
  const places = [...text.matchAll(/`((?:src|companion|docs|test|example-app)\/[\w./-]*)`/g)].map(
    (match) => match[1] ?? '',
  );
  expect(places.filter((place) => !existsSync(path.join(repositoryDir, place)))).toEqual([]);
  expect(places.length).toBeGreaterThan(25);
});

test('every page is one that another page leads to', () => {
  const linked = new Set(
    pages.flatMap((page) =>
      linksOf(page).map((link) => path.posix.join(path.posix.dirname(page.file), link.split('#')[0] ?? '')),
    ),
  );
  const orphans = pages
    .map(({ file }) => file)
    .filter((file) => /^docs\/[^/]+$/.test(file) && !linked.has(file));
  expect(orphans).toEqual([]);
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
  expect(firstCells(section(await pageText('docs/runtime-errors.md'), '## Errors'))).toEqual(runtimeCodes);
  const events = await declared(
    'src/runtime/events.ts',
    'interface BackendEvents',
    '\n}',
    /^ {2}'?([a-z-]+)'?: /gm,
  );
  expect(firstCells(section(runtime, '## Events'))).toEqual(events);
  const buildCodes = await declared('src/errors.ts', 'PyInstallerErrorCode =', ';\n\n', /\| '(\w+)'/g);
  expect(firstCells(section(await pageText('docs/cli-errors.md'), '## Errors'))).toEqual(buildCodes);
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
