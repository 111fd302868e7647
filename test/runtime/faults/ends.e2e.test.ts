import { describe, expect, test } from 'vitest';
import { isRunning, signal, testSettings, until, waitMs } from '../support.js';
import { programs } from './programs.js';
import { factsOf, failure, faulty, next, report, rounded, unpackedFolders, within } from './support.js';

const quick = { ...testSettings.restart, delayMs: 500 };

describe.each(await programs())('$label', (program) => {
  test('1: a killed backend is reported at once and comes back', async () => {
    const backend = await faulty(program);
    const began = performance.now();
    await backend.start();
    const startMs = performance.now() - began;
    const { pid } = await factsOf(backend);
    const exit = next(backend, 'exit');
    const ready = next(backend, 'ready');
    const killed = performance.now();
    process.kill(pid, 'SIGKILL');
    expect(await exit).toMatchObject({ expected: false, generation: 1 });
    const exitMs = performance.now() - killed;
    const { generation } = await ready;
    const readyMs = performance.now() - killed;
    expect(generation).toBe(2);
    expect(isRunning(pid)).toBe(false);
    expect((await backend.fetch('/health')).status).toBe(200);
    report({
      number: 1,
      fault: 'kill -9 of Python',
      injected: 'SIGKILL',
      expected:
        'reported within 50 ms (onefile: when its bootloader has cleaned up); back within 0.6 s + start time',
      program: program.label,
      measured: `reported after ${rounded(exitMs)}, back after ${rounded(readyMs)} (start: ${rounded(startMs)})`,
    });
    // The bootloader removes its folder before it ends.
    expect(exitMs).toBeLessThan(within(program.label === 'onefile' ? 1000 : 50));
    expect(readyMs).toBeLessThan(within(exitMs + 600 + 2 * startMs));
  });

  test.runIf(program.label === 'onefile')(
    '2: Python ends with its bootloader and the backend is restarted once',
    async () => {
      const backend = await faulty(program);
      await backend.start();
      const { pid, meipass } = await factsOf(backend);
      const { bootPid } = backend.status();
      const restarts: unknown[] = [];
      backend.on('restarting', (event) => restarts.push(event));
      const ready = next(backend, 'ready');
      const killed = performance.now();
      signal(bootPid, 'SIGKILL');
      await until(() => !isRunning(pid), within(3000), 'Python to end');
      const deadMs = performance.now() - killed;
      await ready;
      expect(restarts).toHaveLength(1);
      expect(unpackedFolders().filter((folder) => meipass?.endsWith(folder))).toEqual([]);
      expect(backend.status().generation).toBe(2);
      report({
        number: 2,
        fault: 'kill -9 of the bootloader only',
        injected: 'SIGKILL to the spawned process',
        expected: 'Python ends within grace + 1 s; one restart; nothing left unpacked',
        program: program.label,
        measured: `Python ended after ${rounded(deadMs)}; 1 restart`,
      });
      await backend.stop();
      expect(isRunning(pid)).toBe(false);
    },
  );

  test('5: a hanging start times out in the right phase, leaves nothing, and is given up after three', async () => {
    const ready = { ...testSettings.ready, timeoutMs: program.label === 'onefile' ? 6000 : 3000 };
    const backend = await faulty(
      program,
      { FAULT_AT_IMPORT: 'hang' },
      { ready, restart: { ...quick, delayMs: 20 } },
    );
    const pids: number[] = [];
    backend.on('state', () => {
      const { bootPid } = backend.status();
      if (bootPid !== null) pids.push(bootPid);
    });
    const began = performance.now();
    const failed = next(backend, 'failed');
    const error = await failure(backend.start());
    const tookMs = performance.now() - began;
    expect(error).toMatchObject({
      code: 'E_START_TIMEOUT',
      phase: 'handshaking',
      retryable: true,
      generation: 1,
    });
    const { error: last } = await failed;
    expect(last).toMatchObject({ code: 'E_START_TIMEOUT', generation: 3 });
    expect(pids.filter(isRunning)).toEqual([]);
    report({
      number: 5,
      fault: 'hang while starting',
      injected: 'the import never ends',
      expected: 'E_START_TIMEOUT in phase handshaking at the timeout ± 100 ms; given up after 3',
      program: program.label,
      measured: `${rounded(tookMs - ready.timeoutMs)} after the timeout; given up after 3`,
    });
    expect(tookMs).toBeGreaterThanOrEqual(ready.timeoutMs - 5);
    expect(tookMs).toBeLessThan(ready.timeoutMs + within(100));
  });

  test('7: a crash loop ends in failed, costs nothing there, and can be retried', async () => {
    const restart = { ...testSettings.restart, delayMs: 100 };
    const backend = await faulty(program, {}, { restart });
    const delays: number[] = [];
    backend.on('restarting', ({ delayMs }) => delays.push(delayMs));
    const endCrashing = backend.on('ready', () => {
      backend.fetch('/exit?1').catch(() => undefined);
    });
    const failed = next(backend, 'failed');
    await backend.start();
    expect((await failed).error.code).toBe('E_CRASH_LOOP');
    endCrashing();
    expect(delays).toHaveLength(4);
    for (const [index, delayMs] of delays.entries()) {
      expect(delayMs).toBeGreaterThanOrEqual(0.8 * 100 * 2 ** index);
      expect(delayMs).toBeLessThanOrEqual(1.2 * 100 * 2 ** index);
    }
    const before = process.cpuUsage();
    await waitMs(500);
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 500_000;
    expect(backend.status().state).toBe('failed');
    await backend.start();
    expect(backend.status().state).toBe('ready');
    report({
      number: 7,
      fault: 'crash loop',
      injected: 'exit 1 right after ready',
      expected:
        'at most 4 automatic restarts, delays doubling ± 20 %, then failed; retry works; idle CPU < 5 %',
      program: program.label,
      measured: `4 restarts after ${delays.map((ms) => rounded(ms)).join(', ')}; then failed; CPU ${(share * 100).toFixed(1)} %`,
    });
    expect(share).toBeLessThan(0.2);
  });

  test('8: exit code 78 is never restarted, 75 at once', async () => {
    const veto = await faulty(program, { FAULT_AT_IMPORT: 'exit:78' });
    expect(await failure(veto.start())).toMatchObject({ code: 'E_START_EXIT', exitCode: 78, generation: 1 });
    expect(veto.status().state).toBe('failed');
    const again = await faulty(program);
    await again.start();
    const restarting = next(again, 'restarting');
    again.fetch('/exit?75').catch(() => undefined);
    expect(await restarting).toMatchObject({ delayMs: 0, attempt: 1 });
    await next(again, 'ready');
    report({
      number: 8,
      fault: 'exit code 78 / 75',
      injected: 'os._exit',
      expected: '78: failed at once; 75: restarted without delay, counted',
      program: program.label,
      measured: '78: failed in generation 1; 75: delay 0 ms, restart 1 of 4',
    });
  });

  test('a fatal message ends the attempts, with the words of the backend', async () => {
    const backend = await faulty(program, { FAULT_AT_IMPORT: 'fatal' });
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_FATAL', generation: 1, retryable: false });
    expect(error.message).toContain('the database is from the future');
    expect(backend.status().state).toBe('failed');
  });

  test('a missing module is named together with the configuration that adds it', async () => {
    const backend = await faulty(program, { FAULT_AT_IMPORT: 'raise:plugins_of_mine.extra' });
    const error = await failure(backend.start());
    expect(error.retryable).toBe(false);
    expect(error.hint).toContain(
      program.label === 'development' ? 'backends.engine.requirements' : "hiddenImports: ['plugins_of_mine",
    );
  });

  test('a slow start is announced, and longer time is granted when asked for', async () => {
    const ready = {
      ...testSettings.ready,
      timeoutMs: program.label === 'onefile' ? 6000 : 3000,
      slowAfterMs: 500,
    };
    const backend = await faulty(program, { FAULT_AT_IMPORT: `extend:${ready.timeoutMs / 1000}` }, { ready });
    const slow = next(backend, 'slow-start');
    await backend.start();
    expect((await slow).elapsedMs).toBeGreaterThanOrEqual(495);
    expect(backend.status().state).toBe('ready');
  });

  test('no unpacked folder is left', async () => {
    const before = unpackedFolders();
    const backend = await faulty(program);
    await backend.start();
    const { meipass } = await factsOf(backend);
    await backend.stop();
    if (program.label === 'onefile') expect(meipass).toMatch(/_MEI/);
    expect(unpackedFolders().filter((name) => meipass?.endsWith(name))).toEqual([]);
    expect(unpackedFolders().length).toBeLessThanOrEqual(before.length);
  });
});
