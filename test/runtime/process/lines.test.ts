import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countLines, LineSplitter } from '../../../src/runtime/process/lines.js';

interface Found {
  readonly lines: (readonly [text: string, progress: boolean])[];
  readonly frames: string[];
  readonly truncated: number;
}

function split(chunks: readonly Uint8Array[], maxLineBytes = 1 << 20): Found {
  const lines: [string, boolean][] = [];
  const frames: string[] = [];
  let truncated = 0;
  const splitter = new LineSplitter(
    {
      line: (text, cut, progress) => {
        lines.push([text, progress]);
        if (cut) truncated += 1;
      },
      frame: (text) => frames.push(text ?? 'too long'),
    },
    { maxLineBytes, maxFrameBytes: 1 << 20, frames: true },
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, frames, truncated };
}

/** Cut bytes at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Bytes in which everything that matters is frequent. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\u001E',
        '\u001EEPY1 ',
        '\u001EEPY',
        '{"type":"x"}\n',
        '',
        'é漢😀',
        'a b',
      ),
      fc.string({ maxLength: 5, unit: 'binary' }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join('')));
const anything = fc.oneof(
  nasty,
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(nasty, fc.uint8Array({ maxLength: 20 }), nasty).map((parts) => Buffer.concat(parts)),
);

test('finds the same lines and frames whatever the chunking', () => {
  fc.assert(
    fc.property(anything, fc.array(fc.nat(), { maxLength: 12 }), (whole, places) => {
      expect(split(cut(whole, places))).toEqual(split([whole]));
    }),
    { numRuns: 10_000 },
  );
});

test('delivers every character of the whole text decoded once', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(), { maxLength: 8 }), (whole, places) => {
      const clean = whole.map((byte) => (byte === 0x0d || byte === 0x1e ? 0x20 : byte));
      const { lines } = split(cut(clean, places));
      const expected = Buffer.from(clean).toString('utf8').split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect(lines).toEqual(expected.map((line) => [line, false]));
    }),
    { numRuns: 10_000 },
  );
});

test.each([
  [
    'two lines',
    'a\nb\n',
    [
      ['a', false],
      ['b', false],
    ],
  ],
  [
    'Windows line ends',
    'a\r\nb\r\r\nc',
    [
      ['a', false],
      ['b', false],
      ['c', false],
    ],
  ],
  [
    'a progress bar',
    '1%\r2%\r100%\n',
    [
      ['1%', true],
      ['2%', true],
      ['100%', false],
    ],
  ],
  [
    'a progress bar that begins with the return',
    '\r1%\r2%\ndone\n',
    [
      ['1%', true],
      ['2%', false],
      ['done', false],
    ],
  ],
  [
    'blank lines',
    '\n\na\n',
    [
      ['', false],
      ['', false],
      ['a', false],
    ],
  ],
  [
    'a last line without end',
    'a\nb',
    [
      ['a', false],
      ['b', false],
    ],
  ],
] as const)('splits %s', (_title, text, lines) => {
  expect(split([bytes(text)]).lines).toEqual(lines);
});

test('finds a frame in the middle of a line', () => {
  const found = split([bytes('Loading 3 of 5\u001EEPY1 {"type":"status"}\nnext\n')]);
  expect(found).toEqual({
    lines: [
      ['Loading 3 of 5', false],
      ['next', false],
    ],
    frames: ['{"type":"status"}'],
    truncated: 0,
  });
});

test('cuts a line that is too long between characters and takes the next one whole', () => {
  const { lines, truncated } = split([bytes(`${'é'.repeat(60)}\nnext\n`)], 101);
  expect(lines).toEqual([
    ['é'.repeat(50), false],
    ['next', false],
  ]);
  expect(truncated).toBe(1);
});

test('skips lines but no frames, and never delivers half a line', () => {
  const lines: string[] = [];
  const frames: string[] = [];
  const splitter = new LineSplitter(
    { line: (text) => lines.push(text), frame: (text) => frames.push(text ?? 'too long') },
    { maxLineBytes: 1000, maxFrameBytes: 1000, frames: true },
  );
  splitter.push(bytes('one\ntwo begins'));
  const flood = bytes(' and ends\nthree\n\u001EEPY1 {"a":1}\nfour');
  expect(splitter.skip(flood, countLines(flood))).toBe(2);
  splitter.push(bytes(' ends\nfive\n'));
  splitter.end();
  expect(lines).toEqual(['one', 'five']);
  expect(frames).toEqual(['{"a":1}']);
});

test('skipping at any moment loses lines only as a whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 30 }),
      fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 8 }),
      (numbers, cuts) => {
        const all = numbers.map((number) => `line ${number}`);
        const whole = bytes(all.map((line) => `${line}\n`).join(''));
        const kept: string[] = [];
        const splitter = new LineSplitter(
          { line: (text) => kept.push(text), frame: () => undefined },
          { maxLineBytes: 1000, maxFrameBytes: 1000, frames: true },
        );
        const chunks = cut(
          whole,
          cuts.map(([place]) => place),
        );
        let dropped = 0;
        for (const [index, chunk] of chunks.entries()) {
          if (cuts[index]?.[1] === true) dropped += splitter.skip(chunk, countLines(chunk));
          else splitter.push(chunk);
        }
        splitter.end();
        expect(kept.every((line) => all.includes(line))).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(all.length);
        if (cuts.every(([, skip]) => !skip)) expect(kept).toEqual(all);
        expect(dropped).toBeLessThanOrEqual(all.length);
      },
    ),
    { numRuns: 1000 },
  );
});
