import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/files.js';
import { isRunning, until, waitMs } from '../support.js';
import { runDriver } from './driver.js';
import { programManifest, programs } from './programs.js';
import { factsOf, faulty, report, rounded, unpackedFolders, within } from './support.js';
import type { Facts } from './support.js';

const grace = 2000;

/** Starts the backend, tells its facts, and stays. */
const stay = `
await backend.start();
say(await (await backend.fetch('/facts')).json());
say(backend.status());
setInterval(() => {}, 1000);
`;

describe.each(await programs())('$label', { timeout: 120_000 }, (program) => {
  test.each([
    ['it handles SIGTERM', 'thread', {}, 500],
    ['it ignores SIGTERM', 'thread', { FAULT_IGNORE_TERM: '1' }, grace + 500],
    ['it is stopped, with the guard process', 'process', {}, grace + 1000],
  ] as const)('3: dies with the killed main process when %s', async (title, lifeline, env, boundMs) => {
    const driver = await runDriver(programManifest(program, env, { lifeline }), program.resources, stay);
    const facts = (await driver.next()) as Facts;
    const { bootPid } = (await driver.next()) as { bootPid: number };
    if (lifeline === 'process') process.kill(facts.pid, 'SIGSTOP');
    const killed = performance.now();
    driver.child.kill('SIGKILL');
    await until(() => ![facts.pid, bootPid].some(isRunning), within(boundMs + 3000), 'the backend to end');
    const tookMs = performance.now() - killed;
    expect(unpackedFolders().filter((folder) => facts.meipass?.endsWith(folder))).toEqual([]);
    report({
      number: 3,
      fault: `kill -9 of the app's main process: ${title}`,
      injected: 'SIGKILL to a Node process that plays it',
      expected: `all dead within ${boundMs} ms; no unpacked folder`,
      program: program.label,
      measured: `${rounded(tookMs)}; nothing left`,
    });
    expect(tookMs).toBeLessThan(within(boundMs));
  });

  test('3: the guard process ends a backend that holds the interpreter lock for ever', async () => {
    const driver = await runDriver(
      programManifest(program, {}, { lifeline: 'process' }),
      program.resources,
      `await backend.start();
say(await (await backend.fetch('/facts')).json());
backend.fetch('/gil?1000').catch(() => {});
setTimeout(() => say('held'), 300);
setInterval(() => {}, 1000);`,
    );
    const facts = (await driver.next()) as Facts;
    await driver.next();
    const killed = performance.now();
    driver.child.kill('SIGKILL');
    await until(() => !isRunning(facts.pid), within(grace + 4000), 'the backend to end');
    expect(performance.now() - killed).toBeLessThan(within(grace + 1000));
  });

  test('4: what a killed app left is ended at the next start, an escaped process included', async () => {
    const folder = await temporaryFolder();
    const driver = await runDriver(
      programManifest(program, {}, { lifeline: 'off' }),
      program.resources,
      `await backend.start();
say(await (await backend.fetch('/facts')).json());
say(await (await backend.fetch('/workers')).json());
setInterval(() => {}, 1000);`,
      { folder },
    );
    const facts = (await driver.next()) as Facts;
    const pids = (await driver.next()) as number[];
    driver.child.kill('SIGKILL');
    await driver.exited;
    await waitMs(300);
    // Without a lifeline it lives on.
    expect(isRunning(facts.pid)).toBe(true);
    const backend = await faulty(program, {}, {}, { folder });
    const began = performance.now();
    await backend.start();
    const tookMs = performance.now() - began;
    expect([facts.pid, ...pids].filter(isRunning)).toEqual([]);
    expect(unpackedFolders().filter((name) => facts.meipass?.endsWith(name))).toEqual([]);
    expect(await readFile(path.join(folder, 'logs', 'engine.log'), 'utf8')).toContain('ended what the app');
    report({
      number: 4,
      fault: 'processes a killed app left (lifeline off)',
      injected: 'SIGKILL to the app; workers and an escaped process alive',
      expected: 'ended at the next start, by pid, start time and program',
      program: program.label,
      measured: `all ended; the start took ${rounded(tookMs)}`,
    });
  });

  test("22: another instance's backend and a process that got an old number are left alone", async () => {
    const folder = await temporaryFolder();
    const first = await faulty(program, {}, {}, { folder });
    await first.start();
    const { pid } = await factsOf(first);
    const records = path.join(folder, 'userData', 'electron-pyinstaller', 'processes');
    const [name = ''] = await readdir(records);
    const record = JSON.parse(await readFile(path.join(records, name), 'utf8')) as {
      processes: { pid: number }[];
      app: { pid: number; started: string };
    };
    const stranger = spawn('sleep', ['60'], { detached: true });
    onTestFinished(() => {
      stranger.kill('SIGKILL');
    });
    const recycled = {
      ...record,
      instance: '0123456789abcdef',
      app: { ...record.app, pid: 2 ** 22 + 1 },
      processes: record.processes.map((entry) => ({ ...entry, pid: stranger.pid })),
    };
    const file = path.join(records, 'engine-0123456789abcdef.json');
    await writeFile(file, JSON.stringify(recycled));
    const second = await faulty(program, {}, {}, { folder });
    await second.start();
    expect(isRunning(pid)).toBe(true);
    expect(isRunning(stranger.pid ?? 0)).toBe(true);
    expect(await readdir(records)).not.toContain(path.basename(file));
    await second.stop();
    expect(isRunning(pid)).toBe(true);
    report({
      number: 22,
      fault: 'second instance; recycled process number in the record',
      injected: 'two supervisors on one data folder; a record that names a stranger',
      expected: 'neither is signalled',
      program: program.label,
      measured: 'both alive',
    });
  });

  test('20: nothing is left after process.exit, SIGTERM and an uncaught exception of the main process', async () => {
    for (const end of ['process.exit(0)', "process.kill(process.pid, 'SIGTERM')", "throw new Error('x')"]) {
      const driver = await runDriver(
        programManifest(program),
        program.resources,
        `await backend.start();
say(await (await backend.fetch('/facts')).json());
setTimeout(() => { ${end}; }, 50);`,
      );
      const facts = (await driver.next()) as Facts;
      await driver.exited;
      const gone = performance.now();
      await until(() => !isRunning(facts.pid), within(2000), `the backend to end after ${end}`);
      report({
        number: 20,
        fault: `end of the main process: ${end}`,
        injected: 'in a Node process that plays it',
        expected: 'backend gone within 1 s',
        program: program.label,
        measured: rounded(performance.now() - gone),
      });
      expect(performance.now() - gone).toBeLessThan(within(1000));
    }
  });
});
