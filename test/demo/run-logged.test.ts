import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tailOf } from '../../scripts/demo/failure.ts';
import { projectEnvironment, runLogged } from '../../scripts/demo/run-logged.ts';
import { temporaryFolder } from '../support/files.ts';

it('writes both streams to the log, line by line to the listener, and returns the lines', async () => {
  const cwd = await temporaryFolder();
  const log = path.join(cwd, 'logs', 'run.log');
  const heard: string[] = [];
  const script = `console.log('one'); console.error('two'); setTimeout(() => process.stdout.write('thrée'), 50)`;
  const lines = await runLogged(process.execPath, ['-e', script], {
    cwd,
    log,
    timeoutMs: 10_000,
    onLine: (line) => heard.push(line),
  });
  expect(lines.toSorted()).toEqual(['one', 'thrée', 'two']);
  expect(heard).toEqual(lines);
  expect((await readFile(log, 'utf8')).split('\n').slice(1, 4)).toEqual(lines);
});

it('says which command failed and how, with the log that has the reason', async () => {
  const cwd = await temporaryFolder();
  const log = path.join(cwd, 'run.log');
  const failing = runLogged(process.execPath, ['-e', `console.log('the reason'); process.exit(3)`], {
    cwd,
    log,
    timeoutMs: 10_000,
  });
  await expect(failing).rejects.toMatchObject({
    message: expect.stringContaining('ended with exit code 3'),
    log,
  });
  expect(await tailOf(log)).toContain('the reason');
});

it('ends a command that takes too long', async () => {
  const cwd = await temporaryFolder();
  const slow = runLogged('sleep', ['20'], { cwd, log: path.join(cwd, 'run.log'), timeoutMs: 200 });
  await expect(slow).rejects.toThrow(/did not end within 0\.2 s/);
});

it('says so when there is no such command', async () => {
  const cwd = await temporaryFolder();
  const none = runLogged('no-such-command-here', [], {
    cwd,
    log: path.join(cwd, 'run.log'),
    timeoutMs: 1000,
  });
  await expect(none).rejects.toThrow(/ENOENT/);
});

it("keeps the outer npm's words about its own project from inner commands, and puts the running Node first", () => {
  const saved = { ...process.env };
  try {
    Object.assign(process.env, {
      npm_package_name: 'outer',
      npm_config_local_prefix: '/outer',
      npm_config_registry: 'r',
    });
    const environment = projectEnvironment();
    expect(environment).not.toHaveProperty('npm_package_name');
    expect(environment).not.toHaveProperty('npm_config_local_prefix');
    expect(environment['npm_config_registry']).toBe('r');
    expect(environment['PATH']?.split(path.delimiter)[0]).toBe(path.dirname(process.execPath));
  } finally {
    process.env = saved;
  }
});
