import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isAlive } from '../../src/lib/process-identity.js';
import { describeEnd, run } from '../../src/lib/run.js';
import { temporaryFolder } from '../support/files.js';

const sh = (script: string, options: Parameters<typeof run>[2] = {}) =>
  run('/bin/sh', ['-c', script], options);

describe.skipIf(process.platform === 'win32')('run', () => {
  test('tells output and how it ended', async () => {
    expect(await sh('echo out; echo err >&2; exit 7')).toEqual({
      exitCode: 7,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
      cancelled: false,
      startError: null,
    });
    expect(await sh('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test.each([
    ['a program that does not exist', run('/no/such/program', [])],
    ['a folder that does not exist', sh('true', { cwd: '/no/such/folder' })],
  ])('%s is a result, not an exception', async (_title, running) => {
    expect(await running).toMatchObject({ exitCode: null, startError: { code: 'ENOENT' } });
  });

  test('has exactly the environment that is given', async () => {
    const { stdout } = await sh('/usr/bin/env', { env: { ONLY: 'this' } });
    expect(stdout.split('\n').filter((line) => !/^(?:PWD|SHLVL|_)=/.test(line))).toEqual(['ONLY=this', '']);
  });

  test('gives lines whatever ends them, each with where it came from, the last one too', async () => {
    const lines: string[] = [];
    const script = String.raw`printf 'a\r\nb\rc\n\nd'; printf 'e\n' >&2`;
    const result = await sh(script, { onLine: (line, from) => lines.push(`${from} ${line}`) });
    expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(
      ['a', 'b', 'c', '', 'd'].map((line) => `stdout ${line}`),
    );
    expect(lines).toContain('stderr e');
  });

  test('gives an empty input, and an open one as a lifeline', async () => {
    expect(await sh('cat; echo end')).toMatchObject({ stdout: 'end\n' });
    expect(await sh('cat; echo end', { lifeline: true, timeoutMs: 300 })).toMatchObject({ timedOut: true });
  });

  test('a program that closes its input early is no failure', async () => {
    expect(await sh('exec 0<&-; echo end', { lifeline: true })).toMatchObject({
      exitCode: 0,
      stdout: 'end\n',
    });
  });

  test('is not started when it is cancelled already', async () => {
    const file = `${await temporaryFolder()}/ran`;
    expect(await sh(`touch '${file}'`, { signal: AbortSignal.abort() })).toMatchObject({ cancelled: true });
    expect(existsSync(file)).toBe(false);
  });

  test.each(['cancelled', 'timedOut'] as const)('when it is %s, nothing it started remains', async (how) => {
    const file = `${await temporaryFolder()}/pids`;
    const controller = new AbortController();
    const running = sh(`sleep 60 & echo $$ $! > '${file}'; wait`, {
      signal: controller.signal,
      ...(how === 'timedOut' ? { timeoutMs: 500 } : {}),
    });
    while (!existsSync(file) || (await readFile(file, 'utf8')) === '') await sleep(10);
    if (how === 'cancelled') controller.abort();
    expect(await running).toMatchObject({ signal: 'SIGKILL', [how]: true });
    const pids = (await readFile(file, 'utf8')).trim().split(' ').map(Number);
    for (let round = 0; round < 100 && pids.some(isAlive); round++) await sleep(20);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('a child that outlives the program with its pipes is ended, and does not keep anybody waiting', async () => {
    const began = performance.now();
    const { exitCode, stdout } = await sh('sleep 60 & echo $!');
    expect(exitCode).toBe(0);
    const pid = Number(stdout);
    for (let round = 0; round < 100 && isAlive(pid); round++) await sleep(20);
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('a daemon that left the group keeps running, and does not keep anybody waiting either', async () => {
    const { exitCode, stdout } = await run(process.execPath, [
      '-e',
      `const child = require('node:child_process').spawn('sleep', ['60'], { detached: true, stdio: 'inherit' }); child.unref(); console.log(child.pid)`,
    ]);
    const pid = Number(stdout);
    expect([exitCode, isAlive(pid)]).toEqual([0, true]);
    process.kill(pid, 'SIGKILL');
  });

  test('leaves the signals of this process to its own listeners', async () => {
    const count = () => ['SIGTERM', 'SIGINT', 'SIGHUP'].map((name) => process.listenerCount(name));
    const before = count();
    const running = sh('sleep 0.1');
    expect(count()).toEqual(before);
    await running;
  });

  test('its end is told in a few words', async () => {
    expect(describeEnd(await sh('exit 3'))).toBe('exit code 3');
    expect(describeEnd(await sh('kill -15 $$'))).toBe('signal SIGTERM');
    expect(describeEnd(await run('/no/such/program', []))).toBe('spawn /no/such/program ENOENT');
  });
});
