import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { defaultSettings } from '../../../src/runtime/default-settings.js';
import type { BackendEvents, BackendState } from '../../../src/runtime/events.js';
import type { RuntimeSettings } from '../../../src/runtime/manifest.js';
import { answers } from '../../../src/runtime/life/machine.js';
import { Supervisor } from '../../../src/runtime/life/supervisor.js';
import { stopBoundMs } from '../../../src/runtime/life/time-limits.js';
import { note } from '../faults/rows.js';
import { edges } from './edges.js';
import { FakeClock, settlePromises } from './fake-clock.js';
import { FakeOperator } from './fake-operator.js';
import type { Journal, Script } from './fake-operator.js';

const settings: RuntimeSettings = {
  ...defaultSettings,
  ready: { ...defaultSettings.ready, timeoutMs: 10_000, slowAfterMs: 2000 },
  health: { http: '/health', intervalMs: 10_000, timeoutMs: 5000, failures: 3, onUnhealthy: 'report' },
};
const extensionMs = 5000;
const settleBoundMs = settings.ready.timeoutMs + extensionMs + stopBoundMs(settings.stop) + 2000;

type Command =
  | { readonly type: 'start' | 'stop' | 'restart' | 'abort-start' | 'three-stops' | 'suspend' | 'resume' }
  | { readonly type: 'advance' | 'sleep'; readonly ms: number };

const script: fc.Arbitrary<Script> = fc.record({
  checkMs: fc.constantFrom(0, 0, 50, 3000),
  check: fc.constantFrom('good', 'good', 'good', 'good', 'good', 'retryable', 'final'),
  spawn: fc.constantFrom('good', 'good', 'good', 'good', 'throws', 'fails-later'),
  readyMs: fc.constantFrom(20, 300, 300, 2500, 12_000, null),
  exitMs: fc.constantFrom(null, null, 10, 400, 1000, 5000, 40_000, 65_000, 90_000),
  exitCode: fc.constantFrom(0, 1, 3, 75, 78, null),
  fatalMs: fc.constantFrom(null, null, null, null, 100),
  extendMs: fc.constantFrom(null, null, 9000),
  endsBy: fc.constantFrom('graceful', 'graceful', 'terminate', 'kill', 'final', 'never'),
  endMs: fc.constantFrom(0, 5, 300, 900),
  sweepMs: fc.constantFrom(0, 0, 100, 900),
  survivors: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 99),
  probes: fc.oneof(
    fc.array(fc.constantFrom('good', 'bad', 'hangs'), { minLength: 1, maxLength: 8 }),
    // A bad time and a recovery, which chance alone makes too seldom.
    fc
      .integer({ min: 2, max: 8 })
      .map((bad) => [...Array.from({ length: bad }, () => 'bad' as const), 'good' as const]),
  ),
  lateMs: fc.constantFrom(null, null, 0, 5, 700, 3000),
  stepUseless: fc.boolean(),
});

const meddling: fc.Arbitrary<readonly Meddling[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom<Meddling>('nothing', 'nothing', 'start', 'stop', 'restart'), {
      maxLength: 12,
    }),
  },
);

/** Nothing goes wrong. */
const healthy: Script = {
  checkMs: 0,
  check: 'good',
  spawn: 'good',
  readyMs: 10,
  exitMs: null,
  exitCode: null,
  fatalMs: null,
  extendMs: null,
  endsBy: 'graceful',
  endMs: 5,
  sweepMs: 0,
  survivors: 0,
  probes: ['good'],
  lateMs: null,
  stepUseless: false,
};

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Command>({ type: 'start' }) },
  { weight: 2, arbitrary: fc.constant<Command>({ type: 'stop' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ type: 'restart' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ type: 'abort-start' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ type: 'three-stops' }) },
  { weight: 1, arbitrary: fc.constantFrom<Command>({ type: 'suspend' }, { type: 'resume' }) },
  {
    weight: 7,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 1, 60, 300, 700, 1500, 5000, 11_000, 70_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('sleep' as const), ms: fc.constantFrom(30_000, 28_800_000) }),
  },
);

