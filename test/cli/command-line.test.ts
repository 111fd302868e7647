import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { wantsColor } from '../../src/runtime/dev/color.js';
import { assignments, runCommand, shellQuote } from '../../src/cli/commands/dev.js';
import { parseTarget } from '../../src/cli/project.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { runCli, silentIo } from './support.js';
import { noSignals, notOnWindows } from '../support/windows.js';

describe('the command line itself', () => {
  test('help lists the commands', async () => {
    const { exitCode, out } = await runCli(['--help'], '/');
    expect(exitCode).toBe(0);
    expect(out).toMatchSnapshot();
  });

  test.each(['init', 'doctor', 'build', 'verify', 'report', 'generate', 'dev', 'clean'])(
    'help of %s',
    async (command) => {
      const { exitCode, out } = await runCli([command, '--help'], '/');
      expect(exitCode).toBe(0);
      expect(out).toMatchSnapshot();
    },
  );

  test.each([
    [['bild'], "unknown command 'bild'", '(Did you mean build?)'],
    [['build', '--jsno'], "unknown option '--jsno'", '(Did you mean --json?)'],
    [['generate', 'extra'], 'too many arguments', ''],
    [['clean', '--keep', 'much'], 'A number is expected', ''],
    [['build', '--target'], 'argument missing', ''],
  ])('%j is refused with what was probably meant, and exit code 2', async (args, message, suggestion) => {
    const { exitCode, error, out } = await runCli(args, '/');
    expect(exitCode).toBe(2);
    expect(error).toContain(message);
    expect(error).toContain(suggestion);
    expect(out).toBe('');
  });

  test('the version is that of the package', async () => {
    const { out } = await runCli(['--version'], '/');
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('failures', () => {
  test('an error of ours is its message on standard error, and exit code 1', async () => {
    const folder = await temporaryFolder();
    const { exitCode, error, out } = await runCli(['generate'], folder);
    expect(exitCode).toBe(1);
    expect(error).toMatch(/^✖ No configuration of electron-pyinstaller was found\./);
    expect(error).not.toMatch(/^\s+at /m);
    expect(out).toBe('');
  });

  test('with --json it is one JSON object on standard output', async () => {
    const folder = await temporaryFolder();
    const { exitCode, out, error } = await runCli(['build', '--json'], folder);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'ERR_CONFIG' } });
    expect(error).toBe('');
  });

  test('a target that cannot be is refused with an example', async () => {
    const { exitCode, error } = await runCli(['build', '--target', 'linux-mips'], await temporaryFolder());
    expect(exitCode).toBe(1);
    expect(error).toContain('Unknown target "linux-mips"');
  });

  test('a backend that is not configured is refused with those that are', async () => {
    const folder = await writeFiles({
      'package.json': '{}',
      'backend/main.py': '',
      'pyinstaller.config.json': JSON.stringify({
        backends: { engine: { entry: { asgi: 'main:app' }, source: 'backend' } },
      }),
    });
    const { exitCode, error } = await runCli(['build', 'motor'], folder);
    expect(exitCode).toBe(1);
    expect(error).toContain('There is no backend "motor"');
    expect(error).toContain('Configured: engine.');
  });
});

test('build --cache-key prints one line and nothing else, the same each time, another for other sources', async () => {
  const folder = await writeFiles({
    'package.json': '{}',
    'backend/main.py': '',
    'pyinstaller.config.json': JSON.stringify({
      backends: {
        engine: { entry: { asgi: 'main:app' }, source: 'backend', run: { args: ['--secret={token}'] } },
      },
    }),
  });
  const key = async () => {
    const { exitCode, out, error } = await runCli(['build', '--cache-key', '--target', 'win32-x64'], folder);
    expect([exitCode, error]).toEqual([0, '']);
    return out;
  };
  const first = await key();
  expect(first).toMatch(/^electron-pyinstaller-win32-x64-[0-9a-f]{32}\n$/);
  expect(await key()).toBe(first);
  await writeFiles({ 'backend/main.py': 'x = 1' }, folder);
  expect(await key()).not.toBe(first);
  const json = await runCli(['build', '--cache-key', '--target', 'win32-x64', '--json'], folder);
  expect(JSON.parse(json.out)).toEqual({ ok: true, target: 'win32-x64', key: (await key()).trim() });
});

describe('generate', () => {
  const files = {
    'package.json': '{}',
    'backend/main.py': '',
    'pyinstaller.config.json': JSON.stringify({
      backends: { engine: { entry: { asgi: 'main:app' }, source: 'backend' } },
      generate: 'src/backends.gen.ts',
    }),
  };

  test('--check says missing, generate writes, --check is content, an edit is noticed', async () => {
    const folder = await writeFiles(files);
    const missing = await runCli(['generate', '--check'], folder);
    expect([missing.exitCode, missing.out]).toEqual([1, expect.stringContaining('is missing')]);
    const written = await runCli(['generate'], folder);
    expect([written.exitCode, written.out]).toEqual([0, expect.stringContaining('written')]);
    expect((await runCli(['generate', '--check'], folder)).exitCode).toBe(0);
    await writeFiles({ 'src/backends.gen.ts': 'edited' }, folder);
    const stale = await runCli(['generate', '--check'], folder);
    expect([stale.exitCode, stale.out]).toEqual([1, expect.stringContaining('out of date')]);
  });

  test('--project works from anywhere', async () => {
    const folder = await writeFiles(files);
    const { exitCode } = await runCli(['generate', '--project', folder], '/');
    expect(exitCode).toBe(0);
  });
});

describe('where the configuration is found', () => {
  const backends = { engine: { entry: { asgi: 'main:app' }, source: 'backend' } };
  const base = { 'package.json': '{"type":"module"}', 'backend/main.py': '' };
  const generate = 'x.gen.ts';

  test.each([
    [
      'electron-builder.yml',
      { 'electron-builder.yml': JSON.stringify({ extraMetadata: { _pyinstaller: { backends, generate } } }) },
    ],
    [
      'package.json#build',
      {
        'package.json': JSON.stringify({
          build: { extraMetadata: { _pyinstaller: { backends, generate } } },
        }),
      },
    ],
    [
      'a file named in electron-builder.yml',
      {
        'electron-builder.yml': 'extraMetadata: { _pyinstaller: other.json }',
        'other.json': JSON.stringify({ backends, generate }),
      },
    ],
    [
      'the Forge plugin',
      {
        'forge.config.mjs': `export default { plugins: [{ name: 'electron-pyinstaller/forge', config: ${JSON.stringify({ backends, generate, keepSources: true })} }] };`,
      },
    ],
  ])('%s', async (_name, files: Record<string, string>) => {
    const folder = await writeFiles({ ...base, ...files });
    const { exitCode, error } = await runCli(['generate', '--check'], folder);
    // Found and understood: the only complaint is that nothing was generated yet.
    expect(error).toBe('');
    expect(exitCode).toBe(1);
  });

  test('an unknown key in electron-builder.yml is named with its whole path there', async () => {
    const folder = await writeFiles({
      ...base,
      'electron-builder.yml': JSON.stringify({ extraMetadata: { _pyinstaller: { backend: backends } } }),
    });
    const { error } = await runCli(['generate'], folder);
    expect(error).toContain('electron-builder.yml');
    expect(error).toContain('extraMetadata._pyinstaller');
    expect(error).toContain('backends');
  });

  test('a Forge configuration that cannot be loaded is named with its reason', async () => {
    const folder = await writeFiles({ ...base, 'forge.config.mjs': 'throw new Error("no such plugin");' });
    const { error, exitCode } = await runCli(['generate'], folder);
    expect(exitCode).toBe(1);
    expect(error).toContain('no such plugin');
  });
});

test.each([
  [undefined, 'linux-x64'],
  ['arm64', 'linux-arm64'],
  ['darwin-arm64', 'darwin-arm64'],
  ['win32-ia32', 'win32-ia32'],
])('target %s is %s', (text, expected) => {
  const { platform, arch } = parseTarget(text, { platform: 'linux', arch: 'x64' });
  expect(`${platform}-${arch}`).toBe(expected);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ TERM: 'dumb' }, true, false],
])('colours with %j on a terminal (%s): %s', (env, terminal, expected) => {
  expect(wantsColor(env, terminal)).toBe(expected);
});

