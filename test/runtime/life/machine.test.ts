import { expect, test } from 'vitest';
import { defaultSettings } from '../../../src/runtime/default-settings.js';
import { BackendError } from '../../../src/runtime/errors.js';
import { initialState, step } from '../../../src/runtime/life/machine.js';
import type { MachineEffect, MachineEvent } from '../../../src/runtime/life/machine.js';

/** What follows from events, one after the other. */
function effectsOf(...events: readonly MachineEvent[]): readonly MachineEffect[] {
  let state = initialState;
  return events.flatMap((event, index) => {
    const result = step(state, event, {
      nowMs: index * 100,
      random: 0.5,
      settings: defaultSettings,
      describe: ({ code }) => new BackendError(code, code),
    });
    state = result.state;
    return result.effects;
  });
}

const info = { address: { type: 'none' }, pid: 2, bootPid: 2, python: null } as const;
const ready: readonly MachineEvent[] = [
  { type: 'start' },
  { type: 'checked', generation: 1 },
  { type: 'proved', generation: 1, info },
];

test.each([
  ['ended by itself', 0, null, false],
  ['ended with the signal it was sent', null, 'SIGTERM', false],
  ['was killed by its companion', null, 'SIGKILL', true],
  ['was ended by its companion, where it cannot kill the group', 70, null, true],
] as const)('a stop tells whether the program %s', (_title, code, signal, forced) => {
  const effects = effectsOf(
    ...ready,
    { type: 'stop' },
    { type: 'exit', generation: 1, code, signal },
    { type: 'gone', generation: 1, survivors: [] },
  );
  expect(effects).toContainEqual({ type: 'emit', name: 'stopped', payload: { tookMs: 200, forced } });
});

test('a stop that begins while a crash is being swept did not force anything', () => {
  const effects = effectsOf(
    ...ready,
    { type: 'exit', generation: 1, code: null, signal: 'SIGKILL' },
    { type: 'stop' },
    { type: 'gone', generation: 1, survivors: [] },
  );
  expect(effects).toContainEqual({ type: 'emit', name: 'stopped', payload: { tookMs: 200, forced: false } });
});
