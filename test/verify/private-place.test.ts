import { execa } from 'execa';
import { access, chmod, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makePrivatePlace, type PrivatePlace } from '../../src/verify/private-place.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { isWindows, noLinks, notOnWindows } from '../support/windows.js';

async function place(files: Readonly<Record<string, string>>): Promise<PrivatePlace> {
  const bundle = await writeFiles(files);
  await chmod(path.join(bundle, 'engine'), 0o755);
  if (!isWindows) await symlink('engine', path.join(bundle, 'link'));
  const made = await makePrivatePlace(bundle, 'engine', { env: process.env, platform: process.platform });
  onTestFinished(() => made.remove());
  return made;
}

describe('makePrivatePlace', () => {
  it('copies the bundle to a path with a space and a letter outside ASCII, read-only', async () => {
    const made = await place({ engine: '#!/bin/sh', 'data/a': 'a' });
    expect(made.bundle).toMatch(/ .*é|é.* /);
    expect((await stat(path.join(made.bundle, 'engine'))).mode & 0o777).toBe(isWindows ? 0o444 : 0o555);
    // Of a folder Windows does not know it.
    if (!isWindows) expect((await stat(path.join(made.bundle, 'data'))).mode & 0o222).toBe(0);
    expect(await made.changes()).toEqual([]);
  });

  it('notices every change inside the bundle', async () => {
    const made = await place({ engine: '', 'data/a': 'a', 'data/b': 'b', 'data/c': 'c' });
    // Root may write where nobody may; everybody else has to be allowed to first.
    for (const name of ['data', 'data/a', 'data/b']) await chmod(path.join(made.bundle, name), 0o700);
    await writeFile(path.join(made.bundle, 'data/a'), 'A');
    await rm(path.join(made.bundle, 'data/b'));
    await writeFile(path.join(made.bundle, 'data/new'), '');
    expect(await made.changes()).toEqual(expect.arrayContaining(['data/a', 'data/b', 'data/new']));
  });

  it(
    'gives a program no Python, an empty home and its own temporary folder',
    notOnWindows('the program is a shell'),
    async () => {
      const made = await place({ engine: '' });
      const script =
        'command -v python3 python pip; command -v sh && echo "$HOME|$TMPDIR|$PYTHONPATH|$EPY_VERIFICATION"';
      const run = await execa('sh', ['-c', script], {
        env: { ...made.environment },
        extendEnv: false,
        reject: false,
      });
      const lines = run.stdout.split('\n');
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(/\/sh$/);
      expect(lines[1]).toBe(`${made.home}|${made.temporary}||${made.marker}`);
      expect(await readdir(made.home)).toEqual([]);
    },
  );

  it('lists what a onefile program left behind', async () => {
    const made = await place({ engine: '' });
    await writeFiles({ '_MEI0001abcd/x': '', other: '' }, made.temporary);
    expect(await made.unpacked()).toEqual(['_MEI0001abcd']);
  });

  it('is gone after remove', async () => {
    const made = await place({ engine: '', 'a/b/c': '' });
    await made.remove();
    await expect(access(made.bundle)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves nothing behind when the bundle cannot be copied', notOnWindows(noLinks), async () => {
    const bundle = await writeFiles({ engine: '' });
    await symlink('/etc/hostname', path.join(bundle, 'bad'));
    const temporary = await temporaryFolder();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const making = makePrivatePlace(bundle, 'engine', { env: {}, platform: 'linux' });
    await expect(making).rejects.toMatchObject({ code: 'ERR_FREEZE' });
    expect(await readdir(temporary)).toEqual([]);
  });
});
