/** What tests have to know of Windows. */
import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why Windows leaves the test out. */
    whyNotOnWindows?: string;
  }
}

export const isWindows = process.platform === 'win32';

/** What times are multiplied with: under Wine all is slow, above all the start of a process. */
export const patience = isWindows ? 8 : 1;

/** Options of a test, or of a group of them, that is left out, with the reason why Windows has to, which docs/windows.md tells. */
export function leftOutIf(isLeftOut: boolean, why: string): TestOptions {
  return { skip: isLeftOut, meta: { whyNotOnWindows: why } };
}

export const notOnWindows = (why: string): TestOptions => leftOutIf(isWindows, why);

export const onlyOnLinux = (why: string): TestOptions => leftOutIf(process.platform !== 'linux', why);

/** Reasons of many. */
export const noModes = 'Windows has no file modes';
export const noLinks = 'on Windows, links are for who may make them';
export const noSignals = 'Windows has no signals';
export const noBrowser = 'a Chromium for Windows is not here';
