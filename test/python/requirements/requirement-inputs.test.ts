import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResolvedRequirements } from '../../../src/config/resolved.js';
import { parseRequirementFile, requirementName } from '../../../src/python/requirements/requirement-file.js';
import { readRequirementInputs } from '../../../src/python/requirements/requirement-inputs.js';
import { normalizeName } from '../../../src/lib/text.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';

describe('a line of a requirements file', () => {
  test.each([
    ['six==1.17.0', { type: 'name', name: 'six', hashed: false }],
    [
      'Fast_API[all] >= 0.1 ; python_version > "3"  # comment',
      { type: 'name', name: 'fast-api', hashed: false },
    ],
    ['six==1.17.0 --hash=sha256:abc', { type: 'name', name: 'six', hashed: true }],
    ['-r base.txt', { type: 'include', target: 'base.txt' }],
    ['-rbase.txt', { type: 'include', target: 'base.txt' }],
    ['--requirement=base.txt', { type: 'include', target: 'base.txt' }],
    ['-c "my constraints.txt"', { type: 'include', target: 'my constraints.txt' }],
    ['--constraint limits.txt', { type: 'include', target: 'limits.txt' }],
    ['-e ./lib', { type: 'local', target: './lib', editable: true }],
    ['--editable=../lib[extra]', { type: 'local', target: '../lib', editable: true }],
    ['./lib[extra] ; sys_platform == "linux"', { type: 'local', target: './lib', editable: false }],
    ['.', { type: 'local', target: '.', editable: false }],
    ['/srv/lib', { type: 'local', target: '/srv/lib', editable: false }],
    ['C:\\libs\\lib', { type: 'local', target: 'C:\\libs\\lib', editable: false }],
    ['wheels/x-1-py3-none-any.whl --hash=sha256:a', { type: 'local', target: 'wheels/x-1-py3-none-any.whl' }],
    ['lib @ file:///srv/my%20lib#egg=x', { type: 'local', target: '/srv/my lib', editable: false }],
    ['lib @ git+https://example.com/lib.git@main', { type: 'name', name: 'lib' }],
    ['-e git+https://example.com/lib.git#egg=lib', { type: 'other' }],
    ['https://example.com/x.whl', { type: 'name' }],
    ['--index-url https://example.com', { type: 'other', option: '--index-url', hashed: false }],
    ['--config-settings x', { type: 'other' }],
  ])('%s', (line, expected) => {
    expect(parseRequirementFile(line)).toMatchObject([{ ...expected, line: 1 }]);
  });

  test('comments, blank lines, continuations and a byte order mark are understood', () => {
    const text = '\uFEFF# head\r\n\r\nsix==1 \\\r\n  --hash=sha256:a \\\r\n  --hash=sha256:b\r\n  idna # x\n';
    expect(parseRequirementFile(text)).toEqual([
      { type: 'name', name: 'six', hashed: true, line: 3 },
      { type: 'name', name: 'idna', hashed: false, line: 6 },
    ]);
  });

  test('any text is read without an exception', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void parseRequirementFile(text)));
  });
});

test('names are compared as the packaging specification says', () => {
  expect(normalizeName('Flask__SQL.Alchemy--x')).toBe('flask-sql-alchemy-x');
  expect(requirementName(' PyInstaller [x] >= 6')).toBe('pyinstaller');
});

const pip = (files: string[], packages: string[] = []): ResolvedRequirements => ({
  type: 'pip',
  files,
  packages,
  requireHashes: false,
});

const tree = {
  'a.txt': '-r sub/b.txt\n./lib\n-e ./edit\n',
  'sub/b.txt': '-c ../c.txt\nsix\n',
  'c.txt': 'idna<4\n',
  'lib/pyproject.toml': '[project]\nname = "lib"\n',
  'lib/lib.py': 'x = 1\n',
  'edit/pyproject.toml': '[project]\nname = "edit"\n',
  'edit/edit.py': 'x = 1\n',
};

