import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { awaitText, temporaryFolder } from '../../support/files.js';
import { isRunning, testSettings, until, waitMs } from '../support.js';
import { runDriver } from './driver.js';
import { copyOf, programManifest, programs } from './programs.js';
import type { Program } from './programs.js';
import { factsOf, faulty, next, report, rounded, within } from './support.js';
import type { RunningBackend } from './support.js';

const stranger = 12_345;
const isRoot = process.getuid?.() === 0;

/** Ends processes in whatever state a test left them. */
function endAfterTest(...pids: readonly number[]): void {
  onTestFinished(() => {
    for (const pid of pids) {
      try {
        if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      } catch {
        // It is gone.
      }
    }
  });
}

type Resisting = Readonly<Record<string, number>>;

async function resisting(backend: RunningBackend): Promise<Resisting> {
  const pids = (await (await backend.fetch('/resisting')).json()) as Resisting;
  endAfterTest(...Object.values(pids));
  expect(Object.values(pids).filter(isRunning)).toHaveLength(6);
  return pids;
}

/** Which kinds are still there. */
const alive = (pids: Resisting): string[] => Object.keys(pids).filter((kind) => isRunning(pids[kind] ?? 0));

/** Starts the backend with everything that resists, and tells their numbers and its own. */
const startResisting = `
await backend.start();
const pids = await (await backend.fetch('/resisting')).json();
const { pid } = backend.status();
say({ pids, pid });
setInterval(() => {}, 1000);
`;

/** A folder with an `xdg-open` that stays, and writes down that it runs, its environment and its limits. */
async function viewer(): Promise<{
  readonly env: Record<string, string>;
  readonly opened: () => Promise<number>;
}> {
  const folder = await temporaryFolder();
  const script = `#!/bin/sh
env > '${folder}/env'; cat /proc/self/limits > '${folder}/limits'; printf '%s' "$1" > '${folder}/target'
echo $$ > '${folder}/new'; mv '${folder}/new' '${folder}/pid'
while :; do sleep 600 & wait $!; done
`;
  await writeFile(path.join(folder, 'xdg-open'), script);
  await chmod(path.join(folder, 'xdg-open'), 0o755);
  return {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, FAULT_FOLDER: folder },
    opened: async () => {
      const pid = Number(await awaitText(path.join(folder, 'pid')));
      onTestFinished(() => {
        if (isRunning(pid)) process.kill(-pid, 'SIGKILL');
      });
      return pid;
    },
  };
}

/** The program where another user can run it, and a helper that becomes root. */
async function forStranger(
  program: Program,
): Promise<{ readonly copy: Program; readonly folder: string; readonly helper: string }> {
  const { program: copy } = await copyOf(program);
  const folder = await temporaryFolder();
  const helper = path.join(folder, 'become-root');
  await cp(execFileSync('which', ['setpriv'], { encoding: 'utf8' }).trim(), helper);
  execFileSync('chmod', ['-R', 'a+rwX', folder, path.dirname(copy.resources), copy.resources]);
  execFileSync('chmod', ['4755', helper]);
  return { copy, folder, helper };
}

const becomeStranger = `process.setgroups([]); process.setgid(${stranger}); process.setuid(${stranger});`;

