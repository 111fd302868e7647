import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import type { Backend, Logger } from '../../src/runtime/index.js';
import { fixtureBackend, python, signal, testBackend, until } from '../runtime/support.js';
import { writeFiles } from '../support/files.js';
import { freezeTarget, prepareFrozen, runFrozen, type Target } from './backends.js';
import { startSite } from './browser.js';
import { eventNames, tokens } from './ledger.js';
import { TokenSearch } from './token-search.js';

/**
 * After lives of every kind (start, chatter, crash, restart, refusal, jobs, stop), the tokens of these lives stand in no log, event, error,
 * status, file or file name, and in no process's command line or environment. What is searched is what these tests made.
 */

const isLinux = process.platform === 'linux';
let frozen: FrozenBackend;

beforeAll(async () => {
  frozen = await freezeTarget();
});

let before = 0;

beforeEach(() => {
  before = tokens.length;
});

let generations = 0;

afterAll(() => {
  console.log(`searched for the tokens of ${generations} generations and jobs`);
});

/** A search for the tokens made by the running test. */
function search(): TokenSearch {
  return new TokenSearch(tokens.slice(before));
}

/** Keeps everything an app could see of a backend but its answers. */
class Witness {
  readonly seen: [what: string, value: unknown][] = [];
  readonly logger: Logger = {
    info: (text) => this.note('logger', text),
    warn: (text) => this.note('logger', text),
    error: (text) => this.note('logger', text),
  };

  note(what: string, value: unknown): void {
    this.seen.push([what, value]);
  }

  watch(backend: Backend): void {
    for (const name of eventNames) backend.on(name, (payload) => this.note(`event ${name}`, payload));
  }

  look(backend: Backend): void {
    this.note('status', backend.status());
    this.note('tail', backend.tail());
    this.note('the backend itself', backend);
  }

  /** Everything seen, searched. Returns how often something was removed. */
  searchIn(found: TokenSearch): number {
    found.value('what the app saw', this.seen);
    return inspect(this.seen, { depth: Infinity, maxArrayLength: null, maxStringLength: null }).split(
      '[redacted]',
    ).length;
  }
}

/** Done again while a generation is on its way. */
async function ask(backend: Backend, route: string, method = 'GET'): Promise<unknown> {
  const response = await backend.fetch(route, { method });
  return response.json();
}

async function crash(target: Target): Promise<void> {
  const gone = new Promise((resolve) => {
    const off = target.backend.on('exit', (exit) => {
      off();
      resolve(exit);
    });
  });
  await ask(target.backend, '/crash', 'POST').catch(() => undefined);
  await gone;
}

test('a frozen backend that prints its headers leaves its tokens nowhere', async () => {
  const witness = new Witness();
  const { settings } = frozen.manifest;
  await using target = await prepareFrozen(
    frozen,
    {
      logs: { ...settings.logs, file: true, maxBytes: 64 * 1024, maxFiles: 3 },
      restart: { ...settings.restart, max: 10, delayMs: 10 },
      env: { TMPDIR: '{userData}/temporary' },
    },
    { logger: witness.logger },
  );
  const { backend, folder } = target;
  await writeFiles({ 'userData/temporary/.keep': '' }, folder);
  witness.watch(backend);
  for (let round = 0; round < 3; round++) {
    await backend.start();
    for (const work of ['/chatter', '/chatter', ...(round === 0 ? ['/flood'] : [])]) await ask(backend, work);
    const children = (await ask(backend, '/children', 'POST')) as { sleeper: number; worker: number };
    witness.look(backend);
    const alive = search();
    await alive.folder(folder);
    if (isLinux) {
      const pids = await alive.processes();
      const own = [backend.status().pid, children.sleeper, children.worker, process.pid];
      expect(pids).toEqual(expect.arrayContaining(own));
    }
    expect(alive.hits).toEqual([]);
    expect(await readdir(path.join(folder, 'userData/electron-pyinstaller/processes'))).toHaveLength(1);
    if (round % 2 === 0) {
      await crash(target);
      await ask(backend, '/chatter');
      await backend.restart();
      await ask(backend, '/chatter');
    }
    witness.look(backend);
    await backend.stop();
  }
  await backend[Symbol.asyncDispose]();
  const found = search();
  await found.folder(folder);
  if (isLinux) await found.processes();
  found.value('the manifest', frozen.manifest);
  const removed = witness.searchIn(found);
  expect(found.hits).toEqual([]);
  const made = new Set(tokens.slice(before));
  generations += made.size;
  expect(made.size).toBe(7);
  // It was all printed: that is what was removed from it.
  const logs = path.join(folder, 'logs');
  const read = (await readdir(logs)).map((name) => readFile(path.join(logs, name), 'utf8'));
  const log = (await Promise.all(read)).join('\n');
  expect(log).toContain('Bearer [redacted]');
  expect(log).toContain('x-electron-pyinstaller-token: [redacted]');
  expect(removed).toBeGreaterThan(1000);
  expect(found.searched).toMatchObject({ files: 4, values: 2 });
});

test.each([
  ['gives up', 'fatal', /refusing to start with the token \[redacted\]/],
  ['fails to be imported', 'raise', /Authorization: Bearer \[redacted\]/],
])('the error of a frozen backend that %s and says its token holds none', async (_, fault, said) => {
  const witness = new Witness();
  await using target = await prepareFrozen(
    frozen,
    { env: { FIXTURE_START: fault } },
    { logger: witness.logger },
  );
  witness.watch(target.backend);
  const error: unknown = await target.backend.start().catch((reason: unknown) => reason);
  witness.note('error', error);
  witness.look(target.backend);
  await target.backend[Symbol.asyncDispose]();
  const found = search();
  await found.folder(target.folder);
  witness.searchIn(found);
  expect(found.hits).toEqual([]);
  expect(inspect(error)).toMatch(said);
  generations += tokens.length - before;
  expect(tokens.length - before).toBe(1);
});

