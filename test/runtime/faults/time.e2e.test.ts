import { EventEmitter } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Backend } from '../../../src/runtime/index.js';
import type { HealthSettings } from '../../../src/runtime/manifest.js';
import { isRunning, waitMs } from '../support.js';
import { programs } from './programs.js';
import { factsOf, faulty, isFullRun, next, report, rounded, within } from './support.js';

/** A tenth of the defaults. */
const health: HealthSettings = {
  http: '/health',
  intervalMs: 1000,
  timeoutMs: 500,
  failures: 3,
  onUnhealthy: 'restart',
};

const hourMs = 3_600_000;

/** Everything that happens to a backend from now on. */
function happenings(backend: Backend): string[] {
  const seen: string[] = [];
  for (const name of ['state', 'exit', 'unhealthy', 'recovered', 'restarting', 'failed'] as const)
    backend.on(name, () => seen.push(name));
  return seen;
}

const nowNs = (): number => Number(process.hrtime.bigint());

describe.each(await programs())('$label', { timeout: 120_000 }, (program) => {
  test('16: a clock that is set forth and back changes nothing', async () => {
    const backend = await faulty(program, {}, { health: { ...health, intervalMs: 300, timeoutMs: 200 } });
    await backend.start();
    const seen = happenings(backend);
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const trueMs = Date.now();
    for (const hours of [1, -1]) {
      vi.useFakeTimers({ toFake: ['Date'], now: trueMs + hours * hourMs });
      const told = (await (await backend.fetch(`/clock?${hours * 3600}`)).json()) as number;
      expect(Math.abs(told * 1000 - Date.now())).toBeLessThan(60_000);
      const { health: before } = await factsOf(backend);
      await waitMs(1500);
      const { health: after } = await factsOf(backend);
      // It is asked as often as before.
      expect(after.length - before.length).toBeGreaterThanOrEqual(3);
    }
    expect(seen).toEqual([]);
    // Restarts are paced by the same clock.
    const ready = next(backend, 'ready');
    process.kill((await factsOf(backend)).pid, 'SIGKILL');
    const { generation } = await ready;
    expect(generation).toBe(2);
    vi.useRealTimers();
    report({
      number: 16,
      fault: 'the clock jumps by an hour, forth and back',
      injected: "`Date` of the app and `time.time` of the backend; the computer's own clock was not set",
      expected: 'no event; health is asked as before; a crash is restarted as ever',
      program: program.label,
      measured: '0 events; restarted once after a kill',
    });
  });

  test('17: a night of sleep restarts nothing', async () => {
    const powerMonitor = new EventEmitter();
    const backend = await faulty(program, {}, { health }, { powerMonitor });
    await backend.start();
    const { pid } = await factsOf(backend);
    const seen = happenings(backend);
    const now = performance.now.bind(performance);
    let sleptMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs);
    onTestFinished(() => {
      clock.mockRestore();
      // A stopped process is hard to end.
      if (isRunning(pid)) process.kill(pid, 'SIGCONT');
    });
    powerMonitor.emit('suspend');
    process.kill(pid, 'SIGSTOP');
    // Longer than it takes an awake computer to find a hang.
    await waitMs(6000);
    sleptMs = 8 * hourMs;
    process.kill(pid, 'SIGCONT');
    powerMonitor.emit('resume');
    const awake = nowNs();
    await waitMs(6500);
    const firstMs = ((await factsOf(backend)).health.find((moment) => moment > awake) ?? 0) - awake;
    expect(seen).toEqual([]);
    expect(backend.status()).toMatchObject({ state: 'ready', generation: 1 });
    expect(firstMs / 1e6).toBeGreaterThanOrEqual(5000);
    // A backend that does not wake up is given both windows.
    powerMonitor.emit('suspend');
    process.kill(pid, 'SIGSTOP');
    sleptMs *= 2;
    powerMonitor.emit('resume');
    const again = now();
    const { failures } = await next(backend, 'unhealthy');
    const unhealthyMs = now() - again;
    expect(failures).toBe(health.failures + 1);
    expect(unhealthyMs).toBeGreaterThanOrEqual(5000 + health.failures * health.timeoutMs);
    report({
      number: 17,
      fault: 'sleep of 8 hours',
      injected:
        '`powerMonitor` played by the test; SIGSTOP meanwhile; the monotonic clock goes on by 8 h (health limits a tenth of the defaults)',
      expected:
        'no event; first probe 5 s after waking up; a backend that stays asleep is reported after both windows',
      program: program.label,
      measured: `0 events; first probe after ${rounded(firstMs / 1e6)}; asleep: reported after ${rounded(unhealthyMs)}`,
    });
  });

  const starts = isFullRun ? 20 : 5;
  test(`27: ${starts} starts are known to be ready at once`, async () => {
    const backend = await faulty(program);
    const lags: number[] = [];
    for (let count = 0; count < starts; count++) {
      await backend.start();
      const known = nowNs();
      const { listening } = await factsOf(backend);
      lags.push((known - listening) / 1e6);
      await backend.stop();
    }
    lags.sort((a, b) => a - b);
    const p50 = lags[Math.floor(lags.length * 0.5)] ?? 0;
    const p95 = lags[Math.floor(lags.length * 0.95)] ?? 0;
    report({
      number: 27,
      fault: 'readiness must be known',
      injected: 'nothing',
      expected: 'start() resolves within 15 ms (p95) after the socket listens',
      program: program.label,
      measured: `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, ${starts} starts`,
    });
    expect(Math.min(...lags)).toBeGreaterThan(0);
    expect(p50).toBeLessThan(within(15));
  });
});
