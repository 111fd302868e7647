import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import { Generation } from '../../../src/runtime/life/generation.js';
import type { OperatorReports } from '../../../src/runtime/life/operator.js';
import { temporaryFolder } from '../../support/files.js';
import { failure } from '../failure.js';
import { fixtureBackend, testBackend, testSettings } from '../support.js';

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

/** A program of somebody else that answers 200 to everything, and what it was told. */
async function stranger(): Promise<{ readonly port: number; readonly heard: () => string }> {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}

test.each([null, '/health'])(
  'who answers without the proof is told nothing, whatever the backend announced (ready.http: %s)',
  async (http) => {
    const { port, heard } = await stranger();
    const backend = await testBackend(
      fixtureBackend({ FIXTURE_ANNOUNCE: String(port) }, { ready: { ...testSettings.ready, http } }),
    );
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_HANDSHAKE', retryable: false });
    expect(error.message).toContain('another program answers');
    expect(heard()).toMatch(/^GET \/\.electron-pyinstaller\/ping HTTP/);
    expect(heard()).not.toMatch(/token|authorization/i);
  },
);

test.each([null, '/health'])(
  'a port that a program with a server of its own announces must be its own (ready.http: %s)',
  async (http) => {
    const { port, heard } = await stranger();
    const backend = await testBackend(
      fixtureBackend(
        { FIXTURE_ANNOUNCE: String(port) },
        { ready: { ...testSettings.ready, http } },
        { companion: 'lifeline' },
      ),
    );
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_HANDSHAKE' });
    expect(error.message).toContain(`held by process ${process.pid}`);
    expect(heard()).toBe('');
  },
);
