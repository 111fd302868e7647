import type { Target } from '../target.js';

/** What a bundle is expected to be. */
export interface BundleExpectations {
  readonly target: Target;
  /** The program, relative to the bundle, with its `.exe`. */
  readonly executable: string;
  /** Windows: whether the program must be a console program; null: not checked. */
  readonly console: boolean | null;
  /** Highest allowed glibc version, e.g. `2.28`; null: any. */
  readonly glibc: string | null;
  /** Bytes; null: any. */
  readonly maxSizeBytes: number | null;
  /** Whether PyInstaller was asked to strip the libraries; left out: not known. */
  readonly strip?: boolean | undefined;
}

/** Something about a bundle that a person should know. */
export interface BundleProblem {
  readonly id:
    | 'executable'
    | 'format'
    | 'arch'
    | 'subsystem'
    | 'glibc'
    | 'libc'
    | 'link'
    | 'size'
    | 'path-length'
    | 'segment'
    | 'damaged'
    | 'python'
    | 'framework'
    | 'signature';
  /** `error`: the bundle must not be shipped. */
  readonly severity: 'error' | 'warning';
  /** What was seen; one or more lines. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/** The format of programs on each system. */
export const formats = { linux: 'elf', darwin: 'mach-o', win32: 'pe' } as const;
export const formatNames = {
  elf: 'Linux (ELF)',
  'mach-o': 'macOS (Mach-O)',
  pe: 'Windows (PE)',
  damaged: 'damaged',
} as const;

/** `One file is`, `3 files are`. */
export function count(number: number, one: string, many: string): string {
  return number === 1 ? `One ${one}` : `${number} ${many}`;
}

/** Up to five lines of a list, indented, beginning with a line break. */
export function shorten(lines: readonly string[]): string {
  const shown = lines.slice(0, 5).map((line) => `\n  ${line}`);
  if (lines.length > 5) shown.push(`\n  … and ${lines.length - 5} more`);
  return shown.join('');
}
