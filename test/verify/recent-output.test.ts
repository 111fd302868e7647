import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hasWholeTraceback, recentOutput } from '../../src/verify/recent-output.js';

const traceback = [
  'Traceback (most recent call last):',
  '  File "main.py", line 3, in report',
  '    raise ValueError(3)',
  'ValueError: 3',
];

describe('recentOutput', () => {
  it('gives the lines that came after a mark, also when older ones are gone', () => {
    const output = recentOutput(3);
    for (const line of ['a', 'b', 'c']) output.add(line);
    const mark = output.mark();
    expect(output.since(mark)).toEqual([]);
    for (const line of ['d', 'e']) output.add(line);
    expect(output.since(mark)).toEqual(['d', 'e']);
    for (const line of ['f', 'g']) output.add(line);
    expect(output.since(mark)).toEqual(['e', 'f', 'g']);
    expect(output.lines).toEqual(['e', 'f', 'g']);
  });

  it('waits for a traceback that comes a moment later, to its end', async () => {
    const output = recentOutput(20);
    const mark = output.mark();
    const waiting = output.traceback(mark, { patienceMs: 5000 });
    for (const line of traceback) {
      await setTimeout(30);
      output.add(line);
    }
    const began = performance.now();
    await waiting;
    expect(output.since(mark)).toEqual(traceback);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('gives up when none comes', async () => {
    const output = recentOutput(20);
    output.add('GET /report 500');
    const began = performance.now();
    await output.traceback(0, { patienceMs: 50 });
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

it.each([
  ['a whole one', traceback, true],
  ['of an exception without a text', [...traceback.slice(0, 3), 'KeyboardInterrupt'], true],
  ['of a package', [...traceback.slice(0, 3), 'jinja2.exceptions.TemplateNotFound: index.html'], true],
  ['one that is not at its end', traceback.slice(0, 3), false],
  ['a second one that is not at its end', [...traceback, '', ...traceback.slice(0, 2)], false],
  ['none', ['GET /report 500', 'INFO: done'], false],
])('knows a traceback: %s', (_title, lines, expected) => {
  expect(hasWholeTraceback(lines)).toBe(expected);
});