/** What a listener does when the state changes. */
type Meddling = 'nothing' | 'start' | 'stop' | 'restart';

interface RunOptions {
  /** One for each change of state; then nothing. */
  readonly meddling: readonly Meddling[];
  /** After the commands. */
  readonly finale: 'none' | 'start' | 'restart' | 'stop';
  readonly throwingListeners: boolean;
  readonly random: number;
  readonly settings: RuntimeSettings;
}

interface RunResult {
  readonly states: readonly string[];
  readonly violations: readonly string[];
  readonly clock: FakeClock;
}

/** Carry out commands on a supervisor of scripted generations and note everything that breaks an invariant. */
async function run(
  scripts: readonly Script[],
  commands: readonly Command[],
  options: RunOptions,
): Promise<RunResult> {
  const clock = new FakeClock();
  const journal: Journal = {
    clock,
    probeTimeoutMs: settings.health?.timeoutMs ?? 0,
    alive: new Set(),
    violations: [],
    steps: new Map(),
    proved: new Set(),
    spawns: 0,
  };
  const { violations } = journal;
  /** From this generation on everything goes well. */
  let healedFrom = Number.POSITIVE_INFINITY;
  const scriptOf = (generation: number): Script =>
    generation >= healedFrom ? healthy : (scripts[(generation - 1) % scripts.length] ?? healthy);
  const supervisor = new Supervisor({
    name: 'engine',
    clock,
    random: () => options.random,
    settings: () => options.settings,
    createOperator: (generation, reports) =>
      new FakeOperator(generation, reports, scriptOf(generation), journal),
    onListenerError: () => undefined,
  });
  let sleptMs = 0;
  const states: string[] = [];
  let last: BackendState = 'idle';
  const readyGenerations = new Set<number>();
  let automatic: number[] = [];
  // What a listener asks for is handled after the events of the moment.
  let resetDue = false;
  // Something could not be killed, which no request can change.
  let stuck = false;
  // More than one is possible when the computer slept while ready: did that time count?
  let exponents = new Set([0]);
  let stableSleptMs = 0;
  let stableSinceMs: number | null = null;
  const resetByPerson = (): void => {
    automatic = [];
    exponents = new Set([0]);
  };
  const settleStable = (): void => {
    const { stableAfterMs } = options.settings.restart;
    if (stableSinceMs !== null && clock.now() - stableSinceMs >= stableAfterMs - 1) {
      const awakeMs = clock.now() - stableSinceMs - (sleptMs - stableSleptMs);
      // To the millisecond both are right: the delays are fractions.
      if (awakeMs >= stableAfterMs + 1) exponents.clear();
      exponents.add(0);
    }
    stableSinceMs = null;
  };
  supervisor.events.on('state', (event: BackendEvents['state']) => {
    states.push(`${event.prev}>${event.next}`);
    if (resetDue) resetByPerson();
    resetDue = false;
    if (event.prev !== last) violations.push(`I7: ${event.prev} follows ${last}`);
    if (!edges.has(`${event.prev}>${event.next}`)) violations.push(`I7: no edge ${event.prev}>${event.next}`);
    last = event.next;
    if (event.prev === 'ready') settleStable();
    if (event.next === 'ready') {
      stableSinceMs = clock.now();
      stableSleptMs = sleptMs;
    }
    if (event.next === 'backoff' && journal.alive.size > 0) violations.push('backoff with a living process');
    if (event.next === 'stopped' && journal.alive.size > 0)
      violations.push('I2: stopped with a living process');
    if (event.prev === 'failed' && event.reason === 'automatic restart')
      violations.push('I4: left failed by itself');
    if (event.reason === 'automatic restart') {
      automatic.push(clock.now());
      const { windowMs, max } = options.settings.restart;
      const inWindow = automatic.filter((time) => clock.now() - time < windowMs).length;
      if (inWindow > max) violations.push(`I4: ${inWindow} automatic restarts`);
    }
  });
  supervisor.events.on('ready', ({ generation }) => {
    if (readyGenerations.has(generation)) violations.push(`I6: ready twice in ${generation}`);
    if (!journal.proved.has(generation)) violations.push(`I6: ready without proof in ${generation}`);
    readyGenerations.add(generation);
  });
  supervisor.events.on('failed', ({ error }) => {
    if (error.code === 'E_STOP_FAILED') stuck = true;
  });
  supervisor.events.on('restarting', ({ delayMs, cause }) => {
    const immediately = delayMs === 0;
    if (immediately) return;
    const fitting = Array.from(exponents).filter((exponent) => {
      const { delayMs: firstMs, factor, maxDelayMs } = options.settings.restart;
      const base = Math.min(firstMs * factor ** exponent, maxDelayMs);
      return Math.abs(delayMs - base) <= base * 0.2 + 0.5;
    });
    if (fitting.length === 0)
      violations.push(
        `I5: delay ${delayMs} after ${Array.from(exponents).join(' or ')} restarts: ${cause.code}`,
      );
    exponents = new Set(fitting.map((exponent) => exponent + 1));
  });
  if (options.throwingListeners)
    for (const name of ['state', 'ready', 'exit', 'restarting', 'failed', 'stopped', 'unhealthy'] as const)
      supervisor.events.on(name, () => {
        throw new Error('listener');
      });

  let open = 0;
  const expectSettled = (what: string, promise: Promise<void>): void => {
    const calledMs = clock.now() - sleptMs;
    open += 1;
    const settled = (): void => {
      open -= 1;
      const tookMs = clock.now() - sleptMs - calledMs;
      if (tookMs > settleBoundMs) violations.push(`I3: ${what} took ${tookMs} ms`);
    };
    promise.then(settled, settled);
  };
  const ask = (what: 'start' | 'stop' | 'restart', signal?: AbortSignal, isListener = false): void => {
    const isUp = answers(supervisor.state);
    if (what === 'restart' || (what === 'start' && !isUp)) {
      if (isListener) resetDue = true;
      else resetByPerson();
    }
    expectSettled(what, supervisor[what](signal === undefined ? {} : { signal }));
  };
  let changes = 0;
  supervisor.events.on('state', () => {
    const what = options.meddling[changes++] ?? 'nothing';
    if (what !== 'nothing') ask(what, undefined, true);
  });
  for (const item of commands) {
    switch (item.type) {
      case 'start':
      case 'stop':
      case 'restart':
        ask(item.type);
        break;
      case 'abort-start': {
        ask('start', AbortSignal.abort());
        const controller = new AbortController();
        ask('start', controller.signal);
        controller.abort();
        break;
      }
      case 'three-stops':
        for (let count = 0; count < 3; count++) ask('stop');
        break;
      case 'suspend':
      case 'resume':
        supervisor.suspend(item.type === 'suspend');
        break;
      case 'sleep':
        sleptMs += item.ms;
        await clock.sleep(item.ms);
        break;
      case 'advance':
        await clock.advance(item.ms);
    }
    await settlePromises();
  }
  changes = options.meddling.length;
  healedFrom = supervisor.state.generation + 1;
  // A start that is under way may still fail for its own reasons.
  const begins = ['idle', 'stopped', 'failed', 'backoff'].includes(supervisor.state.name);
  if (options.finale !== 'none') ask(options.finale);
  await clock.advance(settleBoundMs);
  if (open > 0) violations.push(`I3: ${open} promises are still open`);
  const { name: end } = supervisor.state;
  if (options.finale === 'stop' && !stuck && !['idle', 'stopped', 'failed'].includes(end))
    violations.push(`stopped for good, but it is ${end}`);
  if (options.finale === 'stop' && !stuck && journal.alive.size > 0) violations.push('I2: alive after stop');
  if (options.finale === 'restart' && !stuck && end !== 'ready')
    violations.push(`restarted, and nothing was wrong, but it is ${end}`);
  if (options.finale === 'start' && begins && !stuck && end !== 'ready')
    violations.push(`started for good, but it is ${end}`);
  const disposed = supervisor.dispose().catch(() => undefined);
  await clock.advance(settleBoundMs);
  await disposed;
  await clock.advance(200_000);
  if (clock.pending > 0) violations.push(`I8: ${clock.pending} timers are left`);
  const after = states.length;
  await clock.advance(200_000);
  if (states.length !== after) violations.push('I8: events after dispose');
  const order = ['graceful', 'terminate', 'kill', 'final'];
  for (const [generation, steps] of journal.steps) {
    const { survivors, endsBy } = scriptOf(generation);
    const normal = survivors === 0 && endsBy !== 'never';
    if (normal && steps.some((name, index) => name !== order[index]))
      violations.push(`I9: generation ${generation} was ended by ${steps.join()}`);
  }
  return { states, violations, clock };
}

