import path from 'node:path';
import { ensureDir } from 'fs-extra/esm';
import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { describeEnd, run } from '../../lib/run.js';

/** Commands that unpack an archive, the first that exists wins. All keep links and permissions. Pure. */
export function unpackCommands(
  archive: string,
  to: string,
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
): readonly (readonly [command: string, ...args: string[]])[] {
  const isZip = /\.zip$/i.test(archive);
  const tar = (command: string) => [command, '-xf', archive, '-C', to] as const;
  const unzip = ['unzip', '-q', archive, '-d', to] as const;
  if (platform === 'win32') {
    // Its own tar (bsdtar, since Windows 10 1803) reads zip files too. The one on PATH may be Git's GNU tar, which takes
    // `C:` for the name of another computer.
    const system = path.win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'tar.exe');
    return isZip ? [tar(system), unzip] : [tar(system), tar('tar')];
  }
  // The tar of macOS is bsdtar too.
  if (platform === 'darwin') return isZip ? [tar('tar'), unzip] : [tar('tar')];
  return isZip ? [unzip, tar('bsdtar')] : [tar('tar'), tar('bsdtar')];
}

/** How to get a command that unpacks. Pure. */
export function unpackAdvice(platform: NodeJS.Platform): string {
  const other = 'give the bundle as a folder';
  if (platform === 'win32')
    return `Windows has tar.exe since Windows 10 version 1803. On an older one ${other}.`;
  if (platform === 'darwin') return `Put /usr/bin back on PATH, or ${other}.`;
  return `Install it (Debian and Ubuntu: \`apt install unzip\` for a .zip, \`apt install tar\` for the others), or ${other}.`;
}

/** Whether a file is an archive that can be unpacked. */
export function isArchive(file: string): boolean {
  return /\.(?:zip|tar|tgz|tar\.(?:gz|xz|bz2|zst))$/i.test(file);
}

/**
 * Unpack an archive into a new folder.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` when it is damaged or nothing here can unpack it.
 */
export async function unpack(backend: ResolvedBackend, archive: string, to: string): Promise<void> {
  await ensureDir(to);
  const missing: string[] = [];
  for (const [command, ...args] of unpackCommands(archive, to, process.platform, process.env)) {
    const result = await run(command, args);
    if (result.exitCode === 0) return;
    if (result.startError?.code === 'ENOENT') {
      missing.push(command);
      continue;
    }
    const said = result.stderr.trim().split('\n').at(-1) || describeEnd(result);
    throw new PyInstallerError(
      'ERR_NOT_FOUND',
      `Unpacking the prebuilt bundle of backend ${backend.name}: ${path.basename(command)} failed on ${archive}: ${said}`,
      { backend: backend.name, file: archive, hint: 'Make or download the archive again.' },
    );
  }
  throw new PyInstallerError(
    'ERR_NOT_FOUND',
    `Unpacking the prebuilt bundle of backend ${backend.name}: ${missing.join(' or ')} is needed for ${archive} and is not installed.`,
    {
      backend: backend.name,
      file: archive,
      path: `${backend.configPath}.prebuilt`,
      hint: unpackAdvice(process.platform),
    },
  );
}
