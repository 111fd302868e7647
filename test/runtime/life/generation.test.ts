import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { aborted } from '../../../src/runtime/aborted.js';
import { systemClock } from '../../../src/runtime/clock.js';
import { BackendError } from '../../../src/runtime/errors.js';
import { Generation } from '../../../src/runtime/life/generation.js';
import type { OperatorReports } from '../../../src/runtime/life/operator.js';
import { isAlive } from '../../../src/runtime/process/process-tree.js';
import { temporaryFolder } from '../../support/files.js';
import { failure } from '../failure.js';
import { fixtureBackend, testBackend, testSettings } from '../support.js';
import { needsPortOwners, patience } from '../../support/windows.js';

/** A launch without a supervisor, and the moment its program is gone. */
async function launch(
  env: Readonly<Record<string, string>>,
  { compared = Promise.resolve(), interpreter }: { compared?: Promise<void>; interpreter?: string } = {},
): Promise<{
  readonly generation: Generation;
  readonly exited: Promise<void>;
  readonly told: string[];
  readonly isGone: () => boolean;
}> {
  const folder = await temporaryFolder();
  let exit = (): void => undefined;
  const exited = new Promise<void>((resolve) => {
    exit = resolve;
  });
  const told: string[] = [];
  let pid = 0;
  const nothing = (): void => undefined;
  const reports: OperatorReports = {
    phase: nothing,
    notSpawned: ({ code }) => {
      told.push(`not spawned: ${code}`);
      exit();
    },
    failed: ({ code }) => {
      told.push(`failed: ${code}`);
    },
    proved: () => {
      told.push('proved');
    },
    extend: nothing,
    exit: () => {
      told.push('exit');
      exit();
    },
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
    load: () => {
      const backend = fixtureBackend(env);
      const { program } = backend;
      if (interpreter === undefined || program.type !== 'development') return backend;
      return { ...backend, program: { ...program, interpreter } };
    },
    remark: nothing,
    verify: (_backend, _location, signal) =>
      Promise.resolve(() => Promise.race([compared, aborted(signal).then(() => signal.throwIfAborted())])),
    reap: () => Promise.resolve(),
    record: (child) => {
      pid = child.tree.childPid ?? 0;
    },
    forget: nothing,
    logFile: () => null,
  });
  await generation.check();
  generation.spawn();
  return { generation, exited, told, isGone: () => pid > 0 && !isAlive(pid) };
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

const corrupt = new BackendError('E_EXE_CORRUPT', 'Checking the backend "engine": lib (has other content)');

/** A comparison that is still under way. */
function comparison(): { readonly compared: Promise<void>; readonly end: (error?: BackendError) => void } {
  let end: (error?: BackendError) => void = () => undefined;
  const compared = new Promise<void>((resolve, reject) => {
    end = (error) => {
      if (error === undefined) resolve();
      else reject(error);
    };
  });
  return { compared, end: (error) => end(error) };
}

test('that the files are damaged explains an exit that came before it was known', async () => {
  const { compared, end } = comparison();
  const { generation, exited, told, isGone } = await launch({ FIXTURE_BEFORE_READY: 'exit:3' }, { compared });
  await vi.waitUntil(isGone, { timeout: 10_000 * patience });
  expect(told).toEqual([]);
  end(corrupt);
  await exited;
  expect(told).toEqual(['failed: E_EXE_CORRUPT', 'exit']);
  generation.release();
});

test('a program that cannot be executed is called damaged, if it is', async () => {
  const { compared, end } = comparison();
  const interpreter = path.join(await temporaryFolder(), 'program');
  await writeFile(interpreter, '#!/nowhere\n', { mode: 0o755 });
  const { exited, told } = await launch({}, { compared, interpreter });
  expect(told).toEqual([]);
  end(corrupt);
  await exited;
  expect(told).toContain('not spawned: E_EXE_CORRUPT');
});

test('a program is ready when it answers and its files were compared, whatever comes first', async () => {
  const { compared, end } = comparison();
  const { generation, exited, told } = await launch({}, { compared });
  await vi.waitUntil(() => generation.connection !== null, { timeout: 10_000 * patience });
  expect(told).toEqual([]);
  end();
  await vi.waitUntil(() => told.length > 0);
  expect(told).toEqual(['proved']);
  generation.end('kill');
  await exited;
  generation.release();
});

test('a damaged program is not ready although it answers', async () => {
  const { compared, end } = comparison();
  const { generation, exited, told } = await launch({}, { compared });
  await vi.waitUntil(() => generation.connection !== null, { timeout: 10_000 * patience });
  end(corrupt);
  await vi.waitUntil(() => told.length > 0);
  expect(told).toEqual(['failed: E_EXE_CORRUPT']);
  generation.end('kill');
  await exited;
  generation.release();
});

test('a comparison that hangs does not hold up the end', async () => {
  const { generation, exited, told } = await launch({}, { compared: comparison().compared });
  generation.end('kill');
  await exited;
  expect(told).toContain('exit');
  generation.release();
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
  needsPortOwners,
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
