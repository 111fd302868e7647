import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { archOf } from '../../../src/python/find/parse-probe.js';
import { probeInterpreter, probeMarker, readAnswer, tryProbe } from '../../../src/python/find/probe.js';
import { isAlive } from '../../../src/lib/process-identity.js';
import { temporaryFolder } from '../../support/files.js';
import { fakePython, programName, script, scriptPath } from '../fake-python.js';
import { pyenvPythons, realPythons } from '../real-pythons.js';
import { leftOutIf } from '../../support/windows.js';

describe('real interpreters', () => {
  test('there is one to test with', () => {
    expect(realPythons().length).toBeGreaterThan(0);
  });

  test.each(realPythons().map((file) => [file]))('%s tells what it is', async (file) => {
    const result = await tryProbe(file);
    const said = execFileSync(file, ['-c', 'import sys; print(sys.executable); print(sys.version_info[0])'], {
      encoding: 'utf8',
    }).split(/\r?\n/);
    if (said[1] === '2') {
      expect(result).toMatchObject({ ok: false, problem: 'python-2' });
      return;
    }
    expect(result).toMatchObject({
      ok: true,
      probe: { implementation: 'cpython', platform: process.platform, arch: process.arch, pointerBits: 64 },
    });
    if (!result.ok) return;
    const { probe } = result;
    expect(probe.executable).toBe(said[0]);
    expect(execFileSync(probe.executable, ['--version'], { encoding: 'utf8' })).toContain(
      probe.version.join('.'),
    );
    expect(probe.sharedLibrary).toSatisfy(
      (library: string | null) => library !== null && existsSync(library),
    );
    for (const folder of probe.sitePackages) expect(existsSync(folder)).toBe(true);
  });

  test(
    'a pyenv shim is resolved to the interpreter behind it',
    leftOutIf(pyenvPythons().length === 0, 'pyenv is not on Windows'),
    async () => {
      const shim = realPythons().find((file) => file.includes(`${path.sep}shims${path.sep}`));
      if (shim === undefined) return;
      const { executable } = await probeInterpreter(shim);
      expect(executable).toContain(`${path.sep}versions${path.sep}`);
    },
  );

  test('is not confused by PYTHONHOME, PYTHONPATH and VIRTUAL_ENV of the caller', async () => {
    const [file] = realPythons();
    const env = { ...process.env, PYTHONHOME: '/nowhere', PYTHONPATH: '/nowhere', VIRTUAL_ENV: '/nowhere' };
    expect(await tryProbe(file ?? '', { env, fresh: true })).toMatchObject({ ok: true });
  });
});

const python = programName('python');
const env = { ...process.env, PATH: [...scriptPath, process.env['PATH'] ?? ''].join(path.delimiter) };
/** Long enough for a program of JavaScript to begin. */
const patienceMs = 2000;

