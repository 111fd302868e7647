import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/files.js';
import { testSettings } from '../support.js';
import { runDriver } from './driver.js';
import { copyOf, frozenProgram, programManifest } from './programs.js';
import { report } from './support.js';

/** Number of a user nobody is. */
const stranger = 54_321;

const frozen = [await frozenProgram('onedir'), await frozenProgram('onefile')];

describe.each(frozen)('$label', { timeout: 60_000 }, (program) => {
  test('18: without descriptors the start is refused as such and tried again', async () => {
    const driver = await runDriver(
      programManifest(program, {}, { integrity: 'off', logs: { ...testSettings.logs, file: false } }),
      program.resources,
      `import { openSync, closeSync } from 'node:fs';
const held = [];
try { for (;;) held.push(openSync('/dev/null', 'r')); } catch {}
for (const fd of held.splice(0, 2)) closeSync(fd);
process.on('uncaughtException', (error) => say({ uncaught: String(error) }));
backend.on('restarting', ({ cause }) => { say({ code: cause.code }); for (const fd of held.splice(0)) closeSync(fd); });
await backend.start();
say({ state: backend.status().state });
await backend.stop();
process.exit(0);`,
      { wrap: ['/bin/sh', '-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath] },
    );
    expect(await driver.next()).toEqual({ code: 'E_SPAWN_LIMIT' });
    expect(await driver.next()).toEqual({ state: 'ready' });
    expect(await driver.exited).toBe('0');
    report({
      number: 18,
      fault: 'no file descriptors left',
      injected: 'ulimit -n 64, all taken',
      expected: 'E_SPAWN_LIMIT, no exception outside the promise, tried again',
      program: program.label,
      measured: 'E_SPAWN_LIMIT, then ready',
    });
  });

  test('18: without processes the start is refused as such and tried again', async () => {
    // The limit does not hold for root: become somebody else, with everything readable for them.
    const isRoot = process.getuid?.() === 0;
    const { program: copy } = await copyOf(program);
    const folder = await temporaryFolder();
    execFileSync('chmod', ['-R', 'a+rwX', path.dirname(copy.resources), folder, copy.resources]);
    const driver = await runDriver(
      programManifest(copy, {}, { integrity: 'off' }),
      copy.resources,
      `import { readFile } from 'node:fs/promises';
process.on('uncaughtException', (error) => say({ uncaught: String(error) }));
// Threads count as well, and Node ends itself when it cannot make those for its file operations.
await readFile(import.meta.filename);
${isRoot ? `process.setgroups([]); process.setgid(${stranger}); process.setuid(${stranger});` : ''}
backend.on('restarting', ({ cause }) => say({ code: cause.code }));
say('ready to start');
process.stdin.once('data', async () => {
  await backend.start();
  say({ state: backend.status().state });
  await backend.stop();
  process.exit(0);
});`,
      { folder, stdin: 'pipe' },
    );
    expect(await driver.next()).toBe('ready to start');
    // Limits are changed by who the process belongs to.
    const as = isRoot ? { uid: stranger, gid: stranger } : {};
    const limit = (processes: string): void => {
      execFileSync('prlimit', [`--pid=${driver.child.pid}`, `--nproc=${processes}:`], as);
    };
    limit('1');
    driver.child.stdin?.write('go\n');
    expect(await driver.next()).toEqual({ code: 'E_SPAWN_LIMIT' });
    limit('4096');
    let said = await driver.next();
    while (JSON.stringify(said) === '{"code":"E_SPAWN_LIMIT"}') said = await driver.next();
    expect(said).toEqual({ state: 'ready' });
    expect(await driver.exited).toBe('0');
    report({
      number: 18,
      fault: 'no processes left (EAGAIN)',
      injected: 'RLIMIT_NPROC of 1 for a user who is not root, lifted after the first refusal',
      expected: 'E_SPAWN_LIMIT, no exception outside the promise, tried again',
      program: program.label,
      measured: 'E_SPAWN_LIMIT, then ready',
    });
  });
});
