import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LicensedPart } from '../bundle/licenses/list-licenses.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';
import { isFile } from '../lib/files.js';
import type { PythonEnvironment } from '../python/types.js';

/** Where a bundle's packages were installed; undefined: it was made elsewhere. */
type FrozenFrom = Pick<PythonEnvironment, 'probe'> | undefined;

/** The bundle, and its program. */
interface LicensedBundle {
  readonly bundleDir: string;
  readonly executable: string;
  /** Folder of its files. */
  readonly contents: string;
}

/** Put the file with the licenses beside the program, when the configuration names one. */
export async function writeLicenses(
  backend: ResolvedBackend,
  bundle: LicensedBundle,
  environment: FrozenFrom,
): Promise<void> {
  const { file } = backend.licenses;
  if (file === null) return;
  const target = path.join(bundle.bundleDir, file);
  if (await isFile(target))
    throw new PyInstallerError(
      'ERR_CONFIG',
      `The licenses of the backend "${backend.name}" cannot be written: its bundle has a file "${file}" already.`,
      {
        backend: backend.name,
        file: backend.configFile,
        path: `${backend.configPath}.licenses.file`,
        hint: "Choose another name, e.g. 'THIRD-PARTY-PYTHON.txt'.",
      },
    );
  const { noticeText } = await import('../bundle/licenses/notice.js');
  await writeFile(target, noticeText(await licensesOf(backend, bundle, environment)));
}

/**
 * Refuse a bundle with a license that the configuration does not allow.
 *
 * @throws PyInstallerError `ERR_VERIFY`.
 */
export async function assertLicenses(
  backend: ResolvedBackend,
  bundle: LicensedBundle,
  environment: FrozenFrom,
): Promise<void> {
  const { deny } = backend.licenses;
  if (deny.length === 0) return;
  const { deniedParts } = await import('../bundle/licenses/denied.js');
  const { licenseOf, titleOf } = await import('../bundle/licenses/notice.js');
  const denied = deniedParts(await licensesOf(backend, bundle, environment), deny);
  const [first] = denied;
  if (first === undefined) return;
  const lines = denied.map(({ part }) => `  ${titleOf(part)}: ${licenseOf(part)}`);
  const place = `${backend.configPath}.licenses`;
  const example = /^[A-Za-z_]\w*$/.test(first.part.name) ? first.part.name : `'${first.part.name}'`;
  throw new PyInstallerError(
    'ERR_VERIFY',
    `The bundle of the backend "${backend.name}" has parts under licenses that ${place}.deny does not allow:\n${lines.join('\n')}`,
    {
      backend: backend.name,
      file: backend.configFile,
      path: `${place}.deny`,
      hint: `Take the package out of the requirements, or the license off the list. What is stated wrongly or not at all is put right by ${place}.clarify: { ${example}: 'MIT' } (what it really is).`,
    },
  );
}

/** Everything in a bundle with its license, as {@link listLicenses} says it. */
export async function licensesOf(
  backend: Pick<ResolvedBackend, 'licenses'>,
  { bundleDir, executable, contents }: LicensedBundle,
  environment: FrozenFrom,
): Promise<LicensedPart[]> {
  const { inventory } = await import('../bundle/size-report/inventory.js');
  const { listLicenses } = await import('../bundle/licenses/list-licenses.js');
  const probe = environment?.probe;
  const stock = await inventory(bundleDir, {
    executable,
    ...(probe === undefined ? {} : { sitePackages: probe.sitePackages }),
  });
  const library = probe && `python${probe.version.slice(0, 2).join('.')}`;
  return listLicenses(stock, {
    sitePackages: probe?.sitePackages ?? [path.join(bundleDir, contents)],
    pythonFolders:
      probe === undefined || library === undefined
        ? []
        : [path.join(probe.basePrefix, 'lib', library), probe.basePrefix, path.join(probe.basePrefix, 'Lib')],
    clarify: backend.licenses.clarify,
  });
}
