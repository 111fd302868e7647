import path from 'node:path';
import { readJson } from '../../lib/files.js';
import { isBackendError } from '../../runtime/index.js';
import { hostTarget } from '../../target.js';
import { awaitNoLeftovers, endLeftovers } from '../leftovers.js';
import { placedBackend } from '../placed-backend.js';
import { placeResources } from '../place-resources.js';
import { makePrivatePlace, type PrivatePlace } from '../private-place.js';
import { subjectOf, type Subject } from '../subject.js';
import { fromBackendError, verifyError } from '../verify-error.js';
import type { VerifyInput } from '../verify.js';
import type { ImportNotes, Startup } from './costs.js';

/** The first start reads the files from the disk; of the others the quickest counts, which the machine disturbed least. */
const starts = 4;

/**
 * Start a frozen server a few times in a place like a user's, and tell where the time of the quickest start went.
 *
 * @throws PyInstallerError `ERR_VERIFY` when it cannot be started, or has no companion that could tell.
 */
export async function measureStartup(
  { backend, bundleDir, manifest }: VerifyInput,
  { cacheDir, signal }: { readonly cacheDir: string; readonly signal?: AbortSignal },
): Promise<Startup> {
  if (manifest.program.type !== 'frozen') throw new TypeError(`${backend.name} is not frozen`);
  const subject = subjectOf(backend, bundleDir, manifest, manifest.program);
  if (manifest.kind === 'job' || manifest.companion === 'none') {
    throw verifyError(subject, {
      seen: 'only a server with the companion tells when it is ready.',
      output: [],
      hint: `Name another backend: npx electron-pyinstaller report --startup <name>.`,
    });
  }
  const { platform } = hostTarget();
  const directory = subject.program.directories[subject.target.arch] ?? subject.name;
  const place = await makePrivatePlace(bundleDir, directory, {
    env: process.env,
    platform,
    cacheDir,
    signal,
  });
  try {
    await placeResources(subject, place);
    const measured: Startup[] = [];
    for (let turn = 0; turn < starts; turn++) {
      signal?.throwIfAborted();
      measured.push(await startOnce(subject, place, turn));
    }
    const [quickest] = measured.slice(1).sort((a, b) => a.beforeMs + a.readyMs - b.beforeMs - b.readyMs);
    if (quickest === undefined) throw new TypeError('nothing was measured');
    return quickest;
  } finally {
    endLeftovers(await awaitNoLeftovers(place.marker, place.bundle, 0));
    await place.remove();
  }
}

async function startOnce(subject: Subject, place: PrivatePlace, turn: number): Promise<Startup> {
  const file = path.join(place.temporary, `startup-${turn}.json`);
  const backend = placedBackend(subject, place, { ELECTRON_PYINSTALLER_STARTUP: file });
  let spawnedAt = Date.now();
  backend.on('state', ({ next }) => {
    if (next === 'starting') spawnedAt = Date.now();
  });
  try {
    await backend.start();
    const notes = (await readJson(file)) as ImportNotes | undefined;
    if (notes === undefined) {
      throw verifyError(subject, {
        seen: 'it wrote nothing about its imports.',
        output: [],
        hint: 'Freeze it again with this version: npx electron-pyinstaller build --force.',
      });
    }
    return { ...notes, beforeMs: Math.max(0, notes.begunAt - spawnedAt) };
  } catch (error) {
    if (isBackendError(error)) throw fromBackendError(subject, 'it could not be started', error, error.tail);
    throw error;
  } finally {
    await backend[Symbol.asyncDispose]();
  }
}
