import { expect, test } from 'vitest';
import { describeFailure } from '../../../src/runtime/life/failures.js';
import type { FailureEvidence } from '../../../src/runtime/life/failures.js';
import type { Failure } from '../../../src/runtime/life/machine.js';

const failed: Failure = {
  code: 'E_START_TIMEOUT',
  generation: 1,
  phase: 'handshaking',
  elapsedMs: 90_000,
  exitCode: null,
  signal: null,
  survivors: [],
  cause: null,
  lastProbe: null,
};

const seen: FailureEvidence = {
  name: 'engine',
  tail: [],
  logFile: '/logs/engine.log',
  greeted: true,
  lastStatus: null,
  lastAnswer: null,
  awaitsAddress: false,
  program: 'frozen',
  mode: 'onedir',
};

test('a start that takes too long tells the last question and its answer', () => {
  const error = describeFailure(
    { ...failed, phase: 'probing' },
    { ...seen, lastAnswer: 'GET http://127.0.0.1:8710/api/helth answered 404' },
  );
  expect(error.message).toContain(
    'not ready after 90 s (phase: probing): GET http://127.0.0.1:8710/api/helth answered 404\n',
  );
  expect(error.hint).toContain('`ready.http`');
  expect(error.hint).toContain('{port}');
});

test('a program of its own that never says where it serves is told how to', () => {
  const waiting = { ...seen, awaitsAddress: true };
  expect(describeFailure(failed, waiting).hint).toContain('call electron_pyinstaller.ready(port)');
  expect(describeFailure(failed, { ...waiting, greeted: false }).hint).toContain('did not even begin');
  expect(describeFailure(failed, seen).hint).toContain('call extend()');
});

test.each([
  [
    'of uvicorn',
    [
      'ERROR:    Traceback (most recent call last):',
      '  File "main.py", line 7, in lifespan',
      'RuntimeError: no database at /x',
      '',
      'ERROR:    Application startup failed. Exiting.',
      "electron-pyinstaller: the application's startup (lifespan) failed; the reason is above",
    ],
    'RuntimeError: no database at /x',
  ],
  ['of a configured logger', ['ValueError: 3', 'Application startup failed. Exiting.'], 'ValueError: 3'],
  [
    "of PyInstaller's bootloader",
    ['ValueError: 3', "[PYI-71:ERROR] Failed to execute script 'main' due to unhandled exception!"],
    'ValueError: 3',
  ],
  [
    'of the companion, when they are the reason',
    ['INFO', 'electron-pyinstaller: the module main has no attribute app', ''],
    'electron-pyinstaller: the module main has no attribute app',
  ],
])('the last words %s are those that name the reason', (_title, tail, expected) => {
  const error = describeFailure(
    { ...failed, code: 'E_START_EXIT', exitCode: 3, elapsedMs: 800 },
    { ...seen, tail },
  );
  expect(error.message.split('\n')[0]).toBe(
    `Starting the backend "engine": it ended after 0.8 s with exit code 3: its last words: ${expected}`,
  );
  expect(error.hint).toBe('See /logs/engine.log for its last output.');
});

test('what is final while starting is no reason to give up on a backend that was ready', () => {
  const tail = ["ModuleNotFoundError: No module named 'numpy'"];
  const ended = { ...failed, exitCode: 1, elapsedMs: 800 };
  const starting = describeFailure({ ...ended, code: 'E_START_EXIT' }, { ...seen, tail });
  const crash = describeFailure({ ...ended, code: 'E_CRASH' }, { ...seen, tail });
  expect(starting.retryable).toBe(false);
  expect(crash).toMatchObject({ code: 'E_CRASH', retryable: true, hint: starting.hint });
});

test('without a log file nobody is sent to a property of an object', () => {
  const error = describeFailure(
    { ...failed, code: 'E_START_EXIT', exitCode: 3, elapsedMs: 800 },
    { ...seen, tail: ['ValueError: 3'], logFile: null },
  );
  expect(error.hint).toBeNull();
});

test('processes that did not end: what the system said is quoted, and a device is blamed where it said nothing', () => {
  const left: Failure = { ...failed, code: 'E_STOP_FAILED', survivors: [4242] };
  expect(describeFailure(left, seen).hint).toContain('a network drive');
  const refusal = 'ERROR: Access is denied. (TerminateProcess: forbidden)';
  expect(describeFailure(left, { ...seen, refusal }).hint).toBe(`The system would not end them: ${refusal}`);
});
