import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLock, type LockQuery } from '../../../src/python/requirements/lock-file.js';
import { localSources } from '../../../src/python/requirements/requirement-inputs.js';
import { onlyArchives } from '../../../src/python/requirements/requirement-plan.js';
import { readToml } from '../../../src/python/requirements/toml.js';
import { repositoryDir } from '../../support/paths.js';
import { temporaryFolder } from '../../support/files.js';

const folder = path.join(repositoryDir, 'test/fixtures/locked-project');

async function lock(tool: 'poetry' | 'pdm', query: Partial<LockQuery> = {}) {
  const file = path.join(folder, `${tool}.lock`);
  return readLock(await readToml(file), {
    tool,
    file,
    extras: [],
    groups: [],
    ...query,
  });
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe.each(['poetry', 'pdm'] as const)('a real lock of %s', (tool) => {
  test('becomes the pinned requirements of the main group, with markers', async () => {
    const { text, hashed } = await lock(tool);
    expect(lines(text)).toEqual([
      'attrs==26.1.0',
      'colorama==0.4.6 ; sys_platform == "win32"',
      expect.stringMatching(/^localib @ file:\/\/\/.*locked-project\/localib$/),
      'six==1.17.0',
    ]);
    // A local folder has no hash, and pip wants hashes for all or none.
    expect(hashed).toBe(false);
  });

  test('takes extras and groups when asked', async () => {
    const names = (text: string) => lines(text).map((line) => line.split(/[ =]/)[0]);
    expect(names((await lock(tool, { extras: ['web'] })).text)).toEqual([
      'attrs',
      'colorama',
      'idna',
      'localib',
      'six',
    ]);
    expect(names((await lock(tool, { groups: ['extra-tools'] })).text)).toContain('toolz');
    expect(names((await lock(tool)).text)).not.toContain('idna');
  });

  test('refuses a group or an extra it does not have', async () => {
    await expect(lock(tool, { groups: ['tools'] })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await expect(lock(tool, { extras: ['wbe'] })).rejects.toThrow(
      /has no group or extra "wbe"\. It has: .*web/,
    );
  });
});

const query: LockQuery = { tool: 'poetry', file: '/p/poetry.lock', extras: [], groups: [] };
const six = {
  name: 'six',
  version: '1.17.0',
  groups: ['main'],
  files: [
    { file: 'x', hash: 'sha256:b' },
    { file: 'y', hash: 'sha256:a' },
  ],
};

test('hashes are kept when every package has them', () => {
  expect(readLock({ package: [six] }, query)).toEqual({
    text: 'six==1.17.0 --hash=sha256:a --hash=sha256:b\n',
    hashed: true,
  });
});

test('Git sources keep their commit, private indexes are named, the public one is not', () => {
  const git = {
    name: 'tool',
    version: '1.0',
    groups: ['main'],
    files: [],
    source: {
      type: 'git',
      url: 'https://example.com/tool.git',
      reference: 'main',
      resolved_reference: 'abc123',
      subdirectory: 'py',
    },
  };
  const legacy = {
    ...six,
    source: { type: 'legacy', url: 'https://pypi.example.com/simple', reference: 'x' },
  };
  const { text, hashed } = readLock({ package: [git, legacy] }, query);
  expect(text).toBe(
    '--extra-index-url https://pypi.example.com/simple\nsix==1.17.0\ntool @ git+https://example.com/tool.git@abc123#subdirectory=py\n',
  );
  expect(hashed).toBe(false);
});

test('markers of several groups are joined, and a group without one wins', () => {
  const markers = { main: 'sys_platform == "linux"', dev: 'python_version < "3.11"' };
  const entry = { ...six, groups: ['main', 'dev'], markers };
  const withDev = { ...query, groups: ['dev'] };
  expect(readLock({ package: [entry] }, query).text).toMatch(
    /^six==1\.17\.0 ; sys_platform == "linux" --hash/,
  );
  expect(readLock({ package: [entry] }, withDev).text).toMatch(
    /; \(sys_platform == "linux"\) or \(python_version < "3\.11"\) /,
  );
  const partly = { ...entry, markers: { main: 'sys_platform == "linux"' } };
  expect(readLock({ package: [partly] }, withDev).text).toMatch(/^six==1\.17\.0 --hash/);
});

test('PDM: one line for a package that is listed again with extras', () => {
  const again = { ...six, groups: ['default'], extras: ['x'] };
  const { text } = readLock({ package: [{ ...again, extras: undefined }, again] }, { ...query, tool: 'pdm' });
  expect(lines(text)).toHaveLength(1);
});

test.each([
  [
    'of Poetry 1',
    { package: [{ name: 'six', version: '1', files: [] }] },
    /to which group[\s\S]*poetry lock/,
  ],
  ['that is damaged', { package: [{ version: '1' }] }, /its entry package\.0\.name/],
])('a lock %s is refused with the way out', (_, content, message) => {
  expect(() => readLock(content, query)).toThrow(message);
});

test('local folders in lock files are found, so that their contents count', async () => {
  for (const name of ['uv', 'poetry', 'pdm']) {
    const text = await readFile(path.join(folder, `${name}.lock`), 'utf8');
    expect(localSources(text).map((target) => path.normalize(target))).toEqual(['localib']);
  }
});

test.each([
  ['source = { registry = "https://pypi.org/simple" }\nsource = { virtual = "." }\n', true],
  ['source = { registry = "https://pypi.org/simple" }\nsource = { directory = "lib" }\n', false],
  ['source = { git = "https://example.com/x?rev=1#abc" }\n', false],
])('uv.lock %j has hashes for everything: %s', (text, expected) => {
  expect(onlyArchives(text)).toBe(expected);
});

test('TOML is read without a Python', async () => {
  const content = await readToml(path.join(folder, 'pyproject.toml'));
  expect(content).toMatchObject({ project: { name: 'demo-app' }, tool: { pdm: { distribution: false } } });
});

test('what is not TOML is named with line and column, and what to do', async () => {
  await expect(readToml(import.meta.filename)).rejects.toThrow(
    /lock-file\.test\.ts:1:8: .*Invalid TOML.*\n.*not valid TOML/,
  );
});

test('a file that is not there is named, and not called invalid', async () => {
  await expect(readToml(path.join(folder, 'gone.toml'))).rejects.toMatchObject({
    code: 'ERR_ENVIRONMENT',
    message: expect.stringMatching(/gone\.toml: .*ENOENT/),
    hint: expect.not.stringContaining('TOML'),
  });
});

test('a number too large for JavaScript is no error', async () => {
  const file = path.join(await temporaryFolder(), 'pyproject.toml');
  await writeFile(file, '[tool.x]\nlimit = 9223372036854775807\nsince = 2026-01-02\n');
  expect(await readToml(file)).toMatchObject({ tool: { x: { limit: 9223372036854775807n } } });
});
