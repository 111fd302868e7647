import { BackendError, messageOf, starting } from '../errors.js';
import type { BackendErrorCode } from '../errors.js';
import type { LaunchPlan } from '../launch/launch-plan.js';

const damaged = {
  code: 'E_EXE_CORRUPT',
  hint: 'The file is damaged or made for another processor. Install the app again.',
} as const;

/** What the system's answer to a spawn means. */
const meanings: Readonly<
  Record<string, { readonly code: BackendErrorCode; readonly retryable?: boolean; readonly hint: string }>
> = {
  // The program itself was seen a moment ago, so it is something it needs.
  ENOENT: {
    code: 'E_EXE_MISSING',
    hint: 'The file exists, but the loader or interpreter it names does not: it was made for another system (for example another C library).',
  },
  EACCES: {
    code: 'E_EXE_NOT_EXECUTABLE',
    hint: 'Check the mode of the file, and that its file system allows execution.',
  },
  EPERM: { code: 'E_EXE_NOT_EXECUTABLE', hint: 'A security policy forbids the execution.' },
  ENOEXEC: damaged,
  UNKNOWN: damaged,
  EBADARCH: damaged,
  EAGAIN: { code: 'E_SPAWN_LIMIT', hint: 'Too many processes are running.' },
  EMFILE: { code: 'E_SPAWN_LIMIT', hint: 'The app has too many open files.' },
  ENFILE: { code: 'E_SPAWN_LIMIT', hint: 'The system has too many open files.' },
  ENOMEM: { code: 'E_SPAWN_LIMIT', hint: 'The system is out of memory.' },
  ETXTBSY: { code: 'E_SPAWN', retryable: true, hint: 'The file is being written, perhaps by an update.' },
  EBUSY: { code: 'E_SPAWN', retryable: true, hint: 'The file is in use, perhaps by a virus scanner.' },
  E2BIG: { code: 'E_SPAWN', hint: 'The arguments and the environment are too large.' },
};

/** Make a {@link BackendError} of what `spawn` threw or emitted. */
export function spawnError(error: unknown, name: string, plan: LaunchPlan, generation: number): BackendError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const meaning = meanings[code] ?? { code: 'E_SPAWN' as const, hint: `Arguments: ${plan.args.length}.` };
  const seen = code === '' ? messageOf(error) : code;
  return new BackendError(
    meaning.code,
    `${starting(name)}: the system answered ${seen} to the execution of ${plan.file} in ${plan.cwd}`,
    { retryable: meaning.retryable, phase: 'spawning', generation, hint: meaning.hint, cause: error },
  );
}
