import { BackendError, messageOf, starting } from '../errors.js';
import type { BackendErrorCode } from '../errors.js';
import type { LaunchPlan } from '../launch/launch-plan.js';

/** A code for the app, what to do, and whether it passes. */
type Meaning = readonly [code: BackendErrorCode, hint: string, retryable?: boolean];

const damaged: Meaning = [
  'E_EXE_CORRUPT',
  'The file is damaged or made for another processor. Install the app again.',
];

const forbidden: Meaning = ['E_EXE_NOT_EXECUTABLE', 'A security policy or virus scanner forbids it.'];

/** What the system's answer to a spawn means. */
const meanings: Readonly<Record<string, Meaning>> = {
  // The program itself was seen a moment ago, so it is something it needs.
  ENOENT: ['E_EXE_MISSING', 'The loader or interpreter it names is missing: it was made for another system.'],
  EACCES: ['E_EXE_NOT_EXECUTABLE', 'Its mode or its file system does not allow execution.'],
  EPERM: forbidden,
  // Windows' answers for a policy and for a virus have no name in Node: github.com/confluentinc/vscode/issues/1451.
  UNKNOWN: forbidden,
  ENOEXEC: damaged,
  EFTYPE: damaged,
  EBADARCH: damaged,
  EAGAIN: ['E_SPAWN_LIMIT', 'Too many processes are running.'],
  EMFILE: ['E_SPAWN_LIMIT', 'The app has too many open files.'],
  ENFILE: ['E_SPAWN_LIMIT', 'The system has too many open files.'],
  ENOMEM: ['E_SPAWN_LIMIT', 'The system is out of memory.'],
  ETXTBSY: ['E_SPAWN', 'The file is being written, perhaps by an update.', true],
  EBUSY: ['E_SPAWN', 'The file is in use, perhaps by a virus scanner.', true],
  E2BIG: ['E_SPAWN', 'Arguments and environment are too large.'],
};

/** Make a {@link BackendError} of what `spawn` threw or emitted. */
export function spawnError(error: unknown, name: string, plan: LaunchPlan, generation: number): BackendError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const [meaning, hint, retryable] = meanings[code] ?? ['E_SPAWN', `Arguments: ${plan.args.length}.`];
  const seen = code === '' ? messageOf(error) : code;
  return new BackendError(
    meaning,
    `${starting(name)}: the system answered ${seen} to the execution of ${plan.file} in ${plan.cwd}`,
    { retryable, phase: 'spawning', generation, hint, cause: error },
  );
}