test('what dev prints can be pasted into a shell', () => {
  expect(shellQuote('/a/b.json')).toBe('/a/b.json');
  expect(shellQuote("/it's é/b.json")).toBe(String.raw`'/it'\''s é/b.json'`);
});

describe('a command that dev runs', () => {
  const run = async (script: string): Promise<{ exitCode: number; error: string }> => {
    let error = '';
    const io = { ...silentIo, cwd: repositoryDir, error: (text: string) => void (error += text) };
    const exitCode = await runCommand(process.execPath, ['-e', script], { SAID: '3' }, io);
    return { exitCode, error };
  };

  test('gets the environment it is given, and its exit code is that of the command line', async () => {
    expect(await run('process.exit(Number(process.env.SAID))')).toEqual({ exitCode: 3, error: '' });
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGUSR2', 128 + constants.signals.SIGUSR2],
  ])('and is ended by %s is told as a shell tells it', notOnWindows(noSignals), async (signal, exitCode) => {
    const ended = await run(`process.kill(process.pid, '${signal}'); setTimeout(() => {}, 60_000)`);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.error).toContain(signal);
  });
});

test('a variable is set in the words of the shells that the system has', () => {
  expect(assignments('NAME', '/a b/m.json', 'linux')).toBe("NAME='/a b/m.json'\n");
  expect(assignments('NAME', String.raw`C:\it's é\m.json`, 'win32')).toBe(
    String.raw`$env:NAME = 'C:\it''s é\m.json'` + '\n' + String.raw`set "NAME=C:\it's é\m.json"` + '\n',
  );
});
