import { execFile } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { loadConfig, resolveConfig, type ResolvedBackend } from '../../../src/config/index.js';
import { prepare } from '../../../src/freeze/prepare.js';
import { hostTarget } from '../../../src/target.js';
import { get, serve } from '../../presets/support.js';
import { isFile } from '../../../src/lib/files.js';
import { writeFiles } from '../../support/files.js';
import { repositoryDir, testCacheDir } from '../../support/paths.js';
import { programOf } from '../support/program.js';
import { freeze, makeBackend } from '../support/project.js';

/** The backend of a configuration as docs/config.md shows it. */
async function documented(word: string): Promise<ResolvedBackend> {
  const manual = await readFile(path.join(repositoryDir, 'docs/config.md'), 'utf8');
  const blocks = [...manual.matchAll(/```js\n\/\/ pyinstaller\.config\.mjs\n([^`]*)```/g)].map(
    (match) => match[1] ?? '',
  );
  const config = blocks.find((block) => block.includes(`consoleScript: '${word}'`)) ?? '';
  // What a newcomer writes.
  expect(config.trim().split('\n').length).toBeLessThanOrEqual(6);
  const projectDir = await writeFiles({
    'package.json': '{"name":"project"}',
    'pyinstaller.config.mjs': config,
  });
  const { backends } = resolveConfig(await loadConfig({ projectDir }), {
    target: hostTarget(),
    cacheDir: testCacheDir,
  });
  const [backend] = backends;
  if (backend === undefined) throw new Error('no backend');
  return backend;
}

test('mkdocs, named by its console script, builds a site with its own themes and one of another distribution', async () => {
  const { frozen } = await freeze(await documented('mkdocs'));
  expect(frozen.warnings).toEqual([]);
  const folder = await writeFiles({ 'docs/index.md': '# Hello\n\n!!! note\n    Admonished\n' });
  const build = async (theme: string): Promise<string> => {
    await writeFiles(
      {
        'mkdocs.yml': `site_name: Site\ntheme: ${theme}\nmarkdown_extensions: [admonition, toc]\nplugins: [search]\n`,
      },
      folder,
    );
    await promisify(execFile)(programOf(frozen), ['build', '--site-dir', `out-${theme}`], {
      cwd: folder,
      env: {},
    });
    expect(await isFile(path.join(folder, `out-${theme}`, 'search', 'search_index.json'))).toBe(true);
    return await readFile(path.join(folder, `out-${theme}`, 'index.html'), 'utf8');
  };
  expect(await build('readthedocs')).toContain('admonition note');
  const page = await build('cerulean');
  expect(page).toContain('<h1 id="hello">Hello</h1>');
  const style = /href="(css\/bootstrap[^"]*)"/.exec(page)?.[1] ?? '';
  const text = await readFile(path.join(folder, 'out-cerulean', style), 'utf8');
  expect(/bootswatch/i.test(text)).toBe(true);
});

test('datasette, which finds plugins with pluggy, has those of its requirements, with their static files', async () => {
  const { frozen } = await freeze(await documented('datasette'));
  expect(frozen.warnings).toEqual([]);
  const running = await serve(frozen, ['serve', '--port', '0']);
  const plugins = JSON.parse(await get(running, '/-/plugins.json')) as { name: string }[];
  expect(plugins.map(({ name }) => name).toSorted()).toEqual([
    'datasette-cluster-map',
    'datasette-leaflet',
    'datasette-vega',
  ]);
  expect(await get(running, '/-/static-plugins/datasette_cluster_map/datasette-cluster-map.js')).toContain(
    'leaflet',
  );
  expect(await get(running, '/')).toContain('Datasette');
});

test('the project itself has its version, its plugins and the data of its packages, and what is no part of it does not count', async () => {
  const files = {
    'backend/pyproject.toml': [
      '[project]\nname = "my-app"\nversion = "1.2.3"\ndependencies = []',
      '[project.entry-points."my.plugins"]\none = "my_app.plugins.one:hello"',
      '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
    ].join('\n'),
    'backend/main.js': 'start();\n',
    'backend/my_app/__init__.py': '',
    'backend/my_app/data/words.txt': 'hello words\n',
    'backend/my_app/plugins/__init__.py': '',
    'backend/my_app/plugins/one.py': 'def hello():\n    return "hello plugin"\n',
    'backend/my_app/web.py': `
from importlib import metadata
from pathlib import Path

GROUP = "my.plugins"


def app(environ, start_response):
    lines = [
        metadata.version("my_app"),
        *(point.load()() for point in metadata.entry_points(group=GROUP)),
        Path(__file__).parent.joinpath("data", "words.txt").read_text().strip(),
    ]
    start_response("200 OK", [("content-type", "text/plain")])
    return [", ".join(lines).encode()]
`,
  };
  const backend = await makeBackend(files, {
    entry: { wsgi: 'my_app.web:app' },
    requirements: 'backend/pyproject.toml',
  });
  const { frozen } = await freeze(backend);
  expect(frozen.warnings).toEqual([]);
  expect(await get(await serve(frozen), '/')).toBe('1.2.3, hello plugin, hello words');
  const change = async (file: string): Promise<boolean> => {
    await appendFile(path.join(backend.projectDir, file), '\n# changed\n');
    const prepared = await prepare(backend, { cacheDir: testCacheDir });
    return prepared.key !== frozen.key;
  };
  expect(await change('backend/main.js')).toBe(false);
  expect(await change('backend/my_app/data/words.txt')).toBe(true);
});
