import { execFileSync } from 'node:child_process';
import { promises } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LogFile, rotatedName } from '../../../src/runtime/log/log-file.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { FakeClock } from '../model/fake-clock.js';
import { until } from '../support.js';
import { noModes, notOnWindows } from '../../support/windows.js';

const fullDisk = '/dev/full stands in for a full disk';

function logFile(file: string, changes: { maxFiles?: number; maxBytes?: number } = {}) {
  const troubles: string[] = [];
  const clock = new FakeClock();
  const log = new LogFile({
    file,
    maxFiles: 3,
    maxBytes: 1000,
    clock,
    ...changes,
    onTrouble: (error, what) => troubles.push(`${what} ${String((error as NodeJS.ErrnoException).code)}`),
  });
  return { log, troubles, clock };
}

/** Lines of the file and of the older ones, oldest first. */
async function allLines(file: string): Promise<string[]> {
  const { dir, name } = path.parse(file);
  const count = (await readdir(dir)).filter((entry) => entry.startsWith(name)).length;
  const texts = [];
  for (let index = count - 1; index >= 0; index--)
    texts.push(await readFile(rotatedName(file, index), 'utf8').catch(() => ''));
  return texts.join('').split('\n').slice(0, -1);
}

test(
  'what a full disk refuses is written when there is room again, and is told once',
  notOnWindows(fullDisk),
  async () => {
    const file = path.join(await temporaryFolder(), 'engine.log');
    await symlink('/dev/full', file);
    const { log, troubles, clock } = logFile(file);
    for (let index = 0; index < 50; index++) {
      log.write(`full ${index}`);
      if (index % 10 === 0) await log.close();
    }
    await clock.advance(5000);
    await log.close();
    expect(troubles).toEqual(['write ENOSPC']);
    await rm(file);
    log.write('room');
    await until(() => clock.pending === 0);
    await log.close();
    expect(await allLines(file)).toEqual([
      ...Array.from({ length: 50 }, (_, index) => `full ${index}`),
      'room',
    ]);
    expect(troubles).toHaveLength(1);
  },
);

test('a disk that was full is tried again without another line', notOnWindows(fullDisk), async () => {
  const file = path.join(await temporaryFolder(), 'engine.log');
  await symlink('/dev/full', file);
  const { log, clock } = logFile(file);
  log.write('the last words');
  await until(() => clock.pending === 1);
  await rm(file);
  await clock.advance(30_000);
  await until(() => clock.pending === 0);
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('the last words\n'));
});

test(
  'a trouble that comes back after half a minute of peace is told again',
  notOnWindows(fullDisk),
  async () => {
    const file = path.join(await temporaryFolder(), 'engine.log');
    const { log, troubles, clock } = logFile(file);
    const full = async (): Promise<void> => {
      await symlink('/dev/full', file);
      log.write('full');
      await log.close();
      await rm(file);
      log.write('room');
      await log.close();
      await rm(file);
    };
    await full();
    await full();
    expect(troubles).toHaveLength(1);
    await clock.advance(31_000);
    log.write('peace');
    await log.close();
    await rm(file);
    await full();
    expect(troubles).toEqual(['write ENOSPC', 'write ENOSPC']);
  },
);

test(
  'a small disk that fills up in the middle of a line loses and repeats nothing',
  notOnWindows('mount makes the small disk'),
  async (context) => {
    const folder = await temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('no file system can be mounted here');
    }
    onTestFinished(() => {
      execFileSync('umount', ['-l', folder]);
    });
    const file = path.join(folder, 'engine.log');
    const { log, troubles } = logFile(file, { maxBytes: 1e9 });
    const ballast = path.join(folder, 'ballast');
    await writeFile(ballast, Buffer.alloc(48 * 1024));
    const lines = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(100)}`);
    for (const line of lines) {
      log.write(line);
      await log.close();
    }
    expect(troubles).toEqual(['write ENOSPC']);
    await rm(ballast);
    await log.close();
    expect(await allLines(file)).toEqual(lines);
  },
);

test.each(['EBUSY', 'EPERM', 'EACCES'])(
  'a file that cannot be moved aside (%s) goes on growing, and is moved when that is possible again',
  async (code) => {
    const file = path.join(await temporaryFolder(), 'engine.log');
    const { log, troubles } = logFile(file, { maxBytes: 100 });
    const busy = vi.spyOn(promises, 'rename').mockRejectedValue(Object.assign(new Error(code), { code }));
    onTestFinished(() => busy.mockRestore());
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index} ${'x'.repeat(20)}`);
    for (const line of lines) {
      log.write(line);
      await log.close();
    }
    expect(await readdir(path.dirname(file))).toEqual(['engine.log']);
    expect(troubles).toEqual([`rotate ${code}`]);
    busy.mockRestore();
    log.write('later');
    await log.close();
    expect(await readFile(file, 'utf8')).toBe('later\n');
    expect(await allLines(file)).toEqual([...lines, 'later']);
  },
);

