import { PyInstallerError } from '../../errors.js';
import { copyBundle } from '../../bundle/copy.js';
import { targetName } from '../../target.js';
import type { FrozenBackend } from '../../bundle/frozen.js';
import { writeRecord } from './record.js';

/**
 * Copy a bundle out of the cache so that another machine can use it as `prebuilt`: links and permissions kept, with a
 * record that lets the other side check every byte.
 *
 * Archive the folder with `tar` (or `zip -y`): other ways lose links.
 *
 * @throws PyInstallerError `ERR_PLACE` when it cannot be written.
 */
export async function exportBundle(frozen: FrozenBackend, to: string): Promise<void> {
  const { backend, manifest, key } = frozen;
  const { program } = manifest;
  if (program.type !== 'frozen') {
    throw new PyInstallerError('ERR_PLACE', `Exporting backend ${backend.name}: it is not frozen.`, {
      backend: backend.name,
    });
  }
  await copyBundle(frozen.bundleDir, to);
  await writeRecord(to, {
    version: 1,
    name: backend.name,
    target: targetName(backend.target),
    key,
    mode: program.mode,
    executable: program.executable,
    companion: manifest.companion,
    versions: manifest.versions,
    files: program.files[backend.target.arch] ?? [],
  });
}
