import path from 'node:path';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { guardScript } from '../../../src/python/environment/installer-run.js';
import { isAlive } from '../../../src/lib/process-identity.js';
import { run } from '../../../src/lib/run.js';
import { awaitText, temporaryFolder } from '../../support/files.js';
import { realPythons } from '../real-pythons.js';

const python = realPythons()[0] ?? '';
const guarded = (...command: string[]) => ['-I', guardScript, ...command];

/** A program of JavaScript: shell scripts are no programs on Windows. */
const node = (body: string) => guarded(process.execPath, '-e', body);

test('passes output and exit code on', async () => {
  const result = await run(python, node("console.log('out'); console.error('err'); process.exitCode = 7;"), {
    lifeline: true,
  });
  expect(result).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
  const killed = await run(python, node("process.kill(process.pid, 'SIGKILL')"), { lifeline: true });
  expect(killed.exitCode).toBe(process.platform === 'win32' ? 1 : 128 + 9);
});

test('a program that does not exist is told as a failure', async () => {
  const result = await run(python, guarded('/no/such/program'), { lifeline: true });
  expect(result.exitCode).not.toBe(0);
  expect(result.stderr).toContain('/no/such/program');
});

/** A program with a child of its own, both of which would run for a minute. */
async function tree() {
  const folder = await temporaryFolder();
  const program = node(
    `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
     const note = (name, pid) => require('node:fs').writeFileSync(name, String(pid));
     process.chdir(${JSON.stringify(folder)}); note('child', child.pid); note('self', process.pid);`,
  );
  const pids = async () => {
    const texts = await Promise.all(['child', 'self'].map((name) => awaitText(path.join(folder, name))));
    return texts.map(Number);
  };
  return { program, pids };
}

const gone = async (pids: number[]) => {
  for (let round = 0; round < 100 && pids.some(isAlive); round += 1) await sleep(50);
  return pids.filter(isAlive);
};

test('cancelling ends everything that was started', async () => {
  const { program, pids } = await tree();
  const controller = new AbortController();
  const running = run(python, program, { lifeline: true, signal: controller.signal });
  const started = await pids();
  controller.abort();
  expect(await running).toMatchObject({ cancelled: true });
  expect(await gone(started)).toEqual([]);
});

test('nothing is left when the process that started it is killed', async () => {
  const { program, pids } = await tree();
  // A parent of its own, which cannot clean up after itself.
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `require('node:child_process').spawn(${JSON.stringify(python)}, ${JSON.stringify(program)}, { stdio: ['pipe', 'ignore', 'ignore'], detached: true }); setInterval(() => {}, 1000)`,
    ],
    { stdio: 'ignore' },
  );
  onTestFinished(() => void parent.kill('SIGKILL'));
  const started = await pids();
  expect(started.every(isAlive)).toBe(true);
  parent.kill('SIGKILL');
  expect(await gone(started)).toEqual([]);
});
