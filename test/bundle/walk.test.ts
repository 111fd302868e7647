import { execa } from 'execa';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleFileCount, bundleSize, listBundle } from '../../src/bundle/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { needsLinks, notOnWindows } from '../support/windows.js';

describe('listBundle', () => {
  it('lists files, empty folders and links, sorted, and follows no link', needsLinks, async () => {
    const folder = await writeFiles({ 'b/ö file.txt': 'abc', a: 'x', 'b/tool': '#!' });
    await chmod(path.join(folder, 'b/tool'), 0o755);
    await chmod(path.join(folder, 'a'), 0o640);
    await mkdir(path.join(folder, 'empty'), { mode: 0o755 });
    await symlink('b', path.join(folder, 'folder-link'));
    await symlink('../nowhere', path.join(folder, 'b', 'broken'));
    const entries = await listBundle(folder);
    expect(entries).toEqual([
      { type: 'file', path: 'a', size: 1, mode: 0o640 },
      { type: 'directory', path: 'b', mode: expect.any(Number) },
      { type: 'link', path: 'b/broken', target: '../nowhere' },
      { type: 'file', path: 'b/tool', size: 2, mode: 0o755 },
      { type: 'file', path: 'b/ö file.txt', size: 3, mode: expect.any(Number) },
      { type: 'directory', path: 'empty', mode: 0o755 },
      { type: 'link', path: 'folder-link', target: 'b' },
    ]);
    expect(bundleSize(entries)).toBe(6);
    expect(bundleFileCount(entries)).toBe(5);
  });

  it('says so when the folder is missing or a file', async () => {
    const folder = await writeFiles({ file: '' });
    await expect(listBundle(path.join(folder, 'gone'))).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('does not exist'),
    });
    await expect(listBundle(path.join(folder, 'file'))).rejects.toThrow('is not a folder');
  });

  it('refuses what cannot be shipped', notOnWindows('Windows has no pipes among its files'), async () => {
    const folder = await temporaryFolder();
    await execa('mkfifo', [path.join(folder, 'pipe')]);
    await expect(listBundle(folder)).rejects.toMatchObject({
      code: 'ERR_FREEZE',
      message: expect.stringContaining('pipe is neither a file, a folder nor a link'),
    });
  });
});