test('twenty generations, some killed, over TCP and Unix sockets, leave their tokens nowhere', async () => {
  const witness = new Witness();
  for (const address of ['announce', 'unix'] as const) {
    const manifest = fixtureBackend({}, { address: { type: address } });
    const backend = await testBackend(manifest, { logger: witness.logger });
    witness.watch(backend);
    for (let round = 0; round < 10; round++) {
      await backend.start();
      await ask(backend, '/log');
      witness.look(backend);
      const alive = search();
      await alive.folder(backend.app.getPath('userData'));
      if (isLinux && round % 3 === 0) await alive.processes();
      expect(alive.hits).toEqual([]);
      if (round % 3 === 0) signal(backend.status().pid, 'SIGKILL');
      await backend.stop();
    }
    await backend[Symbol.asyncDispose]();
    const found = search();
    await found.folder(path.dirname(backend.app.getPath('userData')));
    expect(found.hits).toEqual([]);
  }
  const found = search();
  expect(witness.searchIn(found)).toBeGreaterThan(20);
  expect(found.hits).toEqual([]);
  generations += tokens.length - before;
  expect(tokens.length - before).toBe(20);
});

const job = `
import json, os, sys
opening = json.loads(sys.stdin.readline())
token = opening["token"]
def say(**message): os.write(1, b"\\x1eEPY1 " + json.dumps(message).encode() + b"\\n")
say(type="hello", v=1, pid=os.getpid(), ppid=os.getppid(), python="3", frozen=False, meipass=None)
print("working with", token, flush=True)
say(type="progress", text="with " + token, percent=5)
if sys.argv[1:] == ["fail"]:
    say(type="fatal", code="config", message="not with " + token, traceback="line with " + token, module=None)
    sys.exit(78)
say(type="result", value={"done": True})
`;

test('a job that prints its token leaves it nowhere', async () => {
  const witness = new Witness();
  const folder = await writeFiles({ 'job.py': job });
  const backend = await testBackend(
    fixtureBackend(
      {},
      {},
      {
        kind: 'job',
        companion: 'lifeline',
        program: {
          type: 'development',
          interpreter: python,
          args: ['-u', path.join(folder, 'job.py')],
          cwd: folder,
          env: {},
          watch: [],
        },
      },
    ),
    { folder, logger: witness.logger },
  );
  for (const args of [[], ['fail']]) {
    const outcome: unknown = await backend
      .run(args, {
        onProgress: (progress) => witness.note('progress', progress),
        onLine: (line) => witness.note('line', line),
      })
      .catch((error: unknown) => error);
    witness.note('outcome', outcome);
  }
  await backend[Symbol.asyncDispose]();
  const found = search();
  await found.folder(folder);
  expect(witness.searchIn(found)).toBeGreaterThan(4);
  expect(found.hits).toEqual([]);
  expect(witness.seen.map(([what]) => what)).toEqual(expect.arrayContaining(['progress', 'line', 'logger']));
  generations += tokens.length - before;
  expect(tokens.length - before).toBe(2);
});

test.runIf(isLinux)('a token on a command line or in an environment would be found', async () => {
  // The one way to get it there: a program without the companion that asks for it in its environment.
  const backend = await testBackend(fixtureBackend({ ASKED_FOR: '{token}' }), { tokenIsShown: true });
  await backend.start();
  const { pid } = backend.status();
  const inEnvironment = search();
  await inEnvironment.processes();
  expect(inEnvironment.hits).toContainEqual({ where: `environ of process ${pid}`, form: 'as it is' });
  expect(inEnvironment.hits.every(({ where }) => where.startsWith('environ of process'))).toBe(true);
  const child = spawn('sleep', ['60'], { argv0: `sleep-${backend.token()}`, stdio: 'ignore' });
  try {
    const onCommandLine = search();
    await until(() => child.pid !== undefined);
    await onCommandLine.processes();
    const found = { where: `cmdline of process ${child.pid}`, form: 'as it is' };
    expect(onCommandLine.hits).toContainEqual(found);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a backend that redirects elsewhere is not followed, with or without the token', async () => {
  await using target = await runFrozen(frozen);
  const seen: unknown[] = [];
  const elsewhere = await startSite((request, response) => {
    seen.push(request.headers['x-electron-pyinstaller-token']);
    response.end('{}');
  });
  try {
    const foreign = `http://127.0.0.1:${elsewhere.port}/`;
    const { status, headers } = await target.backend.fetch(`/redirect?to=${encodeURIComponent(foreign)}`);
    expect([Math.floor(status / 100), headers.get('location')]).toEqual([3, foreign]);
    for (const place of [foreign, foreign.slice('http:'.length), foreign.replaceAll('/', '\\').slice(5)])
      await expect(target.backend.fetch(place)).rejects.toMatchObject({ code: 'E_FORBIDDEN' });
    expect(seen).toEqual([]);
    expect(await ask(target.backend, `/redirect?to=${encodeURIComponent('/health')}`)).toEqual({ ok: true });
  } finally {
    await elsewhere.close();
  }
});