describe('programs that are not what they seem', () => {
  test.each([
    ['prints nothing', '', 'no-answer', /exit code 0: it said nothing/],
    ['prints garbage', "console.log('hello %s'); process.exitCode = 3;", 'no-answer', /exit code 3: hello/],
    ['answers half', `process.stdout.write('${probeMarker}{"version":[3,12');`, 'no-answer', /cut off/],
    ['answers with holes', `console.log('${probeMarker}{}');`, 'no-answer', /incomplete \(executable\)/],
    [
      'is killed',
      "process.kill(process.pid, 'SIGKILL');",
      'no-answer',
      process.platform === 'win32' ? /exit code 1: it said nothing/ : /signal SIGKILL/,
    ],
    ['is Python 2', "console.error('Unknown option: -I'); process.exitCode = 2;", 'python-2', /Python 2/],
    [
      'is the Store alias',
      "console.error('Python was not found; run without arguments to install from the Microsoft Store'); process.exitCode = 9;",
      'store-alias',
      /Microsoft Store/,
    ],
  ])('%s', async (_, body, problem, detail) => {
    const file = await script(path.join(await temporaryFolder(), python), body);
    const result = await tryProbe(file, { env });
    expect(result).toMatchObject({ ok: false, problem });
    expect(result.ok ? '' : result.detail).toMatch(detail);
  });

  test('is a text file that may not be executed, or is not there', async () => {
    const folder = await temporaryFolder();
    const text = path.join(folder, python);
    await writeFile(text, 'some text');
    expect(await tryProbe(text)).toMatchObject({ ok: false, problem: 'not-runnable' });
    expect(await tryProbe(path.join(folder, 'other'))).toMatchObject({ ok: false, problem: 'missing' });
    await expect(probeInterpreter(path.join(folder, 'other'))).rejects.toMatchObject({ code: 'ERR_PYTHON' });
  });

  test('an interpreter that prints before and after its answer is understood', async () => {
    const folder = await temporaryFolder();
    const quiet = await fakePython(path.join(folder, 'quiet', python));
    const body = `console.log('warming up'); require(${JSON.stringify(quiet)}); console.log('bye');`;
    const noisy = await script(path.join(folder, python), body);
    expect(await tryProbe(noisy, { env })).toMatchObject({ ok: true, probe: { version: [3, 12, 1] } });
  });

  test('one that never answers is ended, with everything it started', async () => {
    const folder = await temporaryFolder();
    const noted = path.join(folder, 'pid');
    const file = await script(
      path.join(folder, python),
      `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
require('node:fs').writeFileSync(${JSON.stringify(noted)}, String(pid));`,
    );
    const started = performance.now();
    const result = await tryProbe(file, { env, timeoutMs: patienceMs });
    expect(result).toMatchObject({ ok: false, problem: 'timeout' });
    expect(performance.now() - started).toBeLessThan(patienceMs + 5_000);
    const pid = Number(await readFile(noted, 'utf8'));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('a cancelled probe ends at once and is not remembered', async () => {
    const folder = await temporaryFolder();
    const begun = path.join(folder, 'started');
    const file = await script(
      path.join(folder, python),
      `require('node:fs').writeFileSync(${JSON.stringify(begun)}, ''); setInterval(() => {}, 1000);`,
    );
    const controller = new AbortController();
    const running = tryProbe(file, { env, signal: controller.signal });
    await expect.poll(() => existsSync(begun), { timeout: 10_000 }).toBe(true);
    controller.abort();
    expect(await running).toMatchObject({ ok: false, detail: 'the search was cancelled' });
    await fakePython(file);
    expect(await tryProbe(file, { env })).toMatchObject({ ok: true });
  });
});

test('the Store alias is recognised by its place when it only fails', () => {
  const outcome = {
    exitCode: 9009,
    signal: null,
    stdout: '',
    stderr: '',
    timedOut: false,
    cancelled: false,
    startError: null,
  };
  const alias = 'C:\\Users\\ada\\AppData\\Local\\Microsoft\\WindowsApps\\python.exe';
  expect(readAnswer(alias, outcome, 1000)).toMatchObject({ problem: 'store-alias' });
  expect(readAnswer('C:\\Python312\\python.exe', outcome, 1000)).toMatchObject({ problem: 'no-answer' });
});

/** An interpreter that counts its runs and says that it is `executable`. */
async function counting(executable: 'itself' | 'another') {
  const folder = await temporaryFolder();
  const file = path.join(folder, python);
  const real = await fakePython(
    path.join(folder, 'real', python),
    executable === 'itself' ? { executable: file } : {},
  );
  const count = path.join(folder, 'runs');
  await script(
    file,
    `require('node:fs').appendFileSync(${JSON.stringify(count)}, 'x'); require(${JSON.stringify(real)});`,
  );
  const runs = async () => (await readFile(count, 'utf8')).length;
  return { file, runs };
}

test('an answer is remembered until the file changes', async () => {
  const { file, runs } = await counting('itself');
  await Promise.all([tryProbe(file, { env }), tryProbe(file, { env })]);
  await tryProbe(file, { env });
  expect(await runs()).toBe(1);
  await utimes(file, 1000, 1000);
  await tryProbe(file, { env });
  expect(await runs()).toBe(2);
  await tryProbe(file, { env, fresh: true });
  expect(await runs()).toBe(3);
});

test('the answer of a shim is not remembered: it may stand for another version next time', async () => {
  const { file, runs } = await counting('another');
  await tryProbe(file, { env });
  await tryProbe(file, { env });
  expect(await runs()).toBe(2);
});

test.each([
  ['x86_64', 64, 'linux-x86_64', 'x64'],
  ['x86_64', 32, 'linux-i686', 'ia32'],
  ['aarch64', 64, 'linux-aarch64', 'arm64'],
  ['aarch64', 32, 'linux-armv7l', 'armv7l'],
  ['armv7l', 32, 'linux-armv7l', 'armv7l'],
  ['arm64', 64, 'macosx-11.0-universal2', 'arm64'],
  ['x86_64', 64, 'macosx-11.0-universal2', 'x64'],
  ['AMD64', 64, 'win-amd64', 'x64'],
  ['AMD64', 32, 'win32', 'ia32'],
  // A 64-bit Intel program on an ARM machine: the machine's name would mislead.
  ['ARM64', 64, 'win-amd64', 'x64'],
  ['ARM64', 64, 'win-arm64', 'arm64'],
  ['riscv64', 64, 'linux-riscv64', null],
])('%s with %i-bit pointers, built for %s, is %s', (machine, pointerBits, buildPlatform, expected) => {
  expect(archOf({ machine, pointerBits, buildPlatform })).toBe(expected);
});
