import { expect, test } from 'vitest';
import type { LaunchPlan } from '../../../src/runtime/launch/launch-plan.js';
import { spawnError } from '../../../src/runtime/process/spawn-error.js';

const plan = { file: '/app/engine', args: ['--port', '1'], cwd: '/app' } as unknown as LaunchPlan;

test.each([
  ['ENOENT', 'E_EXE_MISSING', /made for another system/],
  ['EACCES', 'E_EXE_NOT_EXECUTABLE', /mode or its file system/],
  ['EPERM', 'E_EXE_NOT_EXECUTABLE', /security policy/],
  // What Node says on Windows of a policy that forbids a program, and of a program that a scanner took for a virus.
  ['UNKNOWN', 'E_EXE_NOT_EXECUTABLE', /security policy or virus scanner/],
  ['ENOEXEC', 'E_EXE_CORRUPT', /damaged/],
  // … and of a text with the name of a program.
  ['EFTYPE', 'E_EXE_CORRUPT', /damaged/],
  ['EMFILE', 'E_SPAWN_LIMIT', /open files/],
  ['EXDEV', 'E_SPAWN', /Arguments: 2/],
])('%s from the system is told as %s', (answer, code, hint) => {
  const error = spawnError(Object.assign(new Error('spawn'), { code: answer }), 'engine', plan, 1);
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(`answered ${answer} to the execution of /app/engine in /app`) as string,
    hint: expect.stringMatching(hint) as string,
  });
});
