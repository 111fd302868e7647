import { cpus } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diagnoseExit } from '../../../src/runtime/life/exit-diagnosis.js';
import type { ExitDiagnosis, ExitEvidence } from '../../../src/runtime/life/exit-diagnosis.js';
import { CrashOutput, nativeCrash } from '../../../src/runtime/life/native-crash.js';
import { failure } from '../failure.js';
import { fixtureBackend, python, testBackend, testSettings } from '../support.js';

function printed(text: string): CrashOutput {
  const crash = new CrashOutput();
  for (const line of text.split('\n')) crash.add(line);
  return crash;
}

function diagnose(text: string, changes: Partial<ExitEvidence> = {}): ExitDiagnosis | null {
  return diagnoseExit({
    name: 'engine',
    exitCode: null,
    signal: null,
    tail: text.split('\n'),
    crash: printed(text),
    program: 'frozen',
    mode: 'onedir',
    greeted: true,
    ...changes,
  });
}

const frames = [
  '"ctypes/__init__.py", line 519 in string_at',
  '"engine/reader.py", line 3 in read',
  '"main.py", line 37 in <module>',
];

/** What faulthandler prints about a thread. */
const thread = (head: string, lines: readonly string[] = frames): string =>
  [head, ...lines.map((line) => `  File ${line}`), ''].join('\n');

const current = (lines: readonly string[] = frames): string =>
  thread('Current thread 0x00007fc44ac10b80 (most recent call first):', lines);

test.each([
  ['SIGSEGV', 'invalid memory access'],
  ['SIGABRT', 'aborted'],
  ['SIGTRAP', 'aborted'],
  ['SIGILL', 'illegal instruction'],
  ['SIGBUS', 'invalid memory access (a mapped file'],
  ['SIGFPE', 'division by zero'],
  [0xc0000005, 'access violation (0xC0000005)'],
  [0xc000001d, 'illegal instruction (0xC000001D)'],
  [0xc0000094, 'native code failed (0xC0000094)'],
  [0xc00000fd, 'stack overflow (0xC00000FD)'],
  [0xc0000135, 'DLL not found (often of Visual C++) (0xC0000135)'],
  [0xc0000139, 'wrong version of a DLL (0xC0000139)'],
  [0xc0000374, 'heap corruption (0xC0000374)'],
  [0xc0000409, 'buffer overrun, or aborted (0xC0000409)'],
  [0xe06d7363, 'C++ exception (0xE06D7363)'],
])('%s is told by name', (end, reason) => {
  const seen = typeof end === 'string' ? { signal: end } : { exitCode: end };
  expect(diagnose('', seen)?.reason).toMatch(reason);
  expect(diagnose('', seen)?.reason.startsWith(reason)).toBe(true);
});

test.each([
  ['the right processor is there', 0xc000001d, false],
  ['the DLL is there', 0xc0000135, false],
  ['another attempt', 0xc0000005, null],
])('trying again is of no use until %s', (_title, exitCode, retryable) => {
  expect(diagnose('', { exitCode })?.retryable).toBe(retryable);
});

test("Python's stack of the crashed thread is in the diagnosis, and the frame that called native code in the reason", () => {
  const text = `INFO reading\nFatal Python error: Segmentation fault\n\n${current()}\nExtension modules: numpy._core (total: 1)`;
  expect(diagnose(text, { signal: 'SIGSEGV' })).toMatchObject({
    reason: 'invalid memory access, in "engine/reader.py", line 3 in read',
    stack: frames,
  });
});

test('the stack of the crashed thread is found among those of any number of others, however few lines are kept', () => {
  const others = fc.array(fc.array(fc.constantFrom(...frames), { maxLength: 8 }), { maxLength: 40 });
  const named = fc.constantFrom('', ' [worker_1]');
  fc.assert(
    fc.property(others, fc.nat(), fc.subarray(frames), named, (stacks, at, own, name) => {
      const threads = stacks.map((lines) =>
        thread(`Thread 0x00007fc44ac10b80${name} (most recent call first):`, lines),
      );
      const head = `Current thread 0x00007fc44ac10b80${name} (most recent call first):\n  Garbage-collecting`;
      threads.splice(at % (threads.length + 1), 0, thread(head, own));
      const text = `Fatal Python error: Aborted\n\n${threads.join('\n')}`;
      const found = diagnose(text, { signal: 'SIGABRT', tail: ['the end'] });
      expect(found?.stack).toEqual(own);
    }),
  );
});

test('of several crashes the last counts: exceptions of Windows that were dealt with are printed too', () => {
  const text = `Windows fatal exception: code 0x8001010d\n\n${current([frames[2] ?? ''])}\nINFO going on\nWindows fatal exception: access violation\n\n${current()}`;
  expect(diagnose(text, { exitCode: 0xc0000005 })?.stack).toEqual(frames);
});

test('one thread alone is printed under another headline', () => {
  const text = `Fatal Python error: Bus error\n\n${thread('Stack (most recent call first):')}`;
  expect(diagnose(text, { signal: 'SIGBUS' })?.stack).toEqual(frames);
});

