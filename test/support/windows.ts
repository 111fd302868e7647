/** What tests have to know of Windows. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TestContext, TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why Windows leaves the test out. */
    whyNotOnWindows?: string;
  }
}

export const isWindows = process.platform === 'win32';

export const isWine =
  isWindows &&
  existsSync(path.join(process.env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32/winecfg.exe'));

/** What times are multiplied with: under Wine all is slow, above all the start of a process. */
export const patience = isWindows ? 8 : 1;

/** Options of a test, or of a group of them, that is left out, with the reason why Windows has to, which docs/windows.md tells. */
export function leftOutIf(isLeftOut: boolean, why: string): TestOptions {
  return { skip: isLeftOut, meta: { whyNotOnWindows: why } };
}

export const notOnWindows = (why: string): TestOptions => leftOutIf(isWindows, why);

export const onlyOnLinux = (why: string): TestOptions => leftOutIf(process.platform !== 'linux', why);

/** Leave a test out from within: for rows of a table. */
export function leaveOut(context: TestContext, why: string): never {
  context.task.meta.whyNotOnWindows = why;
  return context.skip(why);
}

export const noWineLinks = 'Wine 8 makes no symbolic links, and says that it did';

/** Options of a test that makes symbolic links. */
export const needsLinks = leftOutIf(isWine, noWineLinks);

/** Options of a test that asks who listens at a port. */
export const needsPortOwners = leftOutIf(isWine, 'Wine 8 does not tell which process listens');

/** Options of a test that changes files in folders of a watched one. */
export const needsDeepChanges = leftOutIf(isWine, 'Wine 8 tells no changes in the folders of a watched one');

/** Reasons of many. */
export const noPermissions = 'Windows has no permission to run';
export const noModes = 'Windows has no file modes';
export const noLinks = 'on Windows, links are for who may make them';
export const noSignals = 'Windows has no signals';
export const noBrowser = 'a Chromium for Windows is not here';
