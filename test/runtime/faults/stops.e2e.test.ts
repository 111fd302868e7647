import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isRunning, processesWith, testSettings, waitMs } from '../support.js';
import { programs } from './programs.js';
import { factsOf, faulty, report, rounded, unpackedFolders, within, zombieChildren } from './support.js';

describe.each(await programs())('$label', { timeout: 120_000 }, (program) => {
  const hangs = [
    ['SIGTERM is ignored', { FAULT_IGNORE_TERM: '1' }, async () => {}],
    [
      'a stream is open',
      {},
      async (backend: Awaited<ReturnType<typeof faulty>>) => {
        const { body } = await backend.fetch('/events');
        await body?.getReader().read();
      },
    ],
    [
      'it is stopped with SIGSTOP',
      {},
      async (backend: Awaited<ReturnType<typeof faulty>>) => {
        const { pid } = await factsOf(backend);
        process.kill(pid, 'SIGSTOP');
      },
    ],
    [
      'it holds the interpreter lock for ever',
      {},
      async (backend: Awaited<ReturnType<typeof faulty>>) => {
        // It answers no more, not even this.
        backend.fetch('/gil?1000').catch(() => undefined);
        await waitMs(500);
      },
    ],
  ] as const;

  test.each(hangs)('6: stop is bounded and complete although %s', async (title, env, prepare) => {
    const mark = `FAULT_MARK=${randomUUID()}`;
    const [name = '', value = ''] = mark.split('=');
    // The defaults of a real app.
    const stop = { graceMs: 5000, terminateMs: 1500, killMs: 1000, http: null };
    const backend = await faulty(program, { ...env, [name]: value }, { stop });
    await backend.start();
    const { pid, meipass } = await factsOf(backend);
    const { bootPid } = backend.status();
    await prepare(backend);
    const stopped: { tookMs: number; forced: boolean }[] = [];
    backend.on('stopped', (event) => stopped.push(event));
    const began = performance.now();
    await Promise.all([backend.stop(), backend.stop(), backend.stop()]);
    const tookMs = performance.now() - began;
    expect(stopped).toHaveLength(1);
    expect([pid, bootPid ?? 0].filter(isRunning)).toEqual([]);
    expect(processesWith(mark)).toEqual([]);
    expect(zombieChildren()).toEqual([]);
    expect(unpackedFolders().filter((folder) => meipass?.endsWith(folder))).toEqual([]);
    report({
      number: 6,
      fault: `hang while stopping: ${title}`,
      injected: 'signal handler, open stream, SIGSTOP, or a C function that keeps the lock',
      expected: 'stop() within 8 s, nothing alive, no unpacked folder',
      program: program.label,
      measured: `${rounded(tookMs)}${stopped[0]?.forced === true ? ', by force' : ''}; nothing left`,
    });
    expect(tookMs).toBeLessThan(within(8000));
  });

  test('4: workers and a process in a session of its own end with the backend', async () => {
    const backend = await faulty(program);
    await backend.start();
    const pids = (await (await backend.fetch('/workers')).json()) as number[];
    expect(pids.length).toBeGreaterThanOrEqual(2);
    expect(pids.every(isRunning)).toBe(true);
    await backend.stop();
    expect(pids.filter(isRunning)).toEqual([]);
    report({
      number: 4,
      fault: 'multiprocessing workers and an escaped process',
      injected: 'Pool(2) and start_new_session',
      expected: 'all end with stop()',
      program: program.label,
      measured: 'none alive after stop()',
    });
  });

  test('a crash takes the workers along before the next generation begins', async () => {
    const backend = await faulty(program, {}, { restart: { ...testSettings.restart, delayMs: 50 } });
    await backend.start();
    const pids = (await (await backend.fetch('/workers')).json()) as number[];
    const { pid } = await factsOf(backend);
    const alive = new Promise<number[]>((resolve) => {
      backend.on('restarting', () => resolve(pids.filter(isRunning)));
    });
    process.kill(pid, 'SIGKILL');
    expect(await alive).toEqual([]);
  });

  test('stops when the app quits, however often that is asked', async () => {
    const backend = await faulty(program);
    await backend.start();
    const { pid } = await factsOf(backend);
    const quit = new Promise((resolve) => backend.app.once('quit', resolve));
    backend.app.quit();
    backend.app.quit();
    await quit;
    expect(isRunning(pid)).toBe(false);
  });
});
