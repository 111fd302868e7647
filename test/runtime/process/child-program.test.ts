import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import { ChildProgram } from '../../../src/runtime/process/child-program.js';
import type { ChildOptions, ChildSink } from '../../../src/runtime/process/child-program.js';
import { signal, until } from '../support.js';
import { noSignals, notOnWindows, onlyOnLinux } from '../../support/windows.js';

interface Running {
  readonly child: ChildProgram;
  readonly pid: number;
  readonly ends: (number | string | null)[][];
  readonly lines: string[];
}

/** A program of the system as a child. */
function run(file: string, args: readonly string[], changes: Partial<ChildOptions> = {}): Running {
  const ends: (number | string | null)[][] = [];
  const lines: string[] = [];
  const sink: ChildSink = {
    message: () => undefined,
    malformed: () => undefined,
    remark: () => undefined,
    identified: () => undefined,
    line: (_stream, text) => lines.push(text),
    exit: (code, by) => void ends.push([code, by]),
    notSpawned: () => undefined,
  };
  const child = new ChildProgram(
    {
      name: 'engine',
      generation: 1,
      instance: '0123456789abcdef',
      plan: { file, args, cwd: '/', env: {} },
      opening: null,
      hasLifeline: false,
      unpacksInto: null,
      raw: false,
      isPatient: false,
      ringLines: 10,
      clock: systemClock,
      redact: (text) => text,
      ...changes,
    },
    sink,
  );
  child.spawn();
  const pid = child.tree.childPid ?? 0;
  onTestFinished(async () => {
    await child.tree.kill(true);
    child.release();
  });
  return { child, pid, ends, lines };
}

const isStopped = (pid: number): boolean => /\) T/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

test(
  'a program that is stopped is woken by the second step of a stop, and ends',
  onlyOnLinux(noSignals),
  async () => {
    const { child, pid, ends } = run('/bin/sleep', ['60']);
    signal(pid, 'SIGSTOP');
    await until(() => isStopped(pid));
    child.end('terminate');
    await until(() => ends.length > 0);
    expect(ends).toEqual([[null, 'SIGTERM']]);
  },
);

test(
  'a program that does not know the lifeline is told by a signal to end, one that reads it by its end',
  notOnWindows(noSignals),
  async () => {
    const deaf = run('/bin/sleep', ['60']);
    deaf.child.end('graceful');
    await until(() => deaf.ends.length > 0);
    expect(deaf.ends).toEqual([[null, 'SIGTERM']]);
    // Knows the lifeline, but has not greeted yet: both, because nobody can tell what it listens to.
    const early = run('/bin/sleep', ['60'], { hasLifeline: true });
    early.child.end('graceful');
    await until(() => early.ends.length > 0);
    expect(early.ends).toEqual([[null, 'SIGTERM']]);
  },
);

test('the last lines come before the end, and are kept for whoever explains it', async () => {
  const body = "console.log('out'); console.error('err'); process.exitCode = 3;";
  const { child, ends, lines } = run(process.execPath, ['-e', body]);
  await until(() => ends.length > 0);
  expect(ends).toEqual([[3, null]]);
  expect([...lines].sort()).toEqual(['err', 'out']);
  expect([...child.tail()].sort()).toEqual(['err', 'out']);
});
