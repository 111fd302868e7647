import { expect, test } from 'vitest';
import { logLine, reportAsLines } from '../../../src/hosts/electron-builder/log.js';
import type { EngineEvent } from '../../../src/report.js';

test('stages, warnings and results are lines of electron-builder’s log, details are not before 15 silent seconds', () => {
  const lines: string[] = [];
  const report = reportAsLines('linux-x64', (line) => lines.push(line));
  const events: readonly EngineEvent[] = [
    { type: 'stage', backend: 'engine', stage: 'analyze', title: 'Analyzing', elapsedMs: 2000 },
    { type: 'detail', backend: 'engine', text: 'Processing hook numpy', elapsedMs: 2100 },
    { type: 'detail', backend: 'engine', text: 'still analyzing (numpy), 17 s', elapsedMs: 17_100 },
    { type: 'warning', backend: 'engine', message: 'big' },
    {
      type: 'done',
      backend: 'engine',
      cached: false,
      elapsedMs: 3000,
      sizeBytes: 1,
      fileCount: 1,
      summary: 'engine: frozen in 3 s',
    },
  ];
  for (const event of events) report(event);
  expect(lines).toEqual([
    expect.stringMatching(/^python backend {2}engine linux-x64: Analyzing \(2\.0 s\)$/),
    'python backend  engine linux-x64: still analyzing (numpy), 17 s',
    'python backend  engine linux-x64: warning: big',
    'python backend  engine: frozen in 3 s',
  ]);
});

test('further lines of a message stand below the first', () => {
  let text = '';
  logLine('first\nsecond', { write: (part: string) => (text += part) } as unknown as NodeJS.WritableStream);
  expect(text).toBe('  • first\n    second\n');
});
