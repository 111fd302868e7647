import { node } from '../node.js';

/** How native code ends a process: signals, and exit codes of Windows (https://learn.microsoft.com/openspecs/windows_protocols/ms-erref). */
const endings: Readonly<Record<string, string>> = {
  SIGSEGV: 'invalid memory access',
  SIGBUS: 'invalid memory access (a mapped file cut short, a full disk)',
  SIGILL: 'illegal instruction',
  SIGFPE: 'division by zero',
  SIGABRT: 'aborted',
  SIGTRAP: 'aborted',
  0xc0000005: 'access violation',
  0xc000001d: 'illegal instruction',
  0xc00000fd: 'stack overflow',
  0xc0000135: 'DLL not found (often of Visual C++)',
  0xc0000139: 'wrong version of a DLL',
  0xc0000374: 'heap corruption',
  0xc0000409: 'buffer overrun, or aborted',
  0xe06d7363: 'C++ exception',
};

/** Codes that a shell, or `abort()` on Windows, makes of a crash; others use them too. */
const shellCodes = /^(?:3|13[2-689])$/;

/** What packages ask of the processor, by name. */
export type BuiltFor = Readonly<Record<string, string>>;

/** A crash of native code. */
export interface NativeCrash {
  /** A clause. */
  readonly reason: string;
  /** Trying again does not help. */
  readonly isFinal: boolean;
}

/**
 * What Python's faulthandler prints, taken while it comes: the stacks of other threads may be longer than the last lines that are kept.
 * https://docs.python.org/3/library/faulthandler.html
 */
export class CrashOutput {
  /** Headline of the last crash; empty: none. */
  fatal = '';
  /** What was said just before, as by a C++ exception. */
  words = '';
  /** Python's stack in the thread that crashed, the innermost frame first. */
  stack: string[] = [];
  /** The last words of all. */
  last = '';
  #inStack = false;

  /** Take a line of stderr. */
  add(line: string): void {
    if (/^(?:Fatal Python error|Windows fatal exception): /.test(line))
      Object.assign(this, { fatal: line, words: this.last, stack: [] });
    else if (/^(?:Current thread|Stack) .*\(most recent call first\)/.test(line)) this.#inStack = true;
    else if (!line.startsWith('  ')) this.#inStack = false;
    else if (this.#inStack && line.startsWith('  File ')) this.stack.push(line.slice(7));
    if (line.trim() !== '') this.last = /^ +what\(\)/.test(line) ? `${this.last} ${line.trim()}` : line;
  }
}

/** Tell a crash of native code from an end and what was printed; null: it was none. */
export function nativeCrash(
  exitCode: number | null,
  signal: string | null,
  { fatal, words, last, stack }: CrashOutput = new CrashOutput(),
  builtFor: BuiltFor = {},
  processor = node.os.cpus()[0]?.model ?? process.arch,
): NativeCrash | null {
  const code = exitCode ?? 0;
  const ending =
    endings[signal ?? code] ??
    (code >= 0xc0000000 && code < 0xd0000000 ? 'native code failed' : shellCodes.test(`${code}`) && fatal);
  if (!ending) return null;
  const isIllegal = /illegal/i.test(ending);
  // What calls native code for others tells less than who asked for it.
  const frame =
    stack.find((line) => !/^"(?:.*[/\\])?(?:ctypes|cffi|importlib)[/\\]|^"</.test(line)) ?? stack[0];
  const [, owner = 'a package'] =
    /^"(?:.*[/\\](?:\w+-packages|_internal|_MEI\w+)[/\\])?(\w+)[/\\]/.exec(frame ?? '') ?? [];
  return {
    reason: [
      ending + (code > 255 ? ` (0x${code.toString(16).toUpperCase()})` : ''),
      // Frames that faulthandler prints at most.
      stack.length > 99 && ending !== endings[0xc00000fd] && 'perhaps a stack overflow',
      /abort|C\+\+/i.test(ending) && (fatal === '' ? last : words),
      isIllegal &&
        `${owner} seems built for a newer processor${builtFor[owner] ? ` (${builtFor[owner]})` : ''} than ${processor}`,
      frame && `in ${frame}`,
    ]
      .filter(Boolean)
      .join(', '),
    isFinal: isIllegal || code === 0xc0000135,
  };
}
