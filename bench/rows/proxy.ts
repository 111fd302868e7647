import { createProxyHandler } from '../../dist/runtime/index.js';
import { appBackend } from '../fixtures/app-backend.ts';
import { server } from '../fixtures/backends.ts';
import { took } from '../fixtures/run.ts';
import { placed } from '../fixtures/subject.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

type Ask = (route: string, init?: RequestInit) => Promise<Response>;

/** As a page asks through the app's scheme, and straight at the server, with the same `fetch` underneath. */
async function sides(place: Workplace, work: (ask: Ask) => Promise<number>): Promise<Sides> {
  const backend = await appBackend(place, await placed(place, server));
  await backend.start();
  const handle = createProxyHandler(backend);
  const url = backend.url ?? '';
  const headers = { 'x-electron-pyinstaller-token': backend.token() ?? '' };
  return {
    ours: () => work((route, init) => handle(new Request(`backend://engine/api/${route}`, init))),
    other: () => work((route, init) => fetch(`${url}/api/${route}`, { ...init, headers })),
    end: async () => await backend[Symbol.asyncDispose](),
  };
}

/** Read an answer as it comes. @returns Its length in bytes. */
async function drained(answer: Response): Promise<number> {
  if (!answer.ok || answer.body === null) throw new Error(`the backend answered ${answer.status}`);
  let bytes = 0;
  for await (const chunk of answer.body) bytes += chunk.length;
  return bytes;
}

async function down(ask: Ask, bytes: number, times: number): Promise<number> {
  const tookMs = await took(async () => {
    for (let request = 0; request < times; request++)
      if ((await drained(await ask(`bytes/${bytes}`))) !== bytes) throw new Error('bytes were lost');
  });
  return tookMs / times;
}

const block = new Uint8Array(64 * 1024);

/** A body that is made while it is sent, as of a file that a page uploads. */
function stream(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const piece = block.subarray(0, left);
      left -= piece.length;
      controller.enqueue(piece);
      if (left === 0) controller.close();
    },
  });
}

async function up(ask: Ask, bytes: number): Promise<number> {
  return await took(async () => {
    const answer = await ask('upload', { method: 'POST', body: stream(bytes), duplex: 'half' });
    const received = (await answer.json()) as { bytes: number };
    if (received.bytes !== bytes) throw new Error('bytes were lost');
  });
}

const eventCount = 200;

/** Milliseconds from the sending of an event until it is read, of the mean event. Both read the same clock, on Linux. */
async function events(ask: Ask): Promise<number> {
  const answer = await ask(`events/${eventCount}`);
  if (answer.body === null) throw new Error('no events');
  const delays: number[] = [];
  for await (const chunk of answer.body) {
    const now = Number(process.hrtime.bigint());
    for (const [, sent] of Buffer.from(chunk)
      .toString()
      .matchAll(/^data: (\d+)$/gm))
      delays.push((now - Number(sent)) / 1e6);
  }
  if (delays.length !== eventCount) throw new Error('events were lost');
  return delays.reduce((sum, one) => sum + one, 0) / eventCount;
}

const MB = 1_000_000;
const shared = { unit: 'ms', other: 'the built-in `fetch`' } as const;

/** What a page pays for the app's scheme. Electron's own part, from the page to the handler, is left out on both sides. */
export const proxies: readonly Row[] = [
  {
    ...shared,
    name: 'proxy-1kb',
    ours: '`createProxyHandler`: 1 kB, one after the other, each',
    runs: 11,
    quickRuns: 5,
    // A frame of a 60 Hz screen has 16: eight requests in it.
    goal: { ours: 2 },
    limit: "The server's own millisecond.",
    prepare: (place) => sides(place, (ask) => down(ask, 1000, 20)),
  },
  {
    ...shared,
    name: 'proxy-10mb',
    ours: '`createProxyHandler`: 10 MB',
    runs: 11,
    quickRuns: 5,
    goal: { ratio: 1.2 },
    limit: 'Python, which writes blocks of 64 kB; every block passes through one stream more.',
    prepare: (place) => sides(place, (ask) => down(ask, 10 * MB, 1)),
  },
  {
    ...shared,
    name: 'proxy-100mb-down',
    ours: '`createProxyHandler`: 100 MB to the page',
    runs: 5,
    goal: { ratio: 1.2 },
    limit: 'Python, which writes blocks of 64 kB; every block passes through one stream more.',
    prepare: (place) => sides(place, (ask) => down(ask, 100 * MB, 1)),
  },
  {
    ...shared,
    name: 'proxy-100mb-up',
    ours: '`createProxyHandler`: 100 MB to the backend',
    runs: 5,
    goal: { ratio: 1.2 },
    limit: 'Python, which reads it piece by piece; every block passes through one stream more.',
    prepare: (place) => sides(place, (ask) => up(ask, 100 * MB)),
  },
  {
    ...shared,
    name: 'proxy-events',
    ours: '`createProxyHandler`: from sending a server-sent event to reading it',
    runs: 5,
    quickRuns: 2,
    goal: { more: 1 },
    limit: 'Two processes wake up one after the other; nothing is collected before it is passed on.',
    prepare: (place) => sides(place, events),
  },
];
