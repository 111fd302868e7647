import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { programs } from './programs.js';
import { faulty, next } from './support.js';

/** Where a relative pattern says that a dump is written into the working directory, and this process may allow one. */
const isWritten =
  process.platform === 'linux' &&
  readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('core') &&
  execFileSync('sh', ['-c', 'ulimit -Hc'], { encoding: 'utf8' }).trim() === 'unlimited';

describe.skipIf(!isWritten).each(await programs())('$label', { timeout: 60_000 }, (program) => {
  test('a folder that the app asks for holds the dumps of the last three crashes, and nothing else', async () => {
    const backend = await faulty(
      program,
      { ELECTRON_PYINSTALLER_DUMPS: '{userData}/dumps' },
      { cwd: '{userData}/work' },
    );
    const userData = backend.app.getPath('userData');
    const work = path.join(userData, 'work');
    await mkdir(work, { recursive: true });
    await writeFile(path.join(work, 'core.txt'), 'about apples');
    await backend.start();
    for (let crash = 0; crash < 4; crash++) {
      const ready = next(backend, 'ready');
      await backend.fetch('/native?null', { method: 'POST' }).catch(() => null);
      await ready;
    }
    const dumps = await readdir(path.join(userData, 'dumps'));
    // They hold the memory, tokens of their runs included; the other tests' watch for tokens must not find them.
    await rm(path.join(userData, 'dumps'), { recursive: true });
    expect(dumps).toEqual([1, 2, 3].map(() => expect.stringMatching(/^core\.\d+$/) as string));
    expect(await readdir(work)).toEqual(['core.txt']);
  });

  test('who asks for none gets none', async () => {
    const backend = await faulty(program, {}, { cwd: '{userData}' });
    await backend.start();
    const ready = next(backend, 'ready');
    await backend.fetch('/native?null', { method: 'POST' }).catch(() => null);
    await ready;
    const names = await readdir(backend.app.getPath('userData'));
    expect(names.filter((name) => name.startsWith('core'))).toEqual([]);
  });
});
