import { describe, expect, test } from 'vitest';
import { cleanEnvironment } from '../../src/python/clean-environment.js';
import {
  createCommand,
  emptyRequest,
  installCommand,
} from '../../src/python/environment/install-commands.js';
import { explainInstallFailure } from '../../src/python/environment/install-failure.js';
import { redactUrls } from '../../src/python/redact.js';
import { plainPython } from './plain-python.js';

const pip = { kind: 'pip' } as const;
const uv = { kind: 'uv', program: '/bin/uv' } as const;
const request = { ...emptyRequest, files: ['/p/r.txt'], packages: ['six'], requireHashes: true };

describe('commands', () => {
  test('of pip name the interpreter of the environment', () => {
    const command = installCommand(pip, '/env/bin/python', plainPython, request).join(' ');
    expect(command).toMatch(
      /^\/env\/bin\/python -I -X utf8 -u -m pip install .* --require-hashes -r \/p\/r\.txt -- six$/,
    );
    expect(command).toContain('--no-input');
  });

  test('of uv do too', () => {
    expect(installCommand(uv, '/env/bin/python', plainPython, { ...request, noDependencies: true })).toEqual([
      '/bin/uv',
      'pip',
      'install',
      '--python',
      '/env/bin/python',
      '--require-hashes',
      '--no-deps',
      '-r',
      '/p/r.txt',
      '--',
      'six',
    ]);
  });

  test('carry the sources of the configuration and its own arguments', () => {
    const python = {
      ...plainPython,
      indexUrl: 'https://a/simple',
      extraIndexUrls: ['https://b/simple'],
      findLinks: ['/wheels'],
      pipArgs: ['--pre'],
    };
    for (const installer of [pip, uv]) {
      expect(installCommand(installer, '/p', python, request).join(' ')).toContain(
        '--index-url https://a/simple --extra-index-url https://b/simple --find-links /wheels --require-hashes --pre -r',
      );
    }
  });

  test.each([
    [pip, ['/wheels'], '--find-links /wheels --no-index'],
    [uv, ['/wheels'], '--find-links /wheels --no-index --offline'],
    [pip, [], '--no-index'],
    // uv has what it downloaded before.
    [uv, [], '--offline'],
  ])('offline: %j with folders %j', (installer, findLinks, expected) => {
    const python = { ...plainPython, offline: true, findLinks };
    const command = installCommand(installer, '/p', python, { ...emptyRequest, packages: ['six'] }).join(' ');
    expect(command).toContain(` ${expected} -- six`);
  });

  test('make environments', () => {
    expect(createCommand(pip, '/usr/bin/python3', '/env', false)).toEqual([
      '/usr/bin/python3',
      '-I',
      '-m',
      'venv',
      '/env',
    ]);
    expect(createCommand(uv, '/usr/bin/python3', '/env', true).join(' ')).toBe(
      '/bin/uv venv --no-project --no-python-downloads --seed --python /usr/bin/python3 /env',
    );
  });
});

test('variables that point elsewhere are dropped, those that name mirrors stay', () => {
  const env = cleanEnvironment({
    PATH: '/bin',
    PYTHONPATH: '/x',
    PythonHome: '/x',
    VIRTUAL_ENV: '/x',
    PIP_TARGET: '/x',
    PIP_INDEX_URL: 'https://mirror',
    UV_INDEX_URL: 'https://mirror',
    UV_PYTHON: '3.9',
    PYTHONUNBUFFERED: '1',
  });
  expect(env).toEqual({
    PATH: '/bin',
    PIP_INDEX_URL: 'https://mirror',
    UV_INDEX_URL: 'https://mirror',
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
  });
});

test.each([
  [
    'Looking in indexes: https://ada:pw@example.com/simple',
    'Looking in indexes: https://***@example.com/simple',
  ],
  ['https://token@x/y git+https://u:p@z', 'https://***@x/y git+https://***@z'],
  ['https://example.com/simple ada@example.com', 'https://example.com/simple ada@example.com'],
])('%s is shown as %s', (text, expected) => {
  expect(redactUrls(text)).toBe(expected);
});

/** What pip, uv and venv print; from their sources and from runs. */
const messages: readonly (readonly [string, RegExp])[] = [
  ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device', /disk is full/],
  ['error: failed to write to file: No space left on device (os error 28)', /disk is full/],
  ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', /another hash/],
  ['  × Failed to download `six==1.17.0`\n  ╰─▶ Hash mismatch for `six==1.17.0`', /another hash/],
  [
    'ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==.',
    /some requirement .* has none/,
  ],
  [
    'SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))',
    /TLS certificate/,
  ],
  ['  Caused by: invalid peer certificate: UnknownIssuer', /TLS certificate/],
  [
    'ProxyError("Cannot connect to proxy.", OSError("Tunnel connection failed: 407 Proxy Authentication Required"))',
    /proxy refused/,
  ],
  [
    'ERROR: HTTP error 401 while getting https://x: 401 Client Error: Unauthorized',
    /refused the credentials/,
  ],
  [
    "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish a new connection: [Errno -2] Name or service not known'\nERROR: No matching distribution found for six",
    /could not be reached/,
  ],
  ['error: Failed to fetch: `https://pypi.org/simple/six/`', /could not be reached/],
  ['ERROR: ResolutionImpossible: for help visit https://pip.pypa.io', /contradict/],
  ['  × No solution found when resolving dependencies:', /contradict/],
  ["ERROR: Package 'x' requires a different Python: 3.13.0 not in '<3.13'", /does not support this Python/],
  [
    'ERROR: Could not find a version that satisfies the requirement nope (from versions: none)\nERROR: No matching distribution found for nope',
    /No release of a package fits/,
  ],
  [
    "error: command 'gcc' failed: No such file or directory\nERROR: Failed building wheel for x",
    /no compiler/,
  ],
  ['error: Microsoft Visual C++ 14.0 or greater is required.', /no compiler/],
  ['fatal error: Python.h: No such file or directory', /no compiler/],
  ['error: subprocess-exited-with-error', /built from source/],
  [
    'The virtual environment was not created successfully because ensurepip is not available.',
    /cannot make virtual environments/,
  ],
  [
    "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'c:\\\\x.pyd'",
    /could not be written/,
  ],
  ["ERROR: Invalid requirement: 'six====': Expected end", /not a requirement/],
];

test.each(messages)('%s', (output, cause) => {
  const known = explainInstallFailure(output);
  expect(known?.cause).toMatch(cause);
  expect(known?.fix).toMatch(/^[A-Z].*[.)]$/);
});

test('what is not known is not explained', () => {
  expect(explainInstallFailure('Collecting six\nsomething else broke')).toBeNull();
});
