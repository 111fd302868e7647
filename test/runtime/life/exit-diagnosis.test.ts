import { expect, test } from 'vitest';
import { diagnoseExit } from '../../../src/runtime/life/exit-diagnosis.js';
import type { ExitEvidence } from '../../../src/runtime/life/exit-diagnosis.js';

function diagnose(text: string, changes: Partial<ExitEvidence> = {}): ReturnType<typeof diagnoseExit> {
  return diagnoseExit({
    name: 'engine',
    exitCode: 1,
    signal: null,
    tail: text.split('\n'),
    program: 'frozen',
    mode: 'onedir',
    greeted: true,
    ...changes,
  });
}

test.each([
  [
    'a missing module',
    "Traceback (most recent call last):\n  File \"main.py\", line 3\nModuleNotFoundError: No module named 'services.search'\n[PYI-7:ERROR] Failed to execute script 'main' due to unhandled exception!",
    {},
    { retryable: false, hint: "hiddenImports: ['services.search']" },
  ],
  [
    'a missing module in development',
    "ModuleNotFoundError: No module named 'numpy'",
    { program: 'development', mode: null },
    { hint: 'backends.engine.requirements' },
  ],
  [
    'missing metadata',
    'importlib.metadata.PackageNotFoundError: No package metadata was found for imageio',
    {},
    { hint: "collect: { metadata: ['imageio'] }" },
  ],
  [
    'missing certificates',
    'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate',
    {},
    { hint: 'certifi' },
  ],
  [
    'a glibc that is too old',
    "./engine: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./engine)",
    { greeted: false },
    { code: 'E_EXE_CORRUPT', reason: 'GLIBC_2.38', hint: 'verify: { glibc' },
  ],
  [
    'a temporary folder without execution',
    'error while loading shared libraries: libz.so.1: failed to map segment from shared object',
    { mode: 'onefile', greeted: false, exitCode: 127 },
    { code: 'E_TEMP_UNUSABLE' },
  ],
  [
    'a full temporary folder',
    '[PYI-81:ERROR] Failed to extract libpython3.11.so.1.0: decompression resulted in return code -1!',
    { mode: 'onefile', greeted: false, exitCode: 255 },
    { code: 'E_TEMP_UNUSABLE', hint: 'onedir' },
  ],
  [
    'a damaged archive',
    "[PYI-81:ERROR] Could not load PyInstaller's embedded PKG archive from the executable (/a/engine)",
    { greeted: false, exitCode: 255 },
    { code: 'E_EXE_CORRUPT', reason: 'embedded PKG archive' },
  ],
  ['a program without words', '', { greeted: false, exitCode: 127 }, { code: 'E_EXE_CORRUPT' }],
  ['a taken port', 'OSError: [Errno 98] Address already in use', {}, { hint: "address: 'announce'" }],
  ['a Windows crash', '', { exitCode: 3221225477 }, { reason: 'access violation' }],
  ['a kill', '', { exitCode: null, signal: 'SIGKILL' }, { reason: 'lack of memory' }],
] as const)('recognises %s', (_title, text, changes, expected) => {
  const found = diagnose(text, changes);
  for (const [key, value] of Object.entries(expected)) {
    const actual = found?.[key as keyof typeof found];
    if (typeof value === 'string' && key !== 'code') expect(actual).toContain(value);
    else expect(actual).toBe(value);
  }
});

test('a module that is missing somewhere up in the log does not end the attempts', () => {
  const log = [
    "WARNING No module named 'optional', going on",
    ...Array.from({ length: 20 }, (_, n) => `line ${n}`),
  ];
  expect(diagnose(log.join('\n'))?.retryable).toBe(null);
});

test('says nothing when nothing is known', () => {
  expect(diagnose('Goodbye', { exitCode: 1 })).toBe(null);
});

const caught =
  'Traceback (most recent call last):\n  File "main.py", line 3\nModuleNotFoundError: No module named \'speedups\'\n';
const uncaught =
  'Traceback (most recent call last):\n  File "main.py", line 5\nOSError: [Errno 98] Address already in use\n';
const other = 'Traceback (most recent call last):\n  File "main.py", line 5\nRuntimeError: no engine\n';
const handling = '\nDuring handling of the above exception, another exception occurred:\n\n';
const causing = '\nThe above exception was the direct cause of the following exception:\n\n';

test.each([
  ['what it was raised while handling', caught + handling + uncaught],
  ['what it was raised from', caught + causing + uncaught],
  ['what was only logged before', `${caught}INFO going on without it\n${uncaught}`],
  ['one of a long chain', caught + causing + other + handling + uncaught],
])('the exception that nobody caught counts, not %s', (_, text) => {
  expect(diagnose(text)?.reason).toBe('the port it wants is taken');
});

test.each([
  ['handled', handling],
  ['its cause', causing],
])('an exception that says nothing is explained by the one before: %s', (_, link) => {
  const script = "[PYI-7:ERROR] Failed to execute script 'main' due to unhandled exception!";
  for (const greeted of [true, false])
    expect(diagnose(caught + link + other + script, { greeted })).toMatchObject({
      reason: 'the Python module speedups is missing',
    });
});

test('an address in use: a backend that already announces its address is not told to do so', () => {
  const text =
    "OSError: [WinError 10048] Only one usage of each socket address is normally permitted: ('', 8000)";
  expect(diagnose(text)?.hint).toContain("address: 'announce'");
  const own = diagnose(text, { announces: true })?.hint;
  expect(own).not.toContain("'announce'");
  expect(own).toContain('listen on port 0');
});
