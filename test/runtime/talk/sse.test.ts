import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEventStream } from '../../../src/runtime/talk/sse.js';
import type { ServerSentEvent } from '../../../src/runtime/talk/sse.js';

async function read(chunks: Iterable<Uint8Array>): Promise<ServerSentEvent[]> {
  const found: ServerSentEvent[] = [];
  for await (const event of readEventStream(ReadableStream.from(chunks))) found.push(event);
  return found;
}

test.each([
  ['\n', 'line feeds'],
  ['\r\n', 'both'],
  ['\r', 'carriage returns'],
])('reads fields and events that end with %j', async (end) => {
  const lines = [
    ': comment',
    'event: tick',
    'id: 7',
    'data: a',
    'data:b',
    'retry: 50',
    '',
    'data',
    '',
    '',
    'data: c',
  ];
  expect(await read([Buffer.from([...lines, '', 'x'].join(end))])).toEqual([
    { event: 'tick', data: 'a\nb', id: '7', retry: 50 },
    { event: 'message', data: '', id: '7', retry: 50 },
    { event: 'message', data: 'c', id: '7', retry: 50 },
  ]);
});

test('finds the same events whatever the chunking', async () => {
  const part = fc.constantFrom('data: a', 'id: é', 'event:😀', '\r', '\n', '\r\n', '\n\n', ':', 'x');
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      async (parts, places) => {
        const whole = Buffer.from(parts.join(''));
        const cuts = [0, ...places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b)];
        const chunks = cuts.map((from, index) => whole.subarray(from, cuts[index + 1] ?? whole.length));
        expect(await read(chunks)).toEqual(await read([whole]));
      },
    ),
    { numRuns: 2000 },
  );
});

test('an event of many megabytes takes as long as many small ones', async () => {
  const block = Buffer.alloc(4096, 'x');
  const begun = performance.now();
  const [event] = await read([
    Buffer.from('data: '),
    ...Array.from({ length: 2048 }, () => block),
    Buffer.from('\n\n'),
  ]);
  expect(event?.data.length).toBe(2048 * 4096);
  expect(performance.now() - begun).toBeLessThan(2000);
});