describe('what requirements depend on', () => {
  const digests = async (folder: string) =>
    (await readRequirementInputs(pip([path.join(folder, 'a.txt')]), folder, false)).digests;

  test.each([
    ['the file itself', 'a.txt', 'six\n-r sub/b.txt\n./lib\n-e ./edit\n'],
    ['an included file', 'sub/b.txt', '-c ../c.txt\nsix<2\n'],
    ['a constraint of an included file', 'c.txt', 'idna<5\n'],
    ['the code of a local project', 'lib/lib.py', 'x = 2\n'],
    ['a new file of a local project', 'lib/new.py', ''],
    [
      'the metadata of an editable project',
      'edit/pyproject.toml',
      '[project]\nname = "edit"\ndependencies = ["six"]\n',
    ],
  ])('%s counts', async (_, file, content) => {
    const folder = await writeFiles(tree);
    const before = await digests(folder);
    await writeFile(path.join(folder, file), content);
    expect(await digests(folder)).not.toEqual(before);
  });

  test.each([
    ['the code of an editable project, which is used where it stands', 'edit/edit.py', 'x = 2\n'],
    ['line endings', 'c.txt', 'idna<4\r\n'],
    ['byte code', 'lib/__pycache__/lib.pyc', 'x'],
    ['what building a project leaves in its folder', 'lib/lib.egg-info/PKG-INFO', 'x'],
    ['a file nobody includes', 'other.txt', 'x'],
  ])('%s does not', async (_, file, content) => {
    const folder = await writeFiles(tree);
    const before = await digests(folder);
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
    await utimes(path.join(folder, 'a.txt'), 1, 1);
    expect(await digests(folder)).toEqual(before);
  });

  test('the place of the project does not, but that of an editable project does', async () => {
    const { 'a.txt': _, ...rest } = tree;
    const folder = await writeFiles({ ...rest, 'a.txt': '-r sub/b.txt\n./lib\n' });
    const before = await digests(folder);
    const moved = `${await temporaryFolder()}/moved`;
    await rename(folder, moved);
    expect(await digests(moved)).toEqual(before);
    await writeFile(path.join(moved, 'a.txt'), tree['a.txt']);
    const editable = await digests(moved);
    await rename(moved, folder);
    expect(await digests(folder)).not.toEqual(editable);
  });

  test('relative paths count from where they are valid: beside the file, else from the project', async () => {
    const folder = await writeFiles({ 'backend/r.txt': './lib\n', 'lib/x.py': '' });
    const read = () => readRequirementInputs(pip([path.join(folder, 'backend/r.txt')]), folder, false);
    expect((await read()).cwd).toBe(folder);
    await writeFiles({ 'backend/lib/x.py': '' }, folder);
    expect((await read()).cwd).toBe(path.join(folder, 'backend'));
  });

  test('files that include each other end', async () => {
    const folder = await writeFiles({ 'a.txt': '-r b.txt\n', 'b.txt': '-r a.txt\n' });
    expect(await digests(folder)).toHaveLength(2);
  });

  test('a missing file is named with the line that asks for it', async () => {
    const folder = await writeFiles({ 'a.txt': 'six\n\n-r gone.txt\n' });
    await expect(digests(folder)).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      file: path.join(folder, 'a.txt'),
    });
    await expect(digests(folder)).rejects.toThrow(/gone\.txt, which line 3 of .*a\.txt names/);
  });

  test('hashes and PyInstaller are noticed wherever they stand', async () => {
    const folder = await writeFiles({
      'a.txt': '-r b.txt\n',
      'b.txt': 'six==1 --hash=sha256:a\nPyInstaller==6.22.3\n',
    });
    expect(await readRequirementInputs(pip([path.join(folder, 'a.txt')]), folder, false)).toMatchObject({
      hashed: true,
      namesPyInstaller: true,
    });
    expect(await readRequirementInputs(pip([], ['pyinstaller>=6']), folder, false)).toMatchObject({
      namesPyInstaller: true,
    });
    expect(await readRequirementInputs(pip([], ['pyinstaller-hooks-contrib']), folder, false)).toMatchObject({
      namesPyInstaller: false,
    });
  });
});
