import { execFileSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  cp,
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { temporaryFolder } from '../../support/files.js';
import { fixtureBackend, testBackend, testSettings } from '../support.js';
import { runDriver } from './driver.js';
import { frozenProgram, programManifest, programs } from './programs.js';
import type { Program } from './programs.js';
import { failure, faulty, next, report } from './support.js';

const all = await programs();
const frozen = all.filter(({ label }) => label !== 'development');

/** A copy that may be damaged. */
async function copyOf(
  program: Program,
): Promise<{ program: Program; executable: string; directory: string }> {
  const resources = await temporaryFolder();
  const { program: where } = program.manifest;
  if (where.type !== 'frozen') throw new Error('only frozen programs can be copied');
  const [arch = '', folder = ''] = Object.entries(where.directories)[0] ?? [];
  const directory = path.join(resources, 'engine');
  await cp(path.join(program.resources, folder), directory, { recursive: true, verbatimSymlinks: true });
  // The cache's bundles are read-only.
  execFileSync('chmod', ['-R', 'u+w', directory]);
  const manifest = { ...program.manifest, program: { ...where, directories: { [arch]: 'engine' } } };
  return {
    program: { ...program, resources, manifest },
    executable: path.join(directory, where.executable),
    directory,
  };
}

const off = { integrity: 'off' } as const;

describe.each(frozen)('$label', { timeout: 120_000 }, (original) => {
  test('10: the program is missing, a folder, or not executable', async () => {
    const { program, executable } = await copyOf(original);
    await chmod(executable, 0o644);
    const noMode = await faulty(program, {}, off);
    await noMode.start();
    expect(noMode.status()).toMatchObject({ state: 'ready', generation: 1 });
    expect((await lstat(executable)).mode & 0o777).toBe(0o755);
    await noMode.stop();
    await rm(executable);
    const missing = await faulty(program, {}, off);
    const error = await failure(missing.start());
    expect(error).toMatchObject({ code: 'E_EXE_MISSING', retryable: false });
    expect(error.message).toContain(executable);
    expect(missing.status()).toMatchObject({ state: 'failed', generation: 1 });
    await mkdir(executable);
    expect(await failure((await faulty(program, {}, off)).start())).toMatchObject({
      code: 'E_EXE_NOT_EXECUTABLE',
    });
    report({
      number: 10,
      fault: 'program missing, a folder, without execute bit',
      injected: 'rm, mkdir, chmod',
      expected: 'the bit is given back; else the right code, the path in the message, no second attempt',
      program: program.label,
      measured: 'ready at mode 755; E_EXE_MISSING, E_EXE_NOT_EXECUTABLE; 1 generation',
    });
  });

  test.each([
    ['truncated', async (file: string) => writeFile(file, (await readFile(file)).subarray(0, 20_000))],
    [
      'one byte flipped',
      async (file: string) => {
        const bytes = await readFile(file);
        // In the archive at the end, behind the bootloader's own code.
        const at = bytes.length - 2000;
        bytes[at] = (bytes[at] ?? 0) ^ 0xff;
        await writeFile(file, bytes);
      },
    ],
    ['empty', async (file: string) => writeFile(file, '')],
  ] as const)('11: a damaged program (%s) is found before it is started', async (title, damage) => {
    const { program, executable } = await copyOf(original);
    await damage(executable);
    await chmod(executable, 0o755);
    const backend = await faulty(program, {}, { integrity: 'exe' });
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_EXE_CORRUPT', phase: 'verifying', retryable: false });
    expect(error.message).toContain('engine');
    expect(backend.status().generation).toBe(1);
    report({
      number: 11,
      fault: `damaged program: ${title}`,
      injected: 'the file was rewritten',
      expected: "E_EXE_CORRUPT before any spawn with integrity 'exe'",
      program: program.label,
      measured: 'E_EXE_CORRUPT in phase verifying',
    });
  });

  test.each([
    ['truncated', async (file: string) => writeFile(file, (await readFile(file)).subarray(0, 20_000))],
    ['empty', async (file: string) => writeFile(file, '')],
  ] as const)(
    '11: a damaged program (%s) is never taken for ready without the check',
    async (_title, damage) => {
      const { program, executable } = await copyOf(original);
      await damage(executable);
      await chmod(executable, 0o755);
      const backend = await faulty(
        program,
        {},
        { ...off, restart: { ...testSettings.restart, delayMs: 10 } },
      );
      const error = await failure(backend.start());
      expect(['E_EXE_CORRUPT', 'E_START_EXIT']).toContain(error.code);
      expect(backend.status().state).toBe('failed');
    },
  );

  test('19: a program that is being written is tried again', async () => {
    const { program, executable } = await copyOf(original);
    // Only a handle that writes to this very file makes it busy.
    const copy = `${executable}.new`;
    await copyFile(executable, copy);
    await chmod(copy, 0o755);
    await rename(copy, executable);
    const handle = await open(executable, 'r+');
    setTimeout(() => {
      handle.close().catch(() => undefined);
    }, 700);
    const backend = await faulty(program, {}, off);
    const causes: string[] = [];
    backend.on('restarting', ({ cause }) => causes.push(cause.message));
    await backend.start();
    expect(causes.length).toBeGreaterThan(0);
    expect(causes[0]).toContain('ETXTBSY');
    report({
      number: 19,
      fault: 'program open for writing',
      injected: 'a handle held for 0.7 s',
      expected: 'tried again, ready',
      program: program.label,
      measured: `ready after ${causes.length} refusals`,
    });
  });
});

const [, onedir, onefile] = all;

test('11: a missing library is named', { timeout: 120_000 }, async () => {
  if (onedir === undefined) throw new Error('no onedir program');
  const { program, directory } = await copyOf(onedir);
  const library = (await readdir(path.join(directory, '_internal'))).find((name) =>
    name.startsWith('libpython'),
  );
  await rm(path.join(directory, '_internal', library ?? ''));
  const error = await failure((await faulty(program, {}, { integrity: 'exe' })).start());
  expect(error).toMatchObject({ code: 'E_EXE_CORRUPT', phase: 'verifying' });
  expect(error.message).toContain(`_internal/${library ?? '?'} (is missing)`);
  const unchecked = await failure((await faulty(program, {}, off)).start());
  expect(unchecked).toMatchObject({ code: 'E_EXE_CORRUPT', exitCode: 255, retryable: false });
});

describe('12: the temporary folder of a onefile program', { timeout: 120_000 }, () => {
  function mounted(options: string): string | null {
    const folder = execFileSync('mktemp', ['-d']).toString().trim();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      return null;
    }
    onTestFinished(() => {
      execFileSync('umount', [folder]);
      execFileSync('rmdir', [folder]);
    });
    return folder;
  }

  test.each([
    ['is full', 'size=4m'],
    ['forbids execution', 'noexec'],
  ])('%s', async (title, options) => {
    if (onefile === undefined) throw new Error('no onefile program');
    const folder = mounted(options);
    // Without the right to mount there is no such folder.
    if (folder === null) return;
    const backend = await faulty(onefile, { TMPDIR: folder });
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_TEMP_UNUSABLE', retryable: false });
    expect(await readdir(folder)).toEqual([]);
    report({
      number: 12,
      fault: `temporary folder ${title}`,
      injected: `tmpfs with ${options}`,
      expected: 'E_TEMP_UNUSABLE, one attempt, nothing left',
      program: 'onefile',
      measured: `${error.code}, exit ${error.exitCode ?? error.signal ?? '?'}; nothing left in it`,
    });
  });
});

