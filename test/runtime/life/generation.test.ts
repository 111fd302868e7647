import { expect, test } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import { Generation } from '../../../src/runtime/life/generation.js';
import type { OperatorReports } from '../../../src/runtime/life/operator.js';
import { temporaryFolder } from '../../support/files.js';
import { fixtureBackend } from '../support.js';

/** A launch without a supervisor, and the moment its program is gone. */
async function launch(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly generation: Generation; readonly exited: Promise<void> }> {
  const folder = await temporaryFolder();
  let exit = (): void => undefined;
  const exited = new Promise<void>((resolve) => {
    exit = resolve;
  });
  const nothing = (): void => undefined;
  const reports: OperatorReports = {
    phase: nothing,
    notSpawned: nothing,
    failed: nothing,
    proved: nothing,
    extend: nothing,
    exit,
    stepUseless: nothing,
    status: nothing,
    log: nothing,
    message: nothing,
  };
  const generation = new Generation(7, reports, {
    clock: systemClock,
    userData: folder,
    resources: folder,
    baseEnv: process.env,
    load: () => fixtureBackend(env),
    remark: nothing,
    verify: () => Promise.resolve(),
    reap: () => Promise.resolve(),
    record: nothing,
    forget: nothing,
    logFile: () => null,
  });
  await generation.check();
  generation.spawn();
  return { generation, exited };
}

test('what waits for an answer learns that the backend crashed, or that it was stopped', async () => {
  const crashed = await launch({ FIXTURE_BEFORE_READY: 'exit:3' });
  await crashed.exited;
  crashed.generation.release();
  expect(crashed.generation.signal.reason).toMatchObject({
    code: 'E_CRASH',
    message: 'The backend "engine" ended by itself before it had answered',
    generation: 7,
  });

  const stopped = await launch({});
  stopped.generation.end('kill');
  await stopped.exited;
  stopped.generation.release();
  expect(stopped.generation.signal.reason).toMatchObject({
    code: 'E_STOPPED',
    message: 'The backend "engine" was stopped before it had answered',
  });
});
