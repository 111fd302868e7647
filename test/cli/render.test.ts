import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resultText } from '../../src/cli/commands/verify.js';
import { checkText } from '../../src/cli/commands/doctor.js';
import { fileOfBackend } from '../../src/cli/commands/write-report.js';
import { showEvents } from '../../src/cli/render/events.js';
import { fit } from '../../src/cli/render/live-line.js';
import { createTheme } from '../../src/cli/render/theme.js';
import type { Io } from '../../src/cli/io.js';

function recordedIo(live: boolean): { io: Io; text: () => string } {
  let text = '';
  const io: Io = {
    out: () => undefined,
    error: (part) => {
      text += part;
    },
    env: {},
    cwd: '/',
    live,
    color: false,
    width: 50,
    ask: null,
    choose: null,
  };
  return { io, text: () => text };
}

const stage = {
  type: 'stage',
  backend: 'engine',
  stage: 'x',
  title: 'Analyzing main.py',
  elapsedMs: 3100,
} as const;
const done = {
  type: 'done',
  backend: 'engine',
  cached: false,
  elapsedMs: 1,
  sizeBytes: 1,
  fileCount: 1,
  summary: 'engine: frozen in 21 s',
} as const;

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('without a terminal: one line a stage, warnings and the summary, no control characters', () => {
    const { io, text } = recordedIo(false);
    const { report, close } = showEvents(io);
    report(stage);
    report({ type: 'detail', backend: 'engine', text: 'x', elapsedMs: 1 });
    report({ type: 'warning', backend: 'engine', message: 'big' });
    report(done);
    close();
    expect(text()).toBe('engine  Analyzing main.py (3.1 s)\n! engine: big\n✔ engine: frozen in 21 s\n');
  });

  test('without a terminal: what is going on after 15 silent seconds', () => {
    const { io, text } = recordedIo(false);
    const { report, close } = showEvents(io);
    report(stage);
    report({
      type: 'detail',
      backend: 'engine',
      text: 'still analyzing main.py (torch), 20 s',
      elapsedMs: 20_000,
    });
    close();
    expect(text()).toBe('engine  Analyzing main.py (3.1 s)\nengine  still analyzing main.py (torch), 20 s\n');
  });

  test('on a terminal: a line that lives, is cut to the width, and leaves nothing behind', () => {
    const { io, text } = recordedIo(true);
    const { report, close } = showEvents(io);
    report(stage);
    report({ type: 'detail', backend: 'engine', text: 'x'.repeat(100), elapsedMs: 1 });
    vi.advanceTimersByTime(1000);
    expect(text()).toContain('engine: Analyzing main.py (4.');
    for (const line of text().split('\r')) expect(line.replace('\u001B[2K', '').length).toBeLessThan(50);
    report(done);
    close();
    expect(text().endsWith('\r\u001B[2K')).toBe(true);
    const length = text().length;
    vi.advanceTimersByTime(1000);
    expect(text()).toHaveLength(length);
  });

  test('a cut line is always shorter than the terminal is wide', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 2, max: 40 }),
        (line, width) => {
          expect(Array.from(fit(line, width)).length).toBeLessThanOrEqual(Math.max(width - 1, 2));
        },
      ),
    );
  });
});

test('a check shows its fix, and further details below', () => {
  const theme = createTheme(false);
  expect(
    checkText(
      { id: 'x', title: 'Python', status: 'fail', detail: 'none\nlooked here', fix: 'Install it.' },
      theme,
    ),
  ).toBe('✖ Python none\n    looked here\n    → Install it.');
  expect(checkText({ id: 'x', title: 'Node', status: 'ok', detail: '' }, theme)).toBe('✔ Node');
});

test.each([
  [{ ran: true, startupMs: 800, stopMs: 100 }, 'engine  ready after 0.8 s, stopped after 0.1 s'],
  [{ ran: true, startupMs: null, stopMs: null }, 'engine  started'],
  [{ ran: false, startupMs: null, stopMs: null }, 'engine  complete, not started'],
])('a verification in one line: %j', (result, expected) => {
  expect(resultText({ backend: 'engine', warnings: [], facts: {} as never, ...result })).toBe(expected);
});

test('several backends get a page each', () => {
  const file = path.join('x', 'report.html');
  expect(fileOfBackend(file, 'engine', 1)).toBe(file);
  expect(fileOfBackend(file, 'engine', 2)).toBe(path.join('x', 'report-engine.html'));
});