test('10: the interpreter or the working directory is missing in development', async () => {
  const backend = fixtureBackend();
  if (backend.program.type !== 'development') throw new Error('not development');
  const without = (program: Partial<typeof backend.program>): BackendManifest => ({
    ...backend,
    program: { ...backend.program, ...program } as BackendManifest['program'],
  });
  const missing = await failure((await testBackend(without({ interpreter: '/no/python' }))).start());
  expect(missing).toMatchObject({ code: 'E_EXE_MISSING', retryable: false });
  expect(missing.message).toContain('/no/python');
  const relative = await failure((await testBackend(without({ interpreter: 'python3' }))).start());
  expect(relative).toMatchObject({ code: 'E_EXE_MISSING' });
  const cwd = await failure((await testBackend(without({ cwd: '/no/folder' }))).start());
  expect(cwd).toMatchObject({ code: 'E_EXE_MISSING' });
  expect(cwd.message).toContain('working directory');
  const script = path.join(await temporaryFolder(), 'python');
  await writeFile(script, '#!/no/such/interpreter\n', { mode: 0o755 });
  const interpreter = await failure((await testBackend(without({ interpreter: script }))).start());
  expect(interpreter).toMatchObject({ code: 'E_EXE_MISSING', retryable: false });
  expect(interpreter.hint).toContain('loader or interpreter');
});

