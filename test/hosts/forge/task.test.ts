import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventRouter } from '../../../src/hosts/forge/freeze-tasks.js';
import { hookWithTask, isLive, reportOnTask, type TaskLike } from '../../../src/hosts/forge/task.js';

class RecordedTask implements TaskLike {
  title = 'Freezing engine for linux-x64';
  readonly outputs: string[] = [];
  set output(text: string) {
    this.outputs.push(text);
  }
  get output(): string {
    return this.outputs.at(-1) ?? '';
  }
  newListr(): undefined {
    return undefined;
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const stage = { type: 'stage', backend: 'engine', stage: 'analyze', title: 'Analyzing main.py' } as const;
const done = {
  type: 'done',
  backend: 'engine',
  cached: false,
  elapsedMs: 21_000,
  sizeBytes: 1,
  fileCount: 1,
  summary: 'engine: frozen in 21 s (46 MB, 70 files)',
} as const;

test('without a terminal there is one line a stage, one for every 15 s of it, and one a warning', () => {
  const task = new RecordedTask();
  const { report, close } = reportOnTask(task, false);
  report({ ...stage, elapsedMs: 10 });
  report({ type: 'detail', backend: 'engine', text: 'line 1', elapsedMs: 20 });
  report({
    type: 'detail',
    backend: 'engine',
    text: 'still analyzing main.py (torch), 16 s',
    elapsedMs: 16_000,
  });
  report({ type: 'warning', backend: 'engine', message: 'big' });
  report(done);
  close();
  expect(task.outputs).toEqual([
    'Analyzing main.py',
    'still analyzing main.py (torch), 16 s',
    'Warning: big',
  ]);
  expect(task.title).toBe('engine: frozen in 21 s (46 MB, 70 files)');
});

test('on a terminal a line lives: the time runs, the estimate shrinks, warnings stay', () => {
  const task = new RecordedTask();
  const { report, close } = reportOnTask(task, true);
  report({ ...stage, elapsedMs: 10_000, estimateMs: 21_000 });
  expect(task.output).toBe('Analyzing main.py (10 s, about 11 s left)');
  vi.advanceTimersByTime(3000);
  expect(task.output).toBe('Analyzing main.py (13 s, about 8.0 s left)');
  report({ type: 'detail', backend: 'engine', text: 'Processing hook numpy\nmore', elapsedMs: 13_000 });
  expect(task.output).toBe('Analyzing main.py (13 s, about 8.0 s left)\nProcessing hook numpy');
  vi.advanceTimersByTime(10_000);
  expect(task.output).toContain('(23 s)');
  report({ type: 'warning', backend: 'engine', message: 'big' });
  report(done);
  close();
  expect(task.output).toBe('Warning: big');
  const count = task.outputs.length;
  vi.advanceTimersByTime(5000);
  expect(task.outputs).toHaveLength(count);
});

test('events that come before their task are shown when it begins', () => {
  const router = new EventRouter();
  const seen: string[] = [];
  router.report({ ...stage, elapsedMs: 1 });
  router.report({ ...stage, backend: 'jobs', elapsedMs: 2 });
  router.subscribe('engine', (event) => seen.push(`${event.backend} ${event.type}`));
  router.report({ ...done });
  expect(seen).toEqual(['engine stage', 'engine done']);
});

test('a hook gets its task from Forge, and null from anybody else', async () => {
  const seen: unknown[] = [];
  const hook = hookWithTask('Doing it', async (task, value: number) => {
    seen.push(task, value);
  });
  const task = new RecordedTask();
  await hook.call(task, 1);
  await hook.call(undefined, 2);
  expect(seen).toEqual([task, 1, null, 2]);
  expect((hook as { __hookName?: string }).__hookName).toBe('Doing it');
});

test('lines live only on a terminal that Forge draws on', () => {
  expect(isLive({ isTTY: true }, {})).toBe(true);
  expect(isLive({ isTTY: true }, { CI: '1' })).toBe(false);
  expect(isLive({ isTTY: true }, { DEBUG: 'x' })).toBe(false);
  expect(isLive({}, {})).toBe(false);
});
