import { asRecord } from '../../lib/files.js';

type PackageJson = Readonly<Record<string, unknown>>;

/** What a package.json asks for, to run and to develop. Pure. */
export function dependenciesOf(packageJson: PackageJson): Record<string, unknown> {
  return { ...asRecord(packageJson['dependencies']), ...asRecord(packageJson['devDependencies']) };
}

/** Its scripts by name. Pure. */
export function scriptsOf(packageJson: PackageJson): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asRecord(packageJson['scripts']) ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
