import { expect, onTestFinished, test } from 'vitest';
import { defaultSettings } from '../../../src/runtime/default-settings.js';
import { tcpAddress } from '../../../src/runtime/talk/handshake.js';
import { BadStatus } from '../../../src/runtime/talk/probe.js';
import { ReadyGate } from '../../../src/runtime/life/ready-gate.js';
import { fixtureBackend, testBackend, testSettings } from '../support.js';

const address = tcpAddress('127.0.0.1', 8710);
const unknown = new BadStatus('GET /helth', 404);

/** Ask a gate whose backend answers so, one after the other (the last one for ever); virtual milliseconds until it was decided. */
async function decide(
  answers: readonly (Error | null)[],
  announced: boolean,
  extends_ = false,
): Promise<{ afterMs: number; error: unknown; asked: number }> {
  let nowMs = 0;
  let asked = 0;
  const released = new AbortController();
  onTestFinished(() => released.abort());
  const clock = {
    now: () => nowMs,
    setTimer: (callback: () => void, ms: number) => {
      queueMicrotask(() => {
        nowMs += ms;
        callback();
      });
      return {} as never;
    },
    clearTimer: () => undefined,
  };
  return new Promise((resolve) => {
    const gate = new ReadyGate({
      settings: { ...defaultSettings.ready, http: '/helth', announced },
      address: announced ? null : address,
      clock,
      signal: released.signal,
      ask: async () => {
        const answer = answers[Math.min(asked, answers.length - 1)] ?? null;
        asked += 1;
        // So long nobody waits.
        if (nowMs > 80_000) released.abort(resolve({ afterMs: nowMs, error: 'undecided', asked }));
        if (answer !== null) throw answer;
      },
      onProbing: () => undefined,
      onOpen: () => resolve({ afterMs: nowMs, error: null, asked }),
      onClosed: (error) => resolve({ afterMs: nowMs, error, asked }),
    });
    if (extends_) gate.extended();
    if (announced) gate.announced(address);
    else gate.begin();
  });
}

test('a server that said it is ready and knows no such path fails within seconds, after few questions', async () => {
  const { afterMs, error, asked } = await decide([unknown], true);
  expect(error).toBe(unknown);
  expect(afterMs).toBeGreaterThanOrEqual(4000);
  expect(afterMs).toBeLessThan(6000);
  expect(asked).toBeLessThan(8);
});

test('a server that only listens may take longer to add its routes', async () => {
  expect((await decide([unknown, unknown, unknown, unknown, null], false)).error).toBeNull();
  const { afterMs, error } = await decide([unknown], false);
  expect(error).toBe(unknown);
  expect(afterMs).toBeGreaterThanOrEqual(15_000);
});

test.each([
  ['no connection', new Error('connect ECONNREFUSED')],
  ['503', new BadStatus('GET /helth', 503)],
])('%s is a server on its way, however long', async (_, answer) => {
  expect((await decide([answer], true)).error).toBe('undecided');
});

test('404 counts from the first of those that follow each other', async () => {
  const loading = new BadStatus('GET /helth', 503);
  const answers = [...Array.from({ length: 3 }, () => unknown), loading, unknown, unknown, null];
  expect((await decide(answers, true)).error).toBeNull();
});

test('a backend that asked for more time gets it', async () => {
  expect((await decide([unknown], true, true)).error).toBe('undecided');
});

test('the error names the path and what is answered instead, and nothing is tried again', async () => {
  const ready = { ...testSettings.ready, http: '/helth', timeoutMs: 60_000 };
  const backend = await testBackend(fixtureBackend({}, { ready }));
  await expect(backend.start()).rejects.toMatchObject({
    code: 'E_START_TIMEOUT',
    retryable: false,
    message: expect.stringMatching(
      /the backend runs, but GET http:\/\/127\.0\.0\.1:\d+\/helth answered 404 all the time\nCorrect `ready\.http`; these are answered: .*\/health/,
    ) as unknown,
  });
  expect(backend.status().state).toBe('failed');
});
