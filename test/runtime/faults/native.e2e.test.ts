import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { testSettings } from '../support.js';
import { programs } from './programs.js';
import { failure, faulty, next } from './support.js';

const folder = mkdtempSync(path.join(tmpdir(), 'epy native-'));
afterAll(() => rmSync(folder, { recursive: true }));
const library = path.join(folder, 'libthrow.so');
writeFileSync(
  path.join(folder, 'throw.cpp'),
  '#include <stdexcept>\nextern "C" void throw_it() { throw std::runtime_error("no such model"); }\n',
);
execFileSync('gcc', ['-shared', '-fPIC', '-o', library, path.join(folder, 'throw.cpp'), '-lstdc++']);

const env = { NATIVE_CRASHES_LIBRARY: library };
const once = { restart: { ...testSettings.restart, maxStartFailures: 1 } };
const inPackage = (name: string): RegExp =>
  new RegExp(`^"native_crashes/__init__\\.py", line \\d+,? in ${name}$`, 'm');

const frozen = (await programs()).filter(({ label }) => label !== 'development');

describe.each(frozen)('$label', { timeout: 60_000 }, (program) => {
  test.each([
    ['null', 'SIGSEGV', 'invalid memory access, in '],
    ['abort', 'SIGABRT', 'aborted, '],
    ['overflow', 'SIGSEGV', 'invalid memory access, perhaps a stack overflow, in '],
    ['illegal', 'SIGILL', 'illegal instruction, native_crashes seems built for a newer processor than '],
    ['bus', 'SIGBUS', 'invalid memory access (a mapped file cut short, a full disk), in '],
    ['memory', null, 'it gave up (import): MemoryError'],
    [
      'exception',
      'SIGABRT',
      "aborted, terminate called after throwing an instance of 'std::runtime_error' what():  no such model, in ",
    ],
  ])('the native crash "%s" is reported by name, with the stack of Python', async (name, signal, reason) => {
    const backend = await faulty(program, { ...env, FAULT_AT_IMPORT: `native:${name}` }, once);
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: signal === null ? 'E_FATAL' : 'E_START_EXIT', signal });
    expect(error.message).toContain(reason);
    const { stack } = error.detail as { stack: readonly string[] };
    expect(stack.join('\n')).toMatch(inPackage(name === 'overflow' ? 'compare' : name));
  });

  test('a crash in a thread of a backend that was ready is told with the stack of that thread', async () => {
    const backend = await faulty(program);
    await backend.start();
    const restarting = next(backend, 'restarting');
    await backend.fetch('/native?null', { method: 'POST' }).catch(() => null);
    const { cause } = await restarting;
    expect(cause).toMatchObject({ code: 'E_CRASH', signal: 'SIGSEGV', retryable: true });
    const { stack } = cause.detail as { stack: readonly string[] };
    expect(stack.slice(0, 3).join('\n')).toMatch(/string_at\n.*in null\n.*in app/);
  });
});
