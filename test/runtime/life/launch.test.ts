import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { ProcessRecord } from '../../../src/runtime/process/process-record.js';
import { recordFolder } from '../../../src/runtime/process/process-record.js';
import { patience } from '../../support/windows.js';
import { failure } from '../failure.js';
import { fixtureBackend, testBackend } from '../support.js';

test('a program that prints what it was told shows neither the token nor what its proofs are made with', async () => {
  const backend = fixtureBackend({}, {}, { kind: 'job' });
  if (backend.program.type !== 'development') throw new Error('not a development program');
  const program = { ...backend.program, args: ['-c', 'print(input())'] };
  const job = await testBackend({ ...backend, program });
  const { tail } = await job.run();
  expect(JSON.parse(tail.join(''))).toMatchObject({ token: '[redacted]', nonce: '[redacted]' });
});

/** A backend that another Python starts, and the numbers of the processes in its records. */
async function startedBy(script: string) {
  const backend = fixtureBackend();
  if (backend.program.type !== 'development') throw new Error('not a development program');
  const { interpreter, args } = backend.program;
  const starter = { ...backend.program, args: ['-c', script, interpreter, ...args] };
  const engine = await testBackend({ ...backend, program: starter });
  const folder = recordFolder(engine.app.getPath('userData'));
  const recorded = async (): Promise<number[][]> => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
    return texts.map((text) => (JSON.parse(text) as ProcessRecord).processes.map(({ pid }) => pid));
  };
  return { engine, recorded };
}

test('its processes are written down for the next run of the app, Python too where it is another one, until its end', async () => {
  // As the bootloader of a onefile program: it starts Python and waits for it.
  const { engine, recorded } = await startedBy(
    'import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))',
  );
  await engine.start();
  const { pid, bootPid } = engine.status();
  expect(bootPid).not.toBe(pid);
  await vi.waitFor(async () => expect(await recorded()).toEqual([[bootPid, pid]]), 5000 * patience);
  await engine.stop();
  await vi.waitFor(async () => expect(await recorded()).toEqual([]), 5000 * patience);
});

test('a process is written down before it says a word', async () => {
  const { engine, recorded } = await startedBy('import time; time.sleep(60)');
  const stopped = failure(engine.start());
  await vi.waitFor(async () => expect(await recorded()).toEqual([[expect.any(Number)]]), 5000 * patience);
  await engine.stop();
  expect((await stopped).code).toBe('E_STOPPED');
});
