import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ProjectBuild } from '../../src/hosts/shared/project-build.js';
import { placeBackends, writeManifest } from '../../src/place/index.js';
import { portOwners } from '../../src/runtime/launch/port-owner.js';
import { repositoryDir } from '../support/paths.js';
import { startApp } from './app.js';
import type { App } from './app.js';
import { needsPortOwners } from '../support/windows.js';

const run = promisify(execFile);
const cli = path.join(repositoryDir, 'dist/cli/main.js');

let root = '';
let project = '';
let packaged = '';
let apps = 0;

/** The command line, in the project. */
async function command(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [cli, ...args], { cwd: project, maxBuffer: 1 << 26 });
  return stdout;
}

/** Where an app with such data keeps what it must end when it is started anew. */
const recordsIn = (data: string): string => path.join(data, 'userData/electron-pyinstaller/processes');

/** Data of the user, new for each app unless a test gives its own. */
const userData = (): string => path.join(root, `daten ö ${String(++apps)}`);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const gone = (pids: readonly number[]): Promise<void> =>
  vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 15_000, interval: 100 });

/** Folders that onefile programs have unpacked themselves into. */
const unpacked = async (): Promise<readonly string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('_MEI'));

interface Status {
  readonly pid: number;
  readonly bootPid: number | null;
  readonly state: string;
}
const pidsOf = ({ pid, bootPid }: Status): number[] => [pid, ...(bootPid === null ? [] : [bootPid])];
const start = async (app: App, name: string): Promise<number[]> =>
  pidsOf((await app.ask('start', name)) as Status);

/** Let the backend start what shall end with it: a child, the workers of a pool, a grandchild whose parent ended. */
async function startOthers(app: App, name: string): Promise<number[]> {
  const pids: number[] = [];
  for (const where of ['/child', '/pool', '/orphan'])
    pids.push(...((await app.ask('fetch', name, where)) as number[]));
  expect(pids.filter(isAlive)).toEqual(pids);
  return pids;
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'reise ü-'));
  project = path.join(root, 'projekt ä');
  packaged = path.join(root, 'App ü');
  await cp(path.join(import.meta.dirname, 'project'), project, { recursive: true });
});

afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 }));

describe('building', () => {
  test('doctor finds Python and what freezing needs', async () => {
    const { checks } = JSON.parse(
      await command('doctor', '--json').catch((error: { stdout: string }) => error.stdout),
    ) as { checks: { id: string; status: string }[] };
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(checks.some(({ id }) => id.startsWith('python'))).toBe(true);
  });

  test('build freezes an onedir and an onefile program, a job and a stdio backend, and tries each', async () => {
    const { ok, backends } = JSON.parse(await command('build', '--json')) as {
      ok: boolean;
      backends: { name: string; executable: string }[];
    };
    expect(ok).toBe(true);
    expect(backends.map(({ name }) => name)).toEqual(['engine', 'single', 'convert', 'tools']);
    for (const { executable } of backends) expect(path.extname(executable)).toBe('.exe');
  });

  test('a second build takes all of them from the cache', async () => {
    const { backends } = JSON.parse(await command('build', '--json')) as { backends: { cached: boolean }[] };
    expect(backends.map(({ cached }) => cached)).toEqual([true, true, true, true]);
  });

  test('they are placed into the resources of an app', async () => {
    const build = new ProjectBuild({ projectDir: project });
    const request = { platform: 'win32', archs: ['x64'], universal: false } as const;
    const { frozen, manifest } = await build.forApp(request, 'x64');
    await placeBackends(frozen, path.join(packaged, 'resources'));
    await mkdir(path.join(packaged, 'resources/app'), { recursive: true });
    await writeManifest(path.join(packaged, 'resources/app'), manifest);
    await writeFile(
      path.join(packaged, 'resources/app/package.json'),
      await readFile(path.join(project, 'package.json')),
    );
  });

  test('verify starts each backend of the packaged app', async () => {
    const { ok, results } = JSON.parse(await command('verify', packaged, '--json')) as {
      ok: boolean;
      results: unknown[];
    };
    expect(ok).toBe(true);
    expect(results).toHaveLength(4);
  });

  test('init plans a configuration for a project without one', async () => {
    const other = path.join(root, 'neu ß');
    await mkdir(path.join(other, 'backend'), { recursive: true });
    await writeFile(
      path.join(other, 'package.json'),
      '{ "name": "x", "version": "1.0.0", "devDependencies": { "electron-builder": "26.0.0" } }',
    );
    await writeFile(path.join(other, 'backend/main.py'), 'from flask import Flask\napp = Flask(__name__)\n');
    await writeFile(path.join(other, 'backend/requirements.txt'), 'flask\n');
    await run(process.execPath, [cli, 'init', '--yes'], { cwd: other });
    const [file] = (await readdir(other)).filter((name) => name.startsWith('pyinstaller.config'));
    expect(await readFile(path.join(other, file ?? ''), 'utf8')).toContain('main:app');
  });

  test('dev without a command prints a line for PowerShell and one for cmd', async () => {
    const lines = (await command('dev')).trim().split(/\r?\n/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\$env:ELECTRON_PYINSTALLER_DEV_MANIFEST = '.*'$/);
    expect(lines[1]).toMatch(/^set "ELECTRON_PYINSTALLER_DEV_MANIFEST=.*"$/);
  });
});

