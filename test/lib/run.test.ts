import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { isAlive } from '../../src/lib/process-identity.js';
import { describeEnd, run } from '../../src/lib/run.js';
import { awaitText, temporaryFolder } from '../support/files.js';

/** A program of JavaScript, which is the same on every system. */
const node = (body: string, options: Parameters<typeof run>[2] = {}) =>
  run(process.execPath, ['-e', body], options);

const onWindows = process.platform === 'win32';
/** A program that runs until somebody ends it, started by another; its number is in `pid`. */
const spawnChild = (stdio: 'ignore' | 'inherit', detached = false): string =>
  `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: '${stdio}', detached: ${detached} })`;
/** What Windows tells of a program that was ended: a code, no signal. */
const ended = (signal: string) => (onWindows ? { exitCode: 1, signal: null } : { exitCode: null, signal });
/** With the ending of a program: without one, Windows asks its command interpreter, whose answers differ. */
const nowhere = path.resolve('/no/such/program.exe');

describe('run', () => {
  test('tells output and how it ended', async () => {
    expect(await node("console.log('out'); console.error('err'); process.exitCode = 7;")).toEqual({
      exitCode: 7,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
      cancelled: false,
      startError: null,
    });
    expect(await node("process.kill(process.pid, 'SIGKILL')")).toMatchObject(ended('SIGKILL'));
  });

  test.each([
    ['a program that does not exist', run(nowhere, [])],
    ['a folder that does not exist', node('', { cwd: '/no/such/folder' })],
  ])('%s is a result, not an exception', async (_title, running) => {
    expect(await running).toMatchObject({ exitCode: null, startError: { code: 'ENOENT' } });
  });

  test('has exactly the environment that is given', async () => {
    vi.stubEnv('OURS', 'that');
    const { stdout } = await node('console.log(process.env.ONLY, process.env.OURS)', {
      env: { ONLY: 'this' },
    });
    expect(stdout).toBe('this undefined\n');
  });

  test('gives lines whatever ends them, each with where it came from, the last one too', async () => {
    const lines: string[] = [];
    const body = String.raw`process.stdout.write('a\r\nb\rc\n\nd'); process.stderr.write('e\n');`;
    const result = await node(body, { onLine: (line, from) => lines.push(`${from} ${line}`) });
    expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(
      ['a', 'b', 'c', '', 'd'].map((line) => `stdout ${line}`),
    );
    expect(lines).toContain('stderr e');
  });

  test('gives an empty input, and an open one as a lifeline', async () => {
    const body = "process.stdin.on('end', () => console.log('end')).resume()";
    expect(await node(body)).toMatchObject({ stdout: 'end\n' });
    expect(await node(body, { lifeline: true, timeoutMs: 300 })).toMatchObject({ timedOut: true });
  });

  test('a program that closes its input early is no failure', async () => {
    expect(await node("process.stdin.destroy(); console.log('end')", { lifeline: true })).toMatchObject({
      exitCode: 0,
      stdout: 'end\n',
    });
  });

  test('is not started when it is cancelled already', async () => {
    const file = path.join(await temporaryFolder(), 'ran');
    const body = `require('node:fs').writeFileSync(${JSON.stringify(file)}, '')`;
    expect(await node(body, { signal: AbortSignal.abort() })).toMatchObject({ cancelled: true });
    expect(existsSync(file)).toBe(false);
  });

  test.each(['cancelled', 'timedOut'] as const)('when it is %s, nothing it started remains', async (how) => {
    const file = path.join(await temporaryFolder(), 'pids');
    const controller = new AbortController();
    const body = `${spawnChild('ignore')}; require('node:fs').writeFileSync(${JSON.stringify(file)}, process.pid + ' ' + pid)`;
    const running = node(body, {
      signal: controller.signal,
      ...(how === 'timedOut' ? { timeoutMs: 3000 } : {}),
    });
    const text = await awaitText(file);
    if (how === 'cancelled') controller.abort();
    expect(await running).toMatchObject({ [how]: true });
    const pids = text.split(' ').map(Number);
    for (let round = 0; round < 100 && pids.some(isAlive); round++) await sleep(20);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('a child that outlives the program with its pipes is ended, and does not keep anybody waiting', async () => {
    const began = performance.now();
    const { exitCode, stdout } = await node(`${spawnChild('inherit')}; console.log(pid); process.exit()`);
    expect(exitCode).toBe(0);
    const pid = Number(stdout);
    for (let round = 0; round < 100 && isAlive(pid); round++) await sleep(20);
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('a daemon that left the group keeps running, and does not keep anybody waiting either', async () => {
    const { exitCode, stdout } = await node(
      `${spawnChild('inherit', true)}; console.log(pid); process.exit()`,
    );
    const pid = Number(stdout);
    expect([exitCode, isAlive(pid)]).toEqual([0, true]);
    process.kill(pid, 'SIGKILL');
  });

  test('leaves the signals of this process to its own listeners', async () => {
    const count = () => ['SIGTERM', 'SIGINT', 'SIGHUP'].map((name) => process.listenerCount(name));
    const before = count();
    const running = node('setTimeout(() => {}, 100)');
    expect(count()).toEqual(before);
    await running;
  });

  test('its end is told in a few words', async () => {
    expect(describeEnd(await node('process.exitCode = 3'))).toBe('exit code 3');
    const killed = await node("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 60_000)");
    expect(describeEnd(killed)).toBe(onWindows ? 'exit code 1' : 'signal SIGTERM');
    expect(describeEnd(await run(nowhere, []))).toMatch(/^spawn .*program.exe ENOENT$/);
  });
});
