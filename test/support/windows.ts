import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why Windows leaves the test out. */
    whyNotOnWindows?: string;
  }
}

export const isWindows = process.platform === 'win32';

/** What times are multiplied with: under Wine all is slow, above all the start of a process. */
export const patience = isWindows ? 5 : 1;

/** Options of a test, or of a group of them, that Windows leaves out, with the reason that docs/windows.md tells. */
export function notOnWindows(why: string): TestOptions {
  return { skip: isWindows, meta: { whyNotOnWindows: why } };
}

/** As {@link notOnWindows}, of a test about Linux alone. */
export function onlyOnLinux(why: string): TestOptions {
  return { ...notOnWindows(why), skip: process.platform !== 'linux' };
}

export const noModes = 'Windows has no file modes';
export const noLinks = 'links are for who may make them, on Windows';