test.each([
  [
    'a C++ exception',
    "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no such model",
    "aborted, terminate called after throwing an instance of 'std::runtime_error' what():  no such model",
  ],
  ['the allocator', 'free(): invalid pointer', 'aborted, free(): invalid pointer'],
  ['Rust', "thread 'main' panicked at src/lib.rs:3:5:", "aborted, thread 'main' panicked at src/lib.rs:3:5:"],
])('an abort is told with the words of %s', (_who, words, reason) => {
  const end = { signal: 'SIGABRT' };
  expect(diagnose(words, end)?.reason).toBe(reason);
  expect(diagnose(`INFO\n${words}\nFatal Python error: Aborted\n\n${current()}`, end)?.reason).toBe(
    `${reason}, in "engine/reader.py", line 3 in read`,
  );
});

test.each([
  ['fastmath', '"fastmath/kernels.py", line 9 in dot'],
  ['fastmath', '"/opt/venv/lib/python3.12/site-packages/fastmath/kernels.py", line 9 in dot'],
  ['fastmath', '"C:\\venv\\Lib\\site-packages\\fastmath\\kernels.py", line 9 in dot'],
  ['fastmath', '"/opt/App/resources/engine/_internal/fastmath/kernels.py", line 9 in dot'],
  ['fastmath', '"/tmp/_MEIx1a9/fastmath/kernels.py", line 9 in dot'],
  ['a package', '"main.py", line 9 in <module>'],
])('an illegal instruction names %s for %s, and the processor', (owner, frame) => {
  const text = `Fatal Python error: Illegal instruction\n\n${current([frames[0] ?? '', frame])}`;
  const found = diagnose(text, { signal: 'SIGILL' });
  expect(found).toMatchObject({
    reason: `illegal instruction, ${owner} seems built for a newer processor than ${cpus()[0]?.model ?? process.arch}, in ${frame}`,
    retryable: false,
  });
});

test('an illegal instruction says what the package was built for, where the build knew it', async () => {
  const backend = await testBackend(
    fixtureBackend(
      {},
      { restart: { ...testSettings.restart, maxStartFailures: 1 } },
      {
        versions: { python: '3', pyinstaller: '6', package: '0', builtFor: { fastmath: 'x86-64-v3' } },
        program: {
          type: 'development',
          interpreter: python,
          args: [
            '-c',
            `import os, sys
print('''Fatal Python error: Illegal instruction

Current thread 0x1 (most recent call first):
  File "fastmath/kernels.py", line 9 in dot''', file=sys.stderr, flush=True)
os._exit(0xC000001D - 2**32) if os.name == 'nt' else os.kill(os.getpid(), 4)`,
          ],
          cwd: process.cwd(),
          env: {},
          watch: [],
        },
      },
    ),
  );
  expect((await failure(backend.start())).message).toContain(
    `, fastmath seems built for a newer processor (x86-64-v3) than ${cpus()[0]?.model ?? process.arch}, in "fastmath/kernels.py"`,
  );
});

test('a stack as deep as faulthandler prints it is perhaps an overflow', () => {
  const deep = Array.from({ length: 100 }, () => '"main.py", line 3 in again');
  const text = `Fatal Python error: Segmentation fault\n\n${current(deep)}  ...`;
  expect(diagnose(text, { signal: 'SIGSEGV' })?.reason).toBe(
    'invalid memory access, perhaps a stack overflow, in "main.py", line 3 in again',
  );
  expect(diagnose(text, { exitCode: 0xc00000fd })?.reason).not.toContain('perhaps');
});

test.each([3, 132, 133, 134, 135, 136, 138, 139])(
  'exit code %i is a crash when Python printed one',
  (exitCode) => {
    const text = `Fatal Python error: Aborted\n\n${current()}`;
    expect(diagnose(text, { exitCode })).toMatchObject({ stack: frames });
    expect(diagnose(text, { exitCode })?.reason).toContain('Fatal Python error: Aborted');
    expect(diagnose('Goodbye', { exitCode })).toBeNull();
  },
);

test('other exit codes are no crash, whatever a helper process printed before', () => {
  const codes = fc
    .integer({ min: 0, max: 0xffffffff })
    .filter((code) => !(code >= 0xc0000000 && code < 0xd0000000) && code !== 0xe06d7363)
    .filter((code) => ![3, 132, 133, 134, 135, 136, 138, 139].includes(code));
  const crash = printed(`Fatal Python error: Segmentation fault\n\n${current()}`);
  fc.assert(fc.property(codes, (code) => nativeCrash(code, null, crash) === null));
  expect(nativeCrash(null, 'SIGTERM', crash)).toBeNull();
});

test('a kill is told to be for lack of memory when the system killed something meanwhile', () => {
  expect(diagnose('', { signal: 'SIGKILL', outOfMemory: true })?.reason).toBe(
    'the system killed it for lack of memory',
  );
  expect(diagnose('', { signal: 'SIGKILL' })?.reason).toContain('something killed it');
});
