import { describe, expect, it } from 'vitest';
import type { ResolvedBackend } from '../../src/config/resolved.js';
import { PyInstallerError } from '../../src/errors.js';
import { commandLine, withKeptBundle } from '../../src/freeze/kept-bundle.js';

function backend(settings: object, kind = 'http', args: readonly string[] | null = null): ResolvedBackend {
  return {
    name: 'engine',
    kind,
    settings: { address: { type: 'announce' }, args: [], env: {}, ...settings },
    verify: { args },
  } as unknown as ResolvedBackend;
}

describe('the command that starts a kept bundle by hand', () => {
  it.each([
    ['a plain program', backend({}), '/c/engine', 'linux', '/c/engine'],
    [
      'with the port and host of the configuration',
      backend({
        address: { type: 'port', from: 8000, to: 8010 },
        args: ['--port', '{port}', '--host={host}'],
      }),
      '/c/engine',
      'linux',
      '/c/engine --port 8000 --host=127.0.0.1',
    ],
    [
      'with its data',
      backend({ args: ['{bundle}/a.txt'] }),
      '/c/engine',
      'linux',
      '/c/engine /c/_internal/a.txt',
    ],
    ['of a job', backend({ args: ['no'] }, 'job', ['--version']), '/c/job', 'linux', '/c/job --version'],
    [
      'with spaces and quotes',
      backend({ args: ["it's"] }),
      '/my c/engine',
      'darwin',
      `'/my c/engine' 'it'\\''s'`,
    ],
    [
      'with its data on Windows',
      backend({ args: ['{bundle}/a.txt'] }),
      'C:\\c\\engine.exe',
      'win32',
      "& 'C:\\c\\engine.exe' 'C:\\c\\_internal/a.txt'",
    ],
    ['for PowerShell', backend({ args: ['a b'] }), 'C:\\c d\\e.exe', 'win32', "& 'C:\\c d\\e.exe' 'a b'"],
  ])('%s', (_title, of, program, platform, expected) => {
    expect(commandLine(of, program, '_internal', platform)).toBe(expected);
  });

  it('leaves the data of a program in one file to itself', () => {
    const data = backend({ args: ['{bundle}/a.txt'] });
    expect(commandLine(data, '/c/engine', null, 'linux')).toBe("/c/engine '{onefile:bundle}/a.txt'");
  });
});

it('a failed check keeps its own words and says where the bundle is', () => {
  const cause = new Error('underneath');
  const failed = new PyInstallerError('ERR_VERIFY', 'Seen.', {
    backend: 'engine',
    file: 'c.ts',
    path: 'backends.engine',
    hint: 'Edit.',
    cause,
  });
  const error = withKeptBundle(failed, backend({ env: { MODE: 'x' } }), {
    program: '/c/engine',
    contents: '_internal',
    isChallenger: false,
  });
  expect(error.message).toMatch(/^Seen\.\nEdit\.\nThe bundle is kept\. Start it by hand: [^\n]*engine\n/);
  expect(error.message).toContain('MODE (`run.env`)');
  expect(error).toMatchObject({ code: 'ERR_VERIFY', file: 'c.ts', path: 'backends.engine', cause });
});