test('9: a busy port is refused with the name of who holds it, a range goes on', async () => {
  const server = createServer((_request, response) => response.end('{"ok":true}'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const restart = { ...testSettings.restart, delayMs: 10 };
  const fixed = await testBackend(
    fixtureBackend({}, { restart, address: { type: 'port', host: '127.0.0.1', from: port, to: port } }),
  );
  const error = await failure(fixed.start());
  expect(error).toMatchObject({ code: 'E_PORT_BUSY', phase: 'preflight' });
  expect(error.message).toContain(String(process.pid));
  const range = await testBackend(
    fixtureBackend({}, { address: { type: 'port', host: '127.0.0.1', from: port, to: port + 20 } }),
  );
  await range.start();
  const { url } = range.status();
  expect(Number(new URL(url ?? '').port)).toBeGreaterThan(port);
  report({
    number: 9,
    fault: 'port taken',
    injected: 'a server of the test listens there',
    expected: 'fixed: E_PORT_BUSY naming the owner; range: the next one, passed on',
    program: 'development',
    measured: error.message.split('\n')[0] ?? '',
  });
});

test('9: an impostor on the port is never taken for the backend', async () => {
  // Chosen by the parent, taken by somebody else before the backend could listen.
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  const backend = await testBackend(
    fixtureBackend(
      { FIXTURE_BEFORE_HELLO: 'sleep:3600' },
      {
        address: { type: 'port', host: '127.0.0.1', from: port, to: port },
        ready: { ...testSettings.ready, announced: false, http: '/open/health' },
      },
      { companion: 'none' },
    ),
  );
  const impostor = createServer((_request, response) => response.end('{"ok":true}'));
  onTestFinished(() => {
    impostor.close();
  });
  backend.on('state', ({ next: state }) => {
    if (state === 'starting') setTimeout(() => impostor.listen(port, '127.0.0.1'), 100);
  });
  const error = await failure(backend.start());
  expect(error).toMatchObject({ code: 'E_HANDSHAKE', retryable: false });
  expect(error.message).toContain(String(process.pid));
  report({
    number: 9,
    fault: 'impostor answers 200 on the port',
    injected: 'a server of the test took the port first',
    expected: 'never ready; E_HANDSHAKE',
    program: 'development',
    measured: error.message.split('\n')[0] ?? '',
  });
});

test.each([
  ['a wrong proof', { FIXTURE_PROOF: 'wrong' }],
  ['another version of the protocol', { FIXTURE_HELLO_VERSION: '2' }],
])('9: %s is refused', async (_title, env) => {
  const backend = await testBackend(fixtureBackend(env));
  const error = await failure(backend.start());
  expect(error).toMatchObject({ code: 'E_HANDSHAKE', retryable: false });
  expect(backend.status().state).toBe('failed');
});

test(
  '18: without descriptors the start is refused as such and tried again',
  { timeout: 60_000 },
  async () => {
    const program = await frozenProgram('onedir');
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
  },
);

test('a next attempt starts from the settings of a rebuilt manifest', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'manifest.json');
  const write = (backend: BackendManifest): Promise<void> =>
    writeFile(file, JSON.stringify({ version: 1, backends: { engine: backend } }));
  await write(fixtureBackend({ FIXTURE_BEFORE_READY: 'exit:78' }));
  const backend = await testBackend(fixtureBackend(), { manifest: file });
  const failed = next(backend, 'failed');
  await backend.start().catch(() => undefined);
  await failed;
  await write(fixtureBackend());
  await backend.start();
  expect(backend.status().state).toBe('ready');
});