const sequences = 10_000;

test(
  'keeps its invariants whatever the program does and whatever people ask for',
  { timeout: 120_000 },
  async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(script, { minLength: 1, maxLength: 4 }),
        fc.array(command, { minLength: 1, maxLength: 14 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.constantFrom('report' as const, 'restart' as const),
        meddling,
        fc.constantFrom<RunOptions['finale']>('none', 'start', 'restart', 'stop'),
        async (scripts, commands, random, onUnhealthy, meddling, finale) => {
          const health = settings.health === null ? null : { ...settings.health, onUnhealthy };
          const { violations, states } = await run(scripts, commands, {
            throwingListeners: false,
            meddling,
            finale,
            random,
            settings: { ...settings, health },
          });
          expect(violations).toEqual([]);
          for (const state of states) seen.add(state);
        },
      ),
      { numRuns: sequences },
    );
    // The sequences went everywhere; otherwise the invariants would hold for want of events.
    expect(seen).toEqual(edges);
    note({
      number: 25,
      fault: 'random commands, random programs',
      injected: `${sequences} sequences; programs that hang, crash, refuse to end, speak after their end (virtual time)`,
      expected: 'I1 to I9 and I14 hold; every edge of the diagram is taken',
      program: 'model',
      measured: `0 violations; ${seen.size} of ${edges.size} edges`,
      attempt: 1,
    });
  },
);

