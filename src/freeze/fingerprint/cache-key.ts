import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { targetName } from '../../target.js';
import { canonicalJson } from '../../lib/canonical.js';
import { sha256, sha256OfFile } from '../../lib/hash.js';
import { collectRules } from './data-files.js';
import { companionDigest, inputFiles } from './files.js';
import { freezeSettings, projectPath } from './inputs.js';
import { packageVersion } from '../../lib/package-root.js';
import { StatCache } from './stat-cache.js';
import { pathExists } from '../../lib/files.js';

/**
 * One key under which a CI service can keep the whole cache folder: changes whenever anything in the project changes
 * that may lead to another bundle. Needs no Python and no installed package, so that it can be asked for before anything is
 * restored.
 *
 * A cache restored by an older key is safe too: every bundle in it is looked up by its own, exact fingerprint.
 */
export async function cacheKey(backends: readonly ResolvedBackend[], cacheDir: string): Promise<string> {
  const rows = await Promise.all(backends.map((backend) => describe(backend, cacheDir)));
  const [first] = backends;
  const target = first === undefined ? 'none' : targetName(first.target);
  const digest = sha256(canonicalJson([packageVersion, await companionDigest(), rows]));
  return `electron-pyinstaller-${target}-${digest.slice(0, 32)}`;
}

async function describe(backend: ResolvedBackend, cacheDir: string): Promise<unknown> {
  const digests = await StatCache.open(cacheDir, `${backend.projectDir}\0${backend.name}`);
  const files = {
    data: await collectRules(backend, backend.data),
    binaries: await collectRules(backend, backend.binaries),
  };
  const inputs = (await inputFiles(backend, files, digests)).map(({ name, digest }) => ({ name, digest }));
  await digests.save();
  const requirements = await Promise.all(
    requirementFiles(backend).map(async (file) => [
      projectPath(backend.projectDir, file),
      (await pathExists(file)) ? await sha256OfFile(file) : null,
    ]),
  );
  const { python, pyinstaller, requirements: wanted } = backend;
  return {
    target: targetName(backend.target),
    settings: freezeSettings(backend),
    inputs,
    requirements,
    packages: 'packages' in wanted ? wanted.packages : [],
    python: [python.version, python.env.type, python.indexUrl, python.extraIndexUrls, python.pipArgs],
    pyinstaller: pyinstaller.version,
  };
}

function requirementFiles(backend: ResolvedBackend): string[] {
  const { requirements } = backend;
  switch (requirements.type) {
    case 'none':
      return [];
    case 'pip':
      return [...requirements.files];
    case 'project':
      return [path.join(requirements.directory, 'pyproject.toml')];
    case 'lock':
      return requirements.tool === 'pipenv'
        ? [requirements.file]
        : [requirements.file, path.join(requirements.directory, 'pyproject.toml')];
    default:
      return requirements satisfies never;
  }
}
