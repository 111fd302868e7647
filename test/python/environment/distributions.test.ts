import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import {
  digestDistributions,
  listDistributions,
  readInstalled,
  versionOf,
} from '../../../src/python/environment/distributions.js';
import { probeInterpreter } from '../../../src/python/find/probe.js';
import { run } from '../../../src/lib/run.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { realPythons } from '../real-pythons.js';

const record = 'six.py,sha256=abc,100\nsix-1.0.dist-info/RECORD,,\n';
const six = {
  'six-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: Six\nVersion: 1.0\n\nName: not-this\n',
  'six-1.0.dist-info/RECORD': record,
};

test('lists what pip lists, for a real interpreter, without starting it', async () => {
  const probe = await probeInterpreter(realPythons()[0] ?? '');
  const script =
    'import json, importlib.metadata as m; print(json.dumps(sorted({d.metadata["Name"].replace("_","-").replace(".","-").lower() for d in m.distributions()})))';
  const { stdout } = await run(probe.executable, ['-I', '-c', script]);
  const ours = (await listDistributions(probe.sitePackages))
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('path:'));
  expect(ours).toEqual(JSON.parse(stdout));
  expect(ours.length).toBeGreaterThan(0);
});

test('names are normalised and versions read from the head of the metadata', async () => {
  const [found] = await listDistributions([await writeFiles(six)]);
  expect(found).toMatchObject({ name: 'six', version: '1.0' });
  expect(versionOf([found ?? { name: '', version: '' }], 'SIX')).toBe('1.0');
  expect(versionOf([], 'six')).toBeNull();
});

test.each([
  ['a file of it', 'six.py,sha256=def,100\nsix-1.0.dist-info/RECORD,,\n', true],
  ['a new file', `${record}six_extra.py,sha256=abc,1\n`, true],
  ['a data file outside', `${record}../../../share/six.json,sha256=abc,1\n`, true],
  ['byte code', `${record}__pycache__/six.cpython-312.pyc,,\n`, false],
  [
    'who installed it',
    `${record}six-1.0.dist-info/INSTALLER,sha256=abc,3\nsix-1.0.dist-info/REQUESTED,,\n`,
    false,
  ],
  ['a start script, which names the environment', `${record}../../../bin/six,sha256=abc,3\n`, false],
  ['the order of lines', 'six-1.0.dist-info/RECORD,,\r\nsix.py,sha256=abc,100\r\n', false],
])('%s in RECORD changes the digest: %s', async (_, changed, differs) => {
  const folder = await writeFiles(six);
  const before = digestDistributions(await listDistributions([folder]));
  await writeFile(path.join(folder, 'six-1.0.dist-info/RECORD'), changed);
  expect(digestDistributions(await listDistributions([folder])) !== before).toBe(differs);
});

test('an editable install changes with its source, what was installed does not', async () => {
  const source = await writeFiles({ 'src/lib.py': 'x = 1\n', '.git/HEAD': 'a' });
  const site = await writeFiles({
    'lib-1.dist-info/METADATA': 'Name: lib\nVersion: 1\n',
    'lib-1.dist-info/RECORD': '__editable__.lib-1.pth,sha256=abc,1\n',
    'lib-1.dist-info/direct_url.json': JSON.stringify({
      url: pathToFileURL(source).href,
      dir_info: { editable: true },
    }),
    '__editable__.lib-1.pth': path.join(source, 'src\n'),
  });
  const before = await listDistributions([site]);
  const installed = digestDistributions(await readInstalled([site]));
  expect(before.map(({ name }) => name)).toEqual(['lib']);
  await writeFile(path.join(source, '.git/HEAD'), 'b');
  expect(await listDistributions([site])).toEqual(before);
  await writeFile(path.join(source, 'src/lib.py'), 'x = 2\n');
  expect(await listDistributions([site])).not.toEqual(before);
  expect(digestDistributions(await readInstalled([site]))).toBe(installed);
});

test('of a project installed in place only its packages count, without the folders the build looks after itself', async () => {
  const source = await writeFiles({
    'main.js': '1',
    'src/preload.js': '1',
    'src/app/__init__.py': '',
    'src/app/data/words.txt': '1',
    'tools/helper.py': 'x = 1\n',
    'tools/names.json': '1',
  });
  const site = await writeFiles({
    'lib-1.dist-info/METADATA': 'Name: lib\nVersion: 1\n',
    'lib-1.dist-info/direct_url.json': JSON.stringify({
      url: pathToFileURL(source).href,
      dir_info: { editable: true },
    }),
    '_lib.pth': path.join(source, 'src\n'),
  });
  const changes = async (file: string, without: readonly string[] = []): Promise<boolean> => {
    const before = JSON.stringify(await listDistributions([site], without));
    await appendFile(path.join(source, file), '# changed\n');
    return JSON.stringify(await listDistributions([site], without)) !== before;
  };
  expect(await changes('main.js')).toBe(false);
  expect(await changes('src/preload.js')).toBe(false);
  expect(await changes('src/app/__init__.py')).toBe(true);
  expect(await changes('src/app/data/words.txt')).toBe(true);
  expect(await changes('tools/helper.py')).toBe(true);
  expect(await changes('tools/names.json')).toBe(true);
  expect(await changes('src/app/__init__.py', [path.join(source, 'src')])).toBe(false);
  expect(await changes('tools/helper.py', [path.join(source, 'src')])).toBe(true);
  expect(await changes('tools/helper.py', [source])).toBe(false);
});

test('folders that .pth files add count; import lines and comments in them do not', async () => {
  const extra = await writeFiles({ 'tool.py': 'x = 1\n' });
  const site = await writeFiles({ 'x.pth': `# comment\nimport os; print(1)\n${extra}\n/no/such/folder\n` });
  const before = await listDistributions([site]);
  expect(before).toMatchObject([{ name: `path:${extra}` }]);
  await writeFile(path.join(extra, 'tool.py'), 'x = 2\n');
  expect(await listDistributions([site])).not.toEqual(before);
});

test('the first folder wins, old kinds of metadata are read, damaged ones are skipped', async () => {
  const first = await writeFiles(six);
  const second = await writeFiles({
    'six-2.0.dist-info/METADATA': 'Name: six\nVersion: 2.0\n',
    'old-1.egg-info': 'Name: Old_Style\nVersion: 1\n',
    'older.egg-info/PKG-INFO': 'Name: older\nVersion: 2\n',
    'bad.dist-info/METADATA': 'nothing',
    'empty.dist-info/x': '',
  });
  expect(
    (await listDistributions([first, second, '/no/such/folder'])).map(
      ({ name, version }) => `${name} ${version}`,
    ),
  ).toEqual(['old-style 1', 'older 2', 'six 1.0']);
  expect(await listDistributions([await temporaryFolder()])).toEqual([]);
});
