import { createBackend, type Backend } from '../runtime/index.js';
import { manifestVersion, type BackendManifest, type Manifest } from '../runtime/manifest.js';
import type { PrivatePlace } from './private-place.js';
import type { Subject } from './subject.js';

/** Lines of output kept for a message. */
export const keptLines = 200;

/**
 * The backend as the runtime of an app has it, in a place like a user's.
 *
 * @param env - variables for its program, which an app's own environment never gives it.
 */
export function placedBackend(
  subject: Subject,
  place: PrivatePlace,
  env: Readonly<Record<string, string>> = {},
): Backend {
  return createBackend({
    app: {
      isPackaged: true,
      getAppPath: () => place.resources,
      getPath: (name) => (name === 'logs' ? place.logs : place.userData),
      on: () => undefined,
      quit: () => undefined,
    },
    name: subject.name,
    manifest: manifestOf(subject, env),
    resourcesPath: place.resources,
    stopOnQuit: false,
    env: place.environment,
  });
}

/** The backend's own manifest, without what would hide a failure (restarts) or needs other backends. */
function manifestOf(
  { name, manifest, program, target }: Subject,
  env: Readonly<Record<string, string>>,
): Manifest {
  const { settings } = manifest;
  const hasDigests = (program.files[target.arch]?.length ?? 0) > 0;
  const alone: BackendManifest = {
    ...manifest,
    // The runtime chooses by its own architecture; on Windows on ARM a program for x64 is run all the same.
    program: { ...program, directories: { [target.arch]: program.directories[target.arch] ?? name } },
    settings: {
      ...settings,
      env: { ...settings.env, ...env },
      restart: { ...settings.restart, max: 0, maxStartFailures: 1 },
      health: null,
      startAfter: [],
      logs: { ...settings.logs, file: false, ringLines: keptLines },
      integrity: hasDigests ? 'full' : 'off',
    },
  };
  return { version: manifestVersion, backends: { [name]: alone } };
}