describe.each(['engine', 'single'])('the server "%s"', (name) => {
  test('starts, answers, logs, restarts and stops, and nothing it started is left', async () => {
    const data = userData();
    const app = await startApp(packaged, data);
    const first = await start(app, name);
    expect(await app.ask('fetch', name, '/hello')).toMatchObject({ text: 'grüße', pid: first[0] });
    const others = await startOthers(app, name);
    await app.ask('restart', name);
    await gone([...first, ...others]);
    const second = pidsOf((await app.ask('status', name)) as Status);
    const more = await startOthers(app, name);
    await app.ask('stop', name);
    expect([...second, ...more].filter(isAlive)).toEqual([]);
    expect(await app.next('stopped', name)).toMatchObject({ forced: false });
    expect(await readFile(path.join(data, 'logs', `${name}.log`), 'utf8')).toContain('gefragt: grüße ✓');
    if (name === 'single') expect(await unpacked()).toEqual([]);
  });

  test('a crash starts it anew, and nothing it started is left', async () => {
    const app = await startApp(packaged, userData());
    const pids = [...(await start(app, name)), ...(await startOthers(app, name))];
    const from = app.events.length;
    await app.ask('fetch', name, '/crash');
    expect(await app.next('exit', name, from)).toMatchObject({ code: 3, expected: false });
    await app.next('ready', name, from);
    await gone(pids);
    await app.ask('stop', name);
  });

  test('a server that waits for connections is woken to stop', async () => {
    const app = await startApp(packaged, userData());
    const tookMs: number[] = [];
    for (let round = 0; round < 3; round++) {
      await start(app, name);
      const from = app.events.length;
      // Woken by nothing, it would look up half a second after the last request.
      await app.ask('fetch', name, '/hello');
      await app.ask('stop', name);
      tookMs.push(((await app.next('stopped', name, from)) as { tookMs: number }).tookMs);
    }
    expect(Math.min(...tookMs)).toBeLessThan(450);
  });

  test('quitting waits for its end', async () => {
    const app = await startApp(packaged, userData());
    const pids = [...(await start(app, name)), ...(await startOthers(app, name))];
    expect(await app.ask('quit')).toBe(true);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('it ends with an app that exits or is killed, with all it started, and the next start cleans up', async () => {
    const data = userData();
    for (const end of ['exit', 'die']) {
      const app = await startApp(packaged, data);
      const pids = [...(await start(app, name)), ...(await startOthers(app, name))];
      await app.ask(end);
      await app.ended;
      await gone(pids);
    }
    const app = await startApp(packaged, data);
    await start(app, name);
    await app.ask('stop', name);
    await vi.waitFor(async () => expect(await readdir(recordsIn(data))).toEqual([]));
    if (name === 'single') expect(await unpacked()).toEqual([]);
  });

  test('after prepareForUpdate its program can be replaced', async () => {
    const app = await startApp(packaged, userData());
    await start(app, name);
    const program = path.join(packaged, 'resources', name, `${name}.exe`);
    await app.ask('update', name);
    await rename(program, `${program}.old`);
    await rename(`${program}.old`, program);
  });

  test('what it starts detached outlives it', async () => {
    const app = await startApp(packaged, userData());
    await start(app, name);
    const pids = (await app.ask('fetch', name, '/detached')) as number[];
    await app.ask('stop', name);
    expect(pids.filter(isAlive)).toEqual(pids);
    for (const pid of pids) process.kill(pid);
  });
});

describe('what a killed app left', () => {
  /**
   * Leave a record as an app writes it that was killed before its backend, which here a program of ours plays.
   *
   * @returns Its file, and the number of the program.
   */
  async function leaveRecord(data: string): Promise<{ readonly record: string; readonly pid: number }> {
    const app = await startApp(packaged, data);
    await start(app, 'engine');
    const [name = ''] = await vi.waitFor(async () => {
      const names = await readdir(recordsIn(data));
      expect(names).toHaveLength(1);
      return names;
    });
    const record = path.join(recordsIn(data), name);
    const written = JSON.parse(await readFile(record, 'utf8')) as object;
    await app.ask('stop', 'engine');
    await app.kill();
    const executable = path.join(process.env['SystemRoot'] ?? '', 'system32', 'ping.exe');
    const ping = spawn(executable, ['-n', '600', '127.0.0.1'], { stdio: 'ignore' });
    await once(ping, 'spawn');
    const pid = ping.pid ?? 0;
    const processes = [{ pid, started: null, executable }];
    const dead = { pid: 999_996, started: null, executable: process.execPath };
    await writeFile(record, JSON.stringify({ ...written, app: dead, processes, at: Date.now() + 1000 }));
    return { record, pid };
  }

  test('is ended by the next start, by number, start and program', async () => {
    const data = userData();
    const { record, pid } = await leaveRecord(data);
    const app = await startApp(packaged, data);
    await start(app, 'engine');
    await gone([pid]);
    await vi.waitFor(() => expect(existsSync(record)).toBe(false));
    await app.ask('stop', 'engine');
  });

  test('is left alone, and its record kept, while PowerShell is forbidden; a number that is gone needs no PowerShell', async () => {
    const data = userData();
    const { record, pid } = await leaveRecord(data);
    const app = await startApp(packaged, data, { EPY_NO_POWERSHELL: '1' });
    await start(app, 'engine');
    await vi.waitFor(async () =>
      expect(await readFile(path.join(data, 'logs/engine.log'), 'utf8')).toContain('PowerShell does not say'),
    );
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(record)).toBe(true);
    await app.ask('stop', 'engine');
    process.kill(pid);
    await gone([pid]);
    const later = await startApp(packaged, data, { EPY_NO_POWERSHELL: '1' });
    await start(later, 'engine');
    await vi.waitFor(() => expect(existsSync(record)).toBe(false));
    await later.ask('stop', 'engine');
  });
});

describe('other kinds', () => {
  test('a job takes arguments, tells its progress and has a result', async () => {
    const app = await startApp(packaged, userData());
    expect(await app.ask('run', 'convert', 'a b', 'ä"ö')).toMatchObject({
      exitCode: 0,
      result: { arguments: ['a b', 'ä"ö'] },
      progress: [{ percent: 50 }],
    });
    expect(await app.ask('run', 'convert', 'fail')).toMatchObject({ exitCode: 4 });
  });

  test('a stdio backend answers requests, sends events and refuses with a code', async () => {
    const app = await startApp(packaged, userData());
    await app.ask('start', 'tools');
    expect(await app.ask('request', 'tools', 'double', { text: 'ü' })).toEqual({ text: 'üü' });
    expect(await app.next('message', 'tools')).toMatchObject({ event: 'working', data: { text: 'ü' } });
    await expect(app.ask('request', 'tools', 'double', { text: '' })).rejects.toMatchObject({
      message: expect.stringContaining('no text') as unknown,
    });
    await app.ask('stop', 'tools');
  });

  test('the owner of a port is found by netstat', needsPortOwners, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await portOwners('127.0.0.1', port)).toEqual([{ pid: process.pid, program: null }]);
    server.close();
  });
});

test('clean removes the bundles', async () => {
  const { ok, removedBundles } = JSON.parse(await command('clean', '--json')) as {
    ok: boolean;
    removedBundles: number;
  };
  expect(ok).toBe(true);
  expect(removedBundles).toBeGreaterThan(0);
});