describe.skipIf(process.platform !== 'linux').each(await programs())(
  '$label',
  { timeout: 60_000 },
  (program) => {
    test.each(['thread', 'process'] as const)(
      '29: kill -9 of the app ends also what resists (lifeline %s)',
      async (lifeline) => {
        const driver = await runDriver(
          programManifest(program, {}, { lifeline }),
          program.resources,
          startResisting,
        );
        const { pids, pid } = (await driver.next()) as { pids: Resisting; pid: number };
        endAfterTest(pid, ...Object.values(pids));
        expect(alive(pids)).toHaveLength(6);
        const killed = performance.now();
        driver.child.kill('SIGKILL');
        await until(() => !isRunning(pid) && alive(pids).length === 0, within(8000), 'all to be gone');
        const tookMs = performance.now() - killed;
        report({
          number: 29,
          fault: `kill -9 of the app, lifeline ${lifeline}`,
          injected:
            'children that ignore SIGTERM (a program, bash), are stopped, have a session, an empty environment, or are daemons without one',
          expected: 'all dead within 3 s',
          program: program.label,
          measured: `${rounded(tookMs)}; nothing left`,
        });
        expect(tookMs).toBeLessThan(within(3000));
      },
    );

    test.each([0, 40, 150, 450])(
      '29: kill -9 of the app %i ms into the sweep after a crash ends what resists',
      async (delayMs) => {
        const driver = await runDriver(programManifest(program), program.resources, startResisting);
        const { pids, pid } = (await driver.next()) as { pids: Resisting; pid: number };
        endAfterTest(pid, ...Object.values(pids));
        process.kill(pid, 'SIGKILL');
        await waitMs(delayMs);
        const killed = performance.now();
        driver.child.kill('SIGKILL');
        await until(() => alive(pids).length === 0, within(8000), 'all to be gone');
        const tookMs = performance.now() - killed;
        report({
          number: 29,
          fault: `kill -9 of the app ${delayMs} ms after the backend crashed`,
          injected: 'the same children, while they are being ended',
          expected: 'all dead within 3 s',
          program: program.label,
          measured: `${rounded(tookMs)}; nothing left`,
        });
        expect(tookMs).toBeLessThan(within(3000));
      },
    );

    test('29: stop() and a crash end what resists', async () => {
      const backend = await faulty(program, {}, { restart: { ...testSettings.restart, delayMs: 50 } });
      await backend.start();
      const first = await resisting(backend);
      const { pid } = await factsOf(backend);
      const restarting = next(backend, 'restarting');
      process.kill(pid, 'SIGKILL');
      await restarting;
      expect(alive(first)).toEqual([]);
      await backend.start();
      const second = await resisting(backend);
      const began = performance.now();
      await backend.stop();
      report({
        number: 29,
        fault: 'stop(), and a crash of the backend',
        injected: 'the same children',
        expected: 'all dead when stop() resolves, and before the next start',
        program: program.label,
        measured: `stop() took ${rounded(performance.now() - began)}; nothing left`,
      });
      expect(alive(second)).toEqual([]);
    });

    test.skipIf(!isRoot || program.label === 'development')(
      '30: a helper that became root is reported, and restart, stop and quit go on (needs root: to have another user)',
      async () => {
        const { copy, folder, helper } = await forStranger(program);
        const driver = await runDriver(
          programManifest(copy, {}, { integrity: 'off', restart: { ...testSettings.restart, delayMs: 50 } }),
          copy.resources,
          `${becomeStranger}
const root = async () => (await backend.fetch('/run?' + encodeURIComponent('${JSON.stringify([helper, '--reuid', '0', '--clear-groups', 'sleep', '600'])}'))).json();
await backend.start();
say(await root());
await new Promise((resolve) => setTimeout(resolve, 300));
const began = performance.now();
const again = new Promise((resolve) => backend.on('ready', resolve));
process.kill(backend.status().pid, 'SIGKILL');
await again;
say({ restartMs: performance.now() - began });
say(await root());
await new Promise((resolve) => setTimeout(resolve, 300));
await backend.restart();
const stopping = performance.now();
await backend.stop();
say({ stopMs: performance.now() - stopping, state: backend.status().state });
app.quit();`,
          { folder },
        );
        const crashed = (await driver.next()) as number;
        endAfterTest(crashed);
        const { restartMs } = (await driver.next()) as { restartMs: number };
        const stopped = (await driver.next()) as number;
        endAfterTest(stopped);
        expect(await driver.next()).toMatchObject({ state: 'stopped' });
        expect(await driver.exited).toBe('0');
        // They are what they are meant to be.
        expect([crashed, stopped].filter(isRunning)).toEqual([crashed, stopped]);
        const log = await readFile(path.join(folder, 'logs', 'engine.log'), 'utf8');
        for (const pid of [crashed, stopped])
          expect(log).toMatch(new RegExp(`left process ${pid} \\(sleep\\) running: .*EPERM`));
        expect(log).not.toContain('network drive');
        report({
          number: 30,
          fault: 'a helper that became root (as with sudo, pkexec)',
          injected: 'the app is an ordinary user; the backend crashes, is restarted and stopped',
          expected: 'reported with number, program and EPERM; restart, stop and quit go on',
          program: program.label,
          measured: `ready again ${rounded(restartMs)} after the crash; stopped, quit; both reported`,
        });
      },
    );

    test('31: what was opened for the user stays; everything else gets SIGTERM first', async () => {
      const { env, opened } = await viewer();
      const folder = env['FAULT_FOLDER'] ?? '';
      const backend = await faulty(program, env, { restart: { ...testSettings.restart, delayMs: 50 } });
      await backend.start();
      await backend.fetch(`/open?${encodeURIComponent('https://example.org/a?b=c&d=$(id)')}`);
      const pid = await opened();
      expect(await readFile(path.join(folder, 'target'), 'utf8')).toBe('https://example.org/a?b=c&d=$(id)');
      expect(await readFile(path.join(folder, 'env'), 'utf8')).not.toMatch(
        /^(_PYI_|ELECTRON_PYINSTALLER_INSTANCE)/m,
      );
      expect(await readFile(path.join(folder, 'limits'), 'utf8')).toMatch(/realtime timeout +unlimited/);
      await backend.restart();
      expect(isRunning(pid)).toBe(true);
      // Something else with a session of its own: it hears SIGTERM in a stop and in the sweep after a crash.
      const polite = (name: string): string[] => [
        'sh',
        '-c',
        `trap 'echo asked > "${folder}/${name}"; exit' TERM; echo > "${folder}/${name}.up"; while :; do sleep 600 & wait $!; done`,
      ];
      for (const name of ['crash', 'stop']) {
        await backend.fetch(`/run?${encodeURIComponent(JSON.stringify(polite(name)))}`);
        await until(() => existsSync(path.join(folder, `${name}.up`)));
        if (name === 'stop') await backend.stop();
        else {
          const again = next(backend, 'ready');
          process.kill((await factsOf(backend)).pid, 'SIGKILL');
          await again;
        }
        expect(await readFile(path.join(folder, name), 'utf8')).toBe('asked\n');
        expect(isRunning(pid)).toBe(true);
      }
      report({
        number: 31,
        fault: 'a viewer opened with open_external()',
        injected: 'restart(), a crash, stop(); another program that handles SIGTERM beside it',
        expected: 'the viewer stays, without our marks; the other one gets SIGTERM before SIGKILL',
        program: program.label,
        measured: 'alive after all three; the other one was asked twice',
      });
    });

    test('31: what was opened for the user outlives an app that is killed', async () => {
      const { env, opened } = await viewer();
      const driver = await runDriver(
        programManifest(program, env),
        program.resources,
        `await backend.start();
await backend.fetch('/open?' + ${JSON.stringify(env['FAULT_FOLDER'])});
say(backend.status().pid);
setInterval(() => {}, 1000);`,
      );
      const backend = (await driver.next()) as number;
      const pid = await opened();
      const parentOf = async (): Promise<string> =>
        (await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.split(' ')[1] ?? '';
      expect(await parentOf()).toBe(String(backend));
      driver.child.kill('SIGKILL');
      await until(() => !isRunning(backend));
      await waitMs(2500);
      expect(isRunning(pid)).toBe(true);
      report({
        number: 31,
        fault: 'a viewer, and kill -9 of the app',
        injected: 'SIGKILL to the app',
        expected: 'the viewer stays',
        program: program.label,
        measured: 'alive 2.5 s after the backend had ended',
      });
    });

    test.skipIf(!isRoot)(
      "32: an app in another container does not end this one's backend (needs root: to make a namespace)",
      async () => {
        const folder = await temporaryFolder();
        const backend = await faulty(program, {}, {}, { folder });
        await backend.start();
        const { pid } = await factsOf(backend);
        const driver = await runDriver(
          programManifest(program),
          program.resources,
          `await backend.start();
say(backend.status().state);
await backend.stop();
app.quit();`,
          {
            folder,
            wrap: ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', process.execPath],
          },
        );
        expect(await driver.next()).toBe('ready');
        await driver.exited;
        expect(isRunning(pid)).toBe(true);
        expect((await backend.fetch('/health')).status).toBe(200);
        report({
          number: 32,
          fault: 'a second app in a container, on the same data folder',
          injected: 'another PID namespace',
          expected: "the first app's backend is left alone",
          program: program.label,
          measured: 'alive, answers',
        });
      },
    );
  },
);
