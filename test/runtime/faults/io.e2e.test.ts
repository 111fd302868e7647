import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HealthSettings } from '../../../src/runtime/manifest.js';
import { temporaryFolder } from '../../support/files.js';
import { until, waitMs } from '../support.js';
import { programs } from './programs.js';
import { factsOf, faulty, isFullRun, next, report, rounded, within } from './support.js';

/** What the defaults are multiplied with: their times are too long for every day. */
const scale = isFullRun ? 1 : 0.1;
const scaled = isFullRun ? 'with the default limits' : 'with a tenth of the default limits';

const health: HealthSettings = {
  http: '/health',
  intervalMs: 10_000 * scale,
  timeoutMs: 5000 * scale,
  failures: 3,
  onUnhealthy: 'report',
};

describe.each(await programs())('$label', { timeout: 120_000 }, (program) => {
  test('13: a gigabyte without a line end neither blocks the app nor the backend', async () => {
    const backend = await faulty(program, {}, { health });
    await backend.start();
    const states: string[] = [];
    backend.on('state', ({ next: state }) => states.push(state));
    const lines: string[] = [];
    backend.on('log', ({ line }) => lines.push(line));
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const lag = monitorEventLoopDelay({ resolution: 5 });
    lag.enable();
    const began = performance.now();
    const answer = await backend.fetch(`/flood?${2 ** 30}`);
    const { longest } = (await answer.json()) as { longest: number };
    const tookMs = performance.now() - began;
    lag.disable();
    clearInterval(watch);
    await until(() => lines.some((line) => line.includes('dropped')), 3000, 'the count of what was dropped');
    const p99 = lag.percentile(99) / 1e6;
    const growth = (peak - before) / 2 ** 20;
    report({
      number: 13,
      fault: '1 GiB on stdout without a line end',
      injected: 'os.write in 64 KiB blocks',
      expected:
        'main-loop p99 < 50 ms; memory < 64 MiB more; no write blocked > 100 ms; healthy; loss reported',
      program: program.label,
      measured: `${rounded(tookMs)}; p99 ${p99.toFixed(1)} ms; ${growth.toFixed(0)} MiB; longest write ${rounded(longest * 1000)}`,
    });
    expect(states).toEqual([]);
    expect(p99).toBeLessThan(within(50));
    expect(growth).toBeLessThan(64);
    expect(longest * 1000).toBeLessThan(within(100));
  });

  test('14: slow health answers degrade a backend only when they are too slow for long', async () => {
    // In the order of the answers: within the limit and beyond it.
    const [fineSeconds, slowSeconds] = [4.9 * scale * (isFullRun ? 1 : 0.7), 6 * scale];
    const fine = await faulty(program, { FAULT_HEALTH: String(fineSeconds) }, { health });
    await fine.start();
    const fineStates: string[] = [];
    fine.on('state', ({ next: state }) => fineStates.push(state));
    const answers = [slowSeconds, slowSeconds, slowSeconds, slowSeconds, 0.01];
    const backend = await faulty(program, { FAULT_HEALTH: answers.join() }, { health });
    await backend.start();
    const began = performance.now();
    const { failures } = await next(backend, 'unhealthy');
    const degradedMs = performance.now() - began;
    expect(backend.status().state).toBe('degraded');
    expect(failures).toBe(4);
    const { downMs } = await next(backend, 'recovered');
    expect(backend.status().state).toBe('ready');
    // The other one was asked at least four times meanwhile.
    expect(fineStates).toEqual([]);
    expect((await factsOf(fine)).health.length).toBeGreaterThanOrEqual(4);
    report({
      number: 14,
      fault: 'slow health answers',
      injected: `answers after ${fineSeconds.toFixed(2)} s and ${slowSeconds} s, ${scaled} (${health.timeoutMs / 1000} s every ${health.intervalMs / 1000} s)`,
      expected: `${fineSeconds.toFixed(2)} s: ready; four of ${slowSeconds} s: degraded after ${30 * scale}-${45 * scale} s; ready again after one good answer`,
      program: program.label,
      measured: `degraded ${rounded(degradedMs)} after ready; ready again ${rounded(downMs)} later`,
    });
    expect(degradedMs).toBeGreaterThanOrEqual(30_000 * scale);
    expect(degradedMs).toBeLessThan(within(45_000 * scale));
  });

  test('15: a busy interpreter degrades the backend at most', async () => {
    const busySeconds = 20 * scale;
    const backend = await faulty(program, {}, { health });
    await backend.start();
    const { pid } = await factsOf(backend);
    const states: string[] = [];
    backend.on('state', ({ next: state }) => states.push(state));
    backend.fetch(`/gil?${busySeconds}`).catch(() => undefined);
    await waitMs(busySeconds * 1000 + 500);
    await until(() => backend.status().state === 'ready', 3 * health.intervalMs, 'ready');
    expect(states.filter((state) => !['degraded', 'ready'].includes(state))).toEqual([]);
    expect((await factsOf(backend)).pid).toBe(pid);
    report({
      number: 15,
      fault: 'interpreter lock held',
      injected: `for ${busySeconds} s by a C function that does not release it, ${scaled}`,
      expected: 'degraded at most, never killed',
      program: program.label,
      measured: states.length === 0 ? 'stayed ready' : states.join(' -> '),
    });
  });

  test('a hang is restarted when the settings say so', async () => {
    const backend = await faulty(
      program,
      {},
      { health: { ...health, intervalMs: 200, timeoutMs: 200, onUnhealthy: 'restart' } },
    );
    await backend.start();
    const { pid } = await factsOf(backend);
    const ready = next(backend, 'ready');
    process.kill(pid, 'SIGSTOP');
    await ready;
    expect(backend.status().generation).toBe(2);
    expect((await factsOf(backend)).pid).not.toBe(pid);
  });

  test('23: the token is nowhere but in requests', async () => {
    const folder = await temporaryFolder();
    const backend = await faulty(program, {}, {}, { folder });
    const heard: string[] = [];
    for (const event of [
      'state',
      'ready',
      'exit',
      'status',
      'log',
      'restarting',
      'failed',
      'stopped',
    ] as const)
      backend.on(event, (payload) => heard.push(JSON.stringify(payload)));
    await backend.start();
    const token = backend.token() ?? '';
    expect(token.length).toBeGreaterThan(40);
    const workers = (await (await backend.fetch('/workers')).json()) as number[];
    await backend.fetch('/leak');
    await until(() => heard.some((text) => text.includes('[redacted]')), 3000, 'the leak');
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const hits = processes.filter((name) =>
      ['cmdline', 'environ'].some((file) => {
        try {
          return readFileSync(`/proc/${name}/${file}`, 'latin1').includes(token);
        } catch {
          return false;
        }
      }),
    );
    expect(hits).toEqual([]);
    expect(workers.length).toBeGreaterThanOrEqual(2);
    const exit = next(backend, 'exit');
    backend.fetch('/exit?1').catch(() => undefined);
    await exit;
    const status = JSON.stringify(backend.status());
    await backend.stop();
    await backend[Symbol.asyncDispose]();
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const texts = await Promise.all(
      files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(files.some((entry) => entry.name === 'engine.log')).toBe(true);
    for (const text of [...texts, ...heard, status]) expect(text.includes(token)).toBe(false);
    report({
      number: 23,
      fault: 'token leak',
      injected: 'the backend prints its token to both streams and into a status',
      expected: 'no hit in logs, events, status, command lines and environments',
      program: program.label,
      measured: `0 hits in ${processes.length} processes, ${files.length} files, ${heard.length} events`,
    });
  });

  test('24: other hosts, missing tokens and WebSockets without token are refused', async () => {
    const backend = await faulty(program);
    await backend.start();
    const { port } = new URL(backend.url ?? '');
    const token = backend.token() ?? '';
    const raw = (lines: readonly string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1');
        let text = '';
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''));
        socket.on('error', reject);
        socket.write(`${['GET /facts HTTP/1.1', ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
      });
    const bearer = `X-Electron-PyInstaller-Token: ${token}`;
    expect(await raw([`Host: 127.0.0.1:${port}`, bearer])).toContain(' 200');
    const answers = [
      await raw([`Host: evil.example:${port}`, bearer]),
      await raw([`Host: 127.0.0.1:${port}`]),
      await raw([`Host: 127.0.0.1:${port}`, 'X-Electron-PyInstaller-Token: wrong']),
      await raw([`Host: 127.0.0.1:${port}`, 'Upgrade: websocket', 'Sec-WebSocket-Key: x']),
    ];
    expect(answers.map((line) => line.split(' ')[1])).toEqual(['403', '401', '401', '401']);
    report({
      number: 24,
      fault: 'foreign requests',
      injected: 'Host: evil.example; no token; wrong token; WebSocket upgrade without token',
      expected: '403, 401, 401, 401',
      program: program.label,
      measured: answers.map((line) => line.split(' ')[1]).join(', '),
    });
  });

  test('28: a full disk, a held file and a deleted one cost no line of the log', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'logs', 'engine.log');
    await mkdir(path.dirname(file));
    await symlink('/dev/full', file);
    const warnings: string[] = [];
    const logger = {
      info: () => undefined,
      warn: (text: string) => warnings.push(text),
      error: () => undefined,
    };
    const logs = { file: true, maxFiles: 2, maxBytes: 3000, ringLines: 200, redact: [] };
    const backend = await faulty(program, {}, { logs }, { folder, logger });
    const said = { count: 0 };
    const say = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) await (await backend.fetch('/leak')).text();
      said.count += count;
    };
    const written = async (): Promise<number> => {
      const texts = await Promise.all(
        [file, path.join(path.dirname(file), 'engine.1.log')].map((name) =>
          readFile(name, 'utf8').catch(() => ''),
        ),
      );
      return texts.join('').split(' stdout token ').length - 1;
    };
    const row = { number: 28, program: program.label } as const;
    await backend.start();
    await say(20);
    await until(() => warnings.length > 0, 3000, 'the warning');
    await waitMs(1200);
    expect(warnings.filter((text) => text.includes('ENOSPC'))).toHaveLength(1);
    // From here on a rotation fails: what is in the way can neither be moved nor removed.
    await mkdir(path.join(path.dirname(file), 'engine.1.log'));
    await writeFile(path.join(path.dirname(file), 'engine.1.log', 'held'), '');
    await rm(file);
    await expect.poll(written, { timeout: 3000 }).toBe(said.count);
    report({
      ...row,
      fault: 'the disk is full',
      injected: 'every write to the log is ENOSPC while 20 lines come, for more than a second',
      expected: 'every line is written when there is room again; the logger hears of it once',
      measured: `${await written()} of ${said.count} lines; 1 warning`,
    });
    await say(40);
    await expect.poll(written, { timeout: 3000 }).toBe(said.count);
    const held = warnings.filter((text) => text.includes('cannot be moved aside'));
    expect(held).toHaveLength(1);
    report({
      ...row,
      fault: 'the log cannot be rotated',
      injected: 'the older file can be neither moved nor removed while 40 lines come',
      expected: 'the file grows, every line is written; the logger hears of it once',
      measured: `${await written()} of ${said.count} lines; ${held.length} warning`,
    });
    await rm(file);
    await say(5);
    await expect.poll(written, { timeout: 3000 }).toBe(5);
    report({
      ...row,
      fault: 'the log is deleted',
      injected: 'unlink while the backend runs, then 5 lines',
      expected: 'it is made again, with every later line',
      measured: `${await written()} of 5 lines`,
    });
  });
});
