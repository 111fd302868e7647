import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogFile, rotatedName } from '../../src/runtime/log/log-file.js';
import { LogSink } from '../../src/runtime/log/log-sink.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { fixtureBackend, testBackend, until } from './support.js';
import { noModes, notOnWindows } from '../support/windows.js';

function logFile(file: string, changes: { maxFiles?: number; maxBytes?: number } = {}) {
  const troubles: unknown[] = [];
  const log = new LogFile({
    file,
    maxFiles: 3,
    maxBytes: 100,
    ...changes,
    onTrouble: (error) => troubles.push(error),
  });
  return { log, troubles };
}

test('rotates by size and keeps no more files than asked for', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'lögs', 'engine.log');
  const { log } = logFile(file);
  for (let count = 0; count < 20; count++) {
    log.write(`line ${String(count).padStart(2, '0')} ${'x'.repeat(30)}`);
    await log.close();
  }
  expect((await readdir(path.dirname(file))).sort()).toEqual(['engine.1.log', 'engine.2.log', 'engine.log']);
  expect(await readFile(file, 'utf8')).toMatch(/^line 18.*\nline 19.*\n$/);
  expect(await readFile(rotatedName(file, 2), 'utf8')).toMatch(/^line 14.*\nline 15.*\n$/);
});

test('begins a new file at each run of the app, once', async () => {
  const folder = await writeFiles({ 'engine.log': 'yesterday\n' });
  const file = path.join(folder, 'engine.log');
  const { log } = logFile(file, { maxBytes: 10_000 });
  log.write('today');
  await log.close();
  log.write('still today');
  await log.close();
  expect(await readFile(file, 'utf8')).toBe('today\nstill today\n');
  expect(await readFile(rotatedName(file, 1), 'utf8')).toBe('yesterday\n');
});

test('with one file it starts over', async () => {
  const file = path.join(await temporaryFolder(), 'one.log');
  const { log } = logFile(file, { maxFiles: 1, maxBytes: 20 });
  for (const line of ['a'.repeat(15), 'b'.repeat(15)]) {
    log.write(line);
    await log.close();
  }
  expect(await readFile(file, 'utf8')).toBe(`${'b'.repeat(15)}\n`);
  expect(await readdir(path.dirname(file))).toEqual(['one.log']);
});

test('a folder that cannot be written is told once and never in the way', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'logs'), 'a file where the folder should be');
  const { log, troubles } = logFile(path.join(folder, 'logs', 'engine.log'));
  for (let count = 0; count < 100; count++) log.write('line');
  await log.close();
  log.write('later');
  await log.close();
  expect(troubles).toHaveLength(1);
});

test('the queue is bounded', async () => {
  const file = path.join(await temporaryFolder(), 'big.log');
  const { log } = logFile(file, { maxBytes: 1e9 });
  const line = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 12; count++) log.write(line);
  await log.close();
  log.write('after');
  await log.close();
  const text = await readFile(file, 'utf8');
  expect(text.length).toBeLessThan(10 * 1024 * 1024);
  expect(text).toMatch(/\d+ lines not written: the disk is full or too slow\nafter\n$/);
});

test('another logger gets everything, and its exceptions are its own', async () => {
  const lines: string[] = [];
  const sink = new LogSink({
    name: 'engine',
    file: null,
    maxFiles: 1,
    maxBytes: 1,
    logger: {
      info: (text) => lines.push(`info ${text}`),
      warn: () => {
        throw new Error('broken logger');
      },
      error: (text) => lines.push(`error ${text}`),
    },
  });
  sink.output('stderr', '\u001B[31mred\u001B[0m', false);
  sink.output('stderr', '10%', true);
  sink.remark('warn', 'x');
  sink.remark('error', 'y');
  await sink.close();
  expect(lines).toEqual(['info [engine] red', 'error [engine] y']);
});

test('a remark of several lines stays one entry: what follows is indented', async () => {
  const file = path.join(await temporaryFolder(), 'engine.log');
  const sink = new LogSink({ name: 'engine', file, maxFiles: 1, maxBytes: 10_000, logger: null });
  sink.remark('error', 'it failed\nDo this.');
  await sink.close();
  expect(await readFile(file, 'utf8')).toMatch(/^\S+Z error it failed\n {2}Do this\.\n$/);
});

test('output of the backend and what became of it stand in the log under the app', async () => {
  const lines: string[] = [];
  const logger = {
    info: (text: string) => lines.push(text),
    warn: (text: string) => lines.push(text),
    error: () => {},
  };
  const backend = await testBackend(fixtureBackend(), { logger });
  await backend.start();
  await backend.fetch('/log');
  await until(() => lines.some((line) => line.includes('[redacted]')));
  await backend.stop();
  expect(backend.tail()).toContain('printed');
  await backend[Symbol.asyncDispose]();
  const text = await readFile(path.join(backend.app.getPath('logs'), 'engine.log'), 'utf8');
  expect(text).toMatch(/Z stdout printed\n/);
  expect(text).toMatch(/Z stderr token is \[redacted\]\n/);
  expect(text).toMatch(/Z backend ready after \d+ ms at http/);
  expect(text).toMatch(/Z backend stopped in \d+ ms/);
});

test('a backend runs without a place for its log', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'logs'), 'no folder');
  const backend = await testBackend(fixtureBackend(), { folder });
  await backend.start();
  expect(backend.status().state).toBe('ready');
  await backend.stop();
});

test(
  'what a backend leaves on disk is for this user alone, whatever the umask and whatever it was',
  notOnWindows(noModes),
  async () => {
    const before = process.umask(0);
    onTestFinished(() => {
      process.umask(before);
    });
    const folder = await temporaryFolder();
    // As an earlier version left them.
    for (const name of ['userData/electron-pyinstaller/processes', 'logs'])
      await mkdir(path.join(folder, name), { recursive: true });
    const backend = await testBackend(fixtureBackend(), { folder });
    await backend.start();
    const records = path.join(folder, 'userData', 'electron-pyinstaller', 'processes');
    await expect.poll(() => readdir(records)).toHaveLength(1);
    const logs = path.join(folder, 'logs');
    await expect.poll(() => readdir(logs)).toEqual(['engine.log']);
    const open: string[] = [];
    for (const place of [path.dirname(records), logs])
      for (const entry of ['.', ...(await readdir(place, { recursive: true }))]) {
        // A record being written has another name for a moment.
        const found = await stat(path.join(place, entry)).catch(() => null);
        if (found !== null && (found.mode & 0o077) !== 0) open.push(path.join(place, entry));
      }
    expect(open).toEqual([]);
  },
);
