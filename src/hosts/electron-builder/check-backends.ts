import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { failOnProblems, findPlacementProblems } from '../shared/check-placed.js';
import { manifestFileName } from '../../runtime/manifest.js';
import { readFromAsar } from '../../verify/asar.js';
import { untilCancelled } from './cancellation.js';
import { type BuilderContext, readPack, resourcesDirOf } from './context.js';
import { repairCopy } from './repair.js';
import { buildOf } from './run-state.js';
import { pathExists } from '../../lib/files.js';

const hint =
  'Were beforePack and afterExtract both replaced by hooks of the app? Then call beforePack of ' +
  '"electron-pyinstaller/electron-builder-hook" from one of them. Otherwise look for extraResources with the same "to". ' +
  'With concurrency.jobs above 1, an afterExtract of the app has to call afterExtract of that hook.';

/**
 * Look into the packed app. electron-builder only warns when a resource is missing and ends with exit code 0.
 *
 * @throws PyInstallerError `ERR_PLACE`
 */
export async function checkBackends(context: BuilderContext): Promise<void> {
  const { request, arch, merged } = readPack(context);
  const { frozen, manifest } = await untilCancelled(context.packager, async (signal) =>
    buildOf(context).forApp(request, arch, { signal }),
  );
  const resourcesDir = resourcesDirOf(context);
  if (!merged) {
    for (const { bundleDir, backend, manifest: one } of frozen) {
      const directory =
        one.program.type === 'frozen' ? one.program.directories[backend.target.arch] : undefined;
      if (directory === undefined) continue;
      const placed = path.join(resourcesDir, directory);
      // A backend that is missing altogether is a mistake to report; one with gaps was altered by the copy.
      if (await pathExists(placed)) await repairCopy(bundleDir, placed);
    }
  }
  failOnProblems(await findPlacementProblems(resourcesDir, manifest, request.platform), hint);
  if (!(await hasManifest(resourcesDir))) {
    throw new PyInstallerError(
      'ERR_PLACE',
      `The packed app holds no ${manifestFileName} (looked in app.asar and app under ${resourcesDir}), so it could not find its backends.`,
      { file: resourcesDir, hint },
    );
  }
}

async function hasManifest(resourcesDir: string): Promise<boolean> {
  for (const archive of ['app.asar', 'app-x64.asar', 'app-arm64.asar']) {
    const file = path.join(resourcesDir, archive);
    if ((await pathExists(file)) && (await readFromAsar(file, manifestFileName)) !== null) return true;
  }
  return await pathExists(path.join(resourcesDir, 'app', manifestFileName));
}