test(
  'goes the same way when every listener throws and when the wall clock jumps',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(script, { minLength: 1, maxLength: 3 }),
        fc.array(command, { minLength: 1, maxLength: 12 }),
        async (scripts, commands) => {
          const options = {
            throwingListeners: false,
            meddling: [],
            finale: 'none' as const,
            random: 0.5,
            settings,
          };
          const quiet = await run(scripts, commands, options);
          const jumps = vi.spyOn(Date, 'now').mockImplementation(() => Math.random() * 7.2e6);
          const loud = await run(scripts, commands, { ...options, throwingListeners: true });
          jumps.mockRestore();
          expect(loud.states).toEqual(quiet.states);
        },
      ),
      { numRuns: sequences },
    );
  },
);

test('sleeps through a night with the backend ready', async () => {
  const { states, violations } = await run(
    // After waking up the first probes fail, as they do while the network comes back.
    [{ ...healthy, probes: ['good', 'bad', 'bad', 'bad', 'good'] }],
    [
      { type: 'start' },
      { type: 'advance', ms: 11_000 },
      { type: 'sleep', ms: 28_800_000 },
      { type: 'advance', ms: 40_000 },
      { type: 'advance', ms: 40_000 },
    ],
    { throwingListeners: false, meddling: [], finale: 'none' as const, random: 0.5, settings },
  );
  expect(violations).toEqual([]);
  expect(states).toEqual(['idle>starting', 'starting>ready', 'ready>stopping', 'stopping>stopped']);
});
