import { expect, test } from 'vitest';
import { LogBuffer } from '../../../src/runtime/log/log-buffer.js';
import { Output } from '../../../src/runtime/process/output.js';
import { RateLimit } from '../../../src/runtime/log/rate-limit.js';
import { stripAnsi } from '../../../src/runtime/log/ansi.js';
import { FakeClock } from '../model/fake-clock.js';

function outputOf(clock: FakeClock): { output: Output; lines: string[]; frames: string[] } {
  const lines: string[] = [];
  const frames: string[] = [];
  const output = new Output(clock, (text) => text, true, {
    line: (text) => lines.push(text),
    frame: (text) => frames.push(text),
  });
  return { output, lines, frames };
}

test('a flood is dropped and counted, and frames come through', async () => {
  const clock = new FakeClock();
  const { output, lines, frames } = outputOf(clock);
  const block = Buffer.from('y\n'.repeat(32_768));
  for (let count = 0; count < 200; count++) output.push(block);
  output.push(Buffer.from('\u001EEPY1 {"type":"status"}\n'));
  const kept = lines.length;
  expect(kept).toBeGreaterThan(1000);
  expect(kept).toBeLessThan(25_000);
  expect(frames).toEqual(['{"type":"status"}']);
  await clock.advance(1000);
  const notice = lines.at(-1) ?? '';
  expect(notice).toContain('lines dropped');
  const dropped = Number(/… (\d+) lines/.exec(notice)?.[1]);
  expect(dropped + kept).toBe(200 * 32_768);
  // Later there is room again.
  output.push(Buffer.from('calm\n'));
  expect(lines.at(-1)).toBe('calm');
});

test('answers do not use up what lines may cost, and nothing is said to be lost', async () => {
  const clock = new FakeClock();
  const { output, lines, frames } = outputOf(clock);
  const answer = Buffer.from(`\u001EEPY1 "${'x'.repeat(6_000_000)}"\n`);
  for (let from = 0; from < answer.length; from += 65_537) output.push(answer.subarray(from, from + 65_537));
  output.push(Buffer.from('\u001EEPY1 1\n'.repeat(100_000)));
  output.push(Buffer.from('a line\n'));
  await clock.advance(1000);
  expect(frames).toHaveLength(100_001);
  expect(lines).toEqual(['a line']);
});

test('answers among a flood are not counted as lost', async () => {
  const clock = new FakeClock();
  const { output, lines, frames } = outputOf(clock);
  for (let count = 0; count < 6_000; count++) output.push(Buffer.from(`${'x'.repeat(999)}\n`));
  await clock.advance(1000);
  const lost = lines.filter((line) => line.includes('dropped'));
  expect(lost).toHaveLength(1);
  for (let count = 0; count < 6_000; count++) output.push(Buffer.from(`${'x'.repeat(999)}\n`));
  output.push(Buffer.from(`\u001EEPY1 "${'x'.repeat(5_000_000)}"\n`));
  await clock.advance(1000);
  expect(frames).toHaveLength(1);
  const bytes = /\((\d+) bytes\)/.exec(lines.at(-1) ?? '')?.[1];
  expect(Number(bytes)).toBeLessThan(6_000_000);
});

test('an answer that is too long is dropped, and a line says so', () => {
  const { output, lines, frames } = outputOf(new FakeClock());
  output.push(Buffer.from('\u001EEPY1 '));
  const block = Buffer.alloc(1024 * 1024, 'x');
  for (let count = 0; count < 65; count++) output.push(block);
  output.push(Buffer.from('\n\u001EEPY1 {}\nnext\n'));
  expect(lines).toEqual(['… a message of more than 64 MiB was dropped', 'next']);
  expect(frames).toEqual(['{}']);
});

test('progress bars are passed on ten times a second at most', async () => {
  const clock = new FakeClock();
  const { output, lines } = outputOf(clock);
  for (let percent = 0; percent < 100; percent++) {
    output.push(Buffer.from(`${percent}%\r`));
    await clock.advance(10);
  }
  output.push(Buffer.from('100%\n'));
  expect(lines.length).toBeGreaterThan(8);
  expect(lines.length).toBeLessThan(14);
  expect(lines.at(-1)).toBe('100%');
});

test('a line of megabytes is cut', () => {
  const { output, lines } = outputOf(new FakeClock());
  output.push(Buffer.alloc(1_000_000, 'x'));
  output.push(Buffer.from('\nnext\n'));
  expect(lines.map((line) => line.length)).toEqual([16 * 1024 + 2, 4]);
});

test('the budget refills with time and has a ceiling', () => {
  const limit = new RateLimit(0, 1000, 4000);
  expect(limit.take(4000, 0)).toBe(true);
  expect(limit.take(1, 0)).toBe(false);
  expect(limit.take(500, 500)).toBe(true);
  expect(limit.take(4001, 1e9)).toBe(false);
  expect(limit.take(4000, 1e9)).toBe(true);
});

test('keeps the last lines within both limits and replaces progress', () => {
  const buffer = new LogBuffer(3);
  for (const text of ['1', '2', '3', '4']) buffer.add('stdout', text, false);
  buffer.add('stderr', '10%', true);
  buffer.add('stderr', '20%', true);
  buffer.add('stderr', 'done', false);
  expect(buffer.lines()).toEqual(['3', '4', 'done']);
  const large = new LogBuffer(200);
  for (let count = 0; count < 20; count++) large.add('stdout', 'x'.repeat(10_000), false);
  expect(large.lines()).toHaveLength(6);
});

test.each([
  ['colours', '\u001B[31mred\u001B[0m', 'red'],
  ['a title', '\u001B]0;title\u0007text', 'text'],
  ['nothing', 'plain', 'plain'],
])('strips %s', (_title, text, plain) => {
  expect(stripAnsi(text)).toBe(plain);
});
