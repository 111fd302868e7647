import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findOnPath, parseVersion, realDisk } from '../../python/index.js';
import { compareVersions } from '../../config/version-range.js';
import { targetName, type Target } from '../../target.js';
import type { CheckContext, CheckResult } from './types.js';
import { errorCode } from '../../lib/files.js';

/** As in package.json's `engines`. */
const neededNode = '22.12.0';

/** The Node that runs the build. */
export function checkNode(version: string): CheckResult {
  const numbers = parseVersion(version) ?? [];
  const isNew = compareVersions(numbers, parseVersion(neededNode) ?? []) >= 0;
  const result = { id: 'node', title: 'Node', detail: version } as const;
  if (isNew) return { ...result, status: 'ok' };
  return { ...result, status: 'fail', fix: `Use Node ${neededNode} or newer for builds.` };
}

const knownTargets = [
  'linux-x64',
  'linux-arm64',
  'linux-armv7l',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
  'win32-ia32',
];

/** Whether backends can be frozen for the target on this machine. */
export function checkPlatform(target: Target, platform: NodeJS.Platform): CheckResult {
  const result = { id: 'platform', title: 'Platform', detail: targetName(target) } as const;
  if (target.platform !== platform) {
    return {
      ...result,
      status: 'fail',
      detail: `${targetName(target)} is wanted, this machine is ${platform}`,
      fix: 'PyInstaller cannot freeze for another system: freeze there and name the result under `prebuilt`.',
    };
  }
  if (knownTargets.includes(targetName(target))) return { ...result, status: 'ok' };
  return {
    ...result,
    status: 'warn',
    fix: 'PyInstaller has no ready bootloader for it: it would be compiled.',
  };
}

/** Whether the cache folder can be written. */
export async function checkCache(cacheDir: string): Promise<CheckResult> {
  const result = { id: 'cache', title: 'Cache folder', detail: cacheDir } as const;
  const file = path.join(cacheDir, `.write-test-${process.pid}`);
  try {
    await mkdir(cacheDir, { recursive: true });
    await writeFile(file, 'x');
    await rm(file, { force: true });
    return { ...result, status: 'ok' };
  } catch (error) {
    return {
      ...result,
      status: 'fail',
      detail: `${cacheDir} cannot be written (${errorCode(error) ?? String(error)})`,
      fix: 'Give yourself the right to write there, or choose another folder with `cacheDir`.',
    };
  }
}

/** Programs PyInstaller runs, by platform. */
const neededTools: Readonly<
  Partial<Record<NodeJS.Platform, { readonly names: readonly string[]; readonly fix: string }>>
> = {
  linux: {
    names: ['objdump', 'objcopy', 'ldd'],
    fix: 'Install binutils (`apt install binutils`, `dnf install binutils`); ldd comes with the C library.',
  },
  darwin: {
    names: ['codesign', 'lipo'],
    fix: "Install Apple's command line tools: `xcode-select --install`.",
  },
};

/** The programs that PyInstaller itself needs. */
export function checkTools({ env, platform }: CheckContext): CheckResult[] {
  const needed = neededTools[platform];
  if (needed === undefined) return [];
  const missing = needed.names.filter((name) => findOnPath(name, env, platform, realDisk).length === 0);
  const result = { id: 'tools', title: 'Tools of PyInstaller' } as const;
  if (missing.length === 0) return [{ ...result, status: 'ok', detail: needed.names.join(', ') }];
  return [{ ...result, status: 'fail', detail: `not on PATH: ${missing.join(', ')}`, fix: needed.fix }];
}
