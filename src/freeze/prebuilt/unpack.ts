import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';

const run = promisify(execFile);

/** Commands that unpack an archive, the first that exists wins. All keep links and permissions. Pure. */
export function unpackCommands(
  archive: string,
  to: string,
  platform: NodeJS.Platform,
): readonly (readonly [command: string, ...args: string[]])[] {
  // bsdtar is `tar` on Windows and macOS and reads zip files; GNU tar does not.
  if (!/\.zip$/i.test(archive)) return [['tar', '-xf', archive, '-C', to]];
  const unzip = ['unzip', '-q', archive, '-d', to] as const;
  const bsdtar = ['bsdtar', '-xf', archive, '-C', to] as const;
  return platform === 'linux' ? [unzip, bsdtar] : [['tar', '-xf', archive, '-C', to], unzip];
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
  await mkdir(to, { recursive: true });
  let missing = '';
  for (const [command, ...args] of unpackCommands(archive, to, process.platform)) {
    try {
      await run(command, args, { windowsHide: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        missing = missing === '' ? command : `${missing} or ${command}`;
        continue;
      }
      throw new PyInstallerError(
        'ERR_NOT_FOUND',
        `Unpacking the prebuilt bundle of backend ${backend.name}: ${path.basename(command)} failed on ${archive}: ${lastLine(error)}`,
        { backend: backend.name, file: archive, hint: 'Make or download the archive again.', cause: error },
      );
    }
  }
  throw new PyInstallerError(
    'ERR_NOT_FOUND',
    `Unpacking the prebuilt bundle of backend ${backend.name}: ${missing} is needed for ${archive} and is not installed.`,
    {
      backend: backend.name,
      file: archive,
      hint: 'Install it, or give the bundle as a folder or a .tar.gz.',
    },
  );
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr ?? '').trim().split('\n').at(-1) || message;
}
