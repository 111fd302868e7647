import { execFileSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { temporaryFolder } from '../../support/files.js';
import { fixtureBackend, testBackend, testSettings } from '../support.js';
import { copyOf, programs } from './programs.js';
import { failure, faulty, next, report } from './support.js';

const all = await programs();
const frozen = all.filter(({ label }) => label !== 'development');

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

  test('10: the working directory is missing', async () => {
    const backend = await faulty(original, {}, { cwd: '/no/folder' });
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_EXE_MISSING', retryable: false });
    expect(error.message).toContain('/no/folder');
    expect(backend.status()).toMatchObject({ state: 'failed', generation: 1 });
    report({
      number: 10,
      fault: 'working directory missing',
      injected: 'a folder that does not exist',
      expected: 'the right code, the path in the message, no second attempt',
      program: original.label,
      measured: `${error.code}; 1 generation`,
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
  ] as const)('11: a damaged program (%s) is called damaged, whatever it does', async (title, damage) => {
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
      expected: "E_EXE_CORRUPT with integrity 'exe', whatever the program does",
      program: program.label,
      measured: 'E_EXE_CORRUPT in phase verifying',
    });
  });

  test.each([
    ['truncated', async (file: string) => writeFile(file, (await readFile(file)).subarray(0, 20_000))],
    ['empty', async (file: string) => writeFile(file, '')],
  ] as const)(
    '11: a damaged program (%s) is never taken for ready without the check',
    async (title, damage) => {
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
      report({
        number: 11,
        fault: `damaged program, not checked: ${title}`,
        injected: "the file was rewritten; integrity 'off'",
        expected: 'E_EXE_CORRUPT or E_START_EXIT, failed; exit code 0 is no success',
        program: program.label,
        measured: `${error.code}, exit ${error.exitCode ?? error.signal ?? 'before the spawn'}`,
      });
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
  report({
    number: 11,
    fault: 'libpython is missing',
    injected: 'rm in _internal',
    expected: 'E_EXE_CORRUPT naming the file, with and without the check',
    program: program.label,
    measured: `checked: ${error.code} in phase ${error.phase}; not checked: ${unchecked.code}, exit 255`,
  });
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

  test.for([
    ['is full', 'size=4m'],
    ['forbids execution', 'noexec'],
  ] as const)('%s', async ([title, options], { skip }) => {
    if (onefile === undefined) throw new Error('no onefile program');
    const folder = mounted(options);
    if (folder === null) {
      skip('needs the right to mount');
      return;
    }
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
  report({
    number: 10,
    fault: 'interpreter or working directory missing',
    injected: 'paths that do not exist, a relative one, a script whose interpreter does not exist',
    expected: 'the right code, the path in the message, no second attempt',
    program: 'development',
    measured: 'E_EXE_MISSING each time',
  });
});

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