test('an older file that cannot be moved or removed costs none of the others', async () => {
  const folder = await writeFiles({ 'engine.3.log/in the way': '', 'engine.1.log': 'older\n' });
  const file = path.join(folder, 'engine.log');
  const { log, troubles } = logFile(file, { maxFiles: 4, maxBytes: 20 });
  for (let index = 0; index < 6; index++) {
    log.write(`line number ${index}`);
    await log.close();
  }
  expect(troubles).toEqual(['rotate ERR_FS_EISDIR']);
  expect(await readFile(rotatedName(file, 2), 'utf8')).toBe('older\n');
  expect(await readFile(file, 'utf8')).toMatch(/number 5\n$/);
  expect((await allLines(file)).slice(1)).toEqual(
    Array.from({ length: 6 }, (_, index) => `line number ${index}`),
  );
});

test('a rotation that fails again and again loses no older file', async () => {
  const folder = await writeFiles({ 'engine.1.log': '1\n', 'engine.2.log': '2\n', 'engine.3.log': '3\n' });
  const file = path.join(folder, 'engine.log');
  const { log } = logFile(file, { maxFiles: 5, maxBytes: 10 });
  const { rename: really } = promises;
  const busy = vi.spyOn(promises, 'rename').mockImplementation(async (from, to) => {
    if (from === rotatedName(file, 1)) throw Object.assign(new Error('held'), { code: 'EBUSY' });
    await really(from, to);
  });
  onTestFinished(() => busy.mockRestore());
  for (let index = 0; index < 10; index++) {
    log.write(`line ${index}`);
    await log.close();
  }
  expect(await readFile(rotatedName(file, 1), 'utf8')).toBe('1\n');
  expect(await readFile(rotatedName(file, 3), 'utf8')).toBe('2\n');
  expect(await readFile(rotatedName(file, 4), 'utf8')).toBe('3\n');
  expect(await readFile(file, 'utf8')).toMatch(/^line 0\n[^]*line 9\n$/);
});

test('a file that is deleted or moved while the app runs is made again, and so is its folder', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'logs', 'engine.log');
  const { log, troubles } = logFile(file);
  log.write('first');
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('first\n'));
  await rename(file, path.join(folder, 'taken away'));
  log.write('second');
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('second\n'));
  await rm(path.dirname(file), { recursive: true });
  log.write('third');
  await log.close();
  expect(await readFile(file, 'utf8')).toBe('third\n');
  expect(troubles).toEqual([]);
});

test(
  'nobody else reads the folder and the files, whatever the umask and whatever they were',
  notOnWindows(noModes),
  async () => {
    const before = process.umask(0);
    onTestFinished(() => {
      process.umask(before);
    });
    const folder = await temporaryFolder();
    const old = path.join(folder, 'old');
    await mkdir(old, { mode: 0o777 });
    for (const name of ['engine.log', 'engine.1.log'])
      await writeFile(path.join(old, name), 'before\n', { mode: 0o666 });
    for (const file of [path.join(old, 'engine.log'), path.join(folder, 'new', 'logs', 'engine.log')]) {
      const { log } = logFile(file, { maxBytes: 20 });
      for (let index = 0; index < 4; index++) {
        log.write('a line of text');
        await log.close();
      }
      for (const name of await readdir(path.dirname(file)))
        expect((await stat(path.join(path.dirname(file), name))).mode & 0o777).toBe(0o600);
      expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    }
    expect((await stat(path.join(folder, 'new'))).mode & 0o777).toBe(0o700);
  },
);

test(
  'a log that leads to a device leaves the device as it is',
  notOnWindows('its device is /dev/null'),
  async () => {
    const file = path.join(await temporaryFolder(), 'engine.log');
    await symlink('/dev/null', file);
    const { mode } = await stat('/dev/null');
    const { log, troubles } = logFile(file);
    log.write('nobody reads this');
    await log.close();
    expect((await stat('/dev/null')).mode).toBe(mode);
    expect(troubles).toEqual([]);
  },
);
