import path from 'node:path';
import { inspectBinary, type BinaryInfo } from '../bundle/binary/inspect.js';
import { signingList } from '../bundle/signing.js';
import type { TargetPlatform } from '../target.js';
import { namesIn } from '../lib/files.js';

/**
 * Compare how a backend's files are signed with how the app around them is: in a signed app, an unsigned library makes macOS
 * refuse to load it, Apple's notary refuse the app, and Windows warn.
 *
 * @param resources - absolute folder of the app's resources.
 * @param bundleDir - absolute folder of the backend.
 * @returns one warning, or none; always none when the app itself is not signed.
 */
export async function signatureWarnings(
  resources: string,
  bundleDir: string,
  name: string,
  platform: TargetPlatform,
): Promise<string[]> {
  if (platform === 'linux' || !(await isAppSigned(resources, platform))) return [];
  const unsigned = (await signingList(bundleDir, platform)).filter((item) => item.signature !== 'identity');
  if (unsigned.length === 0) return [];
  const shown = unsigned.slice(0, 3).map((item) => item.path);
  const more = unsigned.length > shown.length ? ` and ${unsigned.length - shown.length} more` : '';
  const hint =
    platform === 'darwin'
      ? 'Sign everything under the app with its identity: Forge swallows failures of osxSign unless `continueOnError: false`; electron-builder leaves out what `mac.signIgnore` matches.'
      : 'electron-builder signs libraries only with `win.signExts: [".dll", ".pyd"]`.';
  const count = unsigned.length === 1 ? 'one file is' : `${unsigned.length} files are`;
  return [`${name}: the app is signed, but ${count} not: ${shown.join(', ')}${more}. ${hint}`];
}

async function isAppSigned(resources: string, platform: TargetPlatform): Promise<boolean> {
  const folder = path.join(resources, '..', platform === 'darwin' ? 'MacOS' : '.');
  for (const name of await namesIn(folder)) {
    if (platform === 'win32' && !/\.exe$/i.test(name)) continue;
    const info = await inspectBinary(path.join(folder, name)).catch(() => null);
    if (hasIdentity(info)) return true;
  }
  return false;
}

function hasIdentity(info: BinaryInfo | null): boolean {
  if (info?.format === 'pe') return info.signed;
  return info?.format === 'mach-o' && info.slices.every((slice) => slice.signature === 'identity');
}
