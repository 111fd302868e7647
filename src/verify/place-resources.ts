import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../lib/files.js';
import type { PrivatePlace } from './private-place.js';
import type { Subject } from './subject.js';
import { verifyError } from './verify-error.js';

/**
 * Put the other files of the app that a program needs (`verify.resources`) where it will look for them.
 *
 * @throws PyInstallerError `ERR_VERIFY` when one does not exist.
 */
export async function placeResources(
  subject: Subject,
  place: Pick<PrivatePlace, 'resources'>,
): Promise<void> {
  for (const { from, to } of subject.expected.resources) {
    const target = path.join(place.resources, to);
    await mkdir(path.dirname(target), { recursive: true });
    await cp(from, target, { recursive: true, verbatimSymlinks: true }).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      const { configPath, configFile } = subject.context;
      throw verifyError(subject, {
        seen: `${from} does not exist, and the program needs it (\`verify.resources\`).`,
        hint: `Make it before the backend is built, or correct \`verify.resources\` of ${configPath} in ${configFile}.`,
        cause: error,
      });
    });
  }
}
