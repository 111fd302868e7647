import path from 'node:path';
import { dataLine } from '../../freeze/strict/data-line.js';
import type { Lender } from '../../freeze/types.js';
import { isPyInstallerError, PyInstallerError } from '../../errors.js';
import type { Subject } from '../subject.js';
import type { Placed } from './as-folder.js';
import { lend, type LentPart } from './lend.js';
import { missingParts } from './missing-parts.js';

/** Starts of the program after the first; each takes seconds where a freeze takes minutes. */
const maxTries = 20;
/** No further try begins after this. */
const patienceMs = 90_000;

/** How a try ended: what it printed, and why it failed; null: it passed. */
export interface Try {
  readonly output: string;
  readonly error: PyInstallerError | null;
}

/**
 * Find out what else a program lacks that failed for something missing: lend it that, start it again, and so on, in a place that
 * is thrown away. All of it stands in the error then, as one edit, instead of one thing in each build.
 */
export async function lookFurther(
  first: Try & { readonly error: PyInstallerError },
  { subject, lender, place: { bundle, userData } }: Placed & { readonly lender: Lender },
  again: (lent: readonly LentPart[]) => Promise<Try>,
): Promise<PyInstallerError> {
  const place = subject.context.bundle;
  if (place?.contents == null) return first.error;
  const to = {
    contents: path.join(bundle, place.contents),
    workingDirectory: subject.manifest.settings.cwd === null ? userData : null,
  };
  const executable = path.join(bundle, subject.program.executable);
  const excludes = subject.context.origins?.excludes ?? [];
  const deadline = performance.now() + patienceMs;
  const lent: LentPart[] = [];
  let last: Try = first;
  for (let round = 0; round < maxTries && performance.now() < deadline && last.error !== null; round++) {
    const asked = missingParts(`${last.output}\n${last.error.message}`, place).filter(
      ({ kind, name }) =>
        !lent.some((part) => part.kind === kind && part.name === name) &&
        !(kind === 'module' && excludes.some((one) => name === one || name.startsWith(`${one}.`))),
    );
    // What cannot be lent for another reason is no news about the program.
    const had = await lend(asked, to, executable, lender).catch((): LentPart[] => []);
    if (had.length === 0) break;
    lent.push(...had);
    last = await again(lent);
  }
  return lent.length === 0 ? first.error : withAll(first.error, lent, last, subject, lender);
}

/** The first error, with one edit for everything that was missing. */
function withAll(
  error: PyInstallerError,
  lent: readonly LentPart[],
  last: Try,
  { context }: Subject,
  { project }: Lender,
): PyInstallerError {
  const { hint, file, path: configPath, backend, log, cause } = error;
  const seen = hint === undefined ? error.message : error.message.replace(`\n${hint}`, '');
  const what = withoutParents(lent).map(({ kind, name }) =>
    kind === 'metadata' ? `the metadata of ${name}` : name,
  );
  const end =
    last.error === null
      ? 'With all of it the program passes.'
      : `With all of it the program comes further, and fails otherwise:\n${last.error.message}`;
  const relative = [...new Set(lent.filter(({ kind }) => kind === 'relative').map(({ name }) => name))];
  const code =
    relative.length === 0
      ? ''
      : ` Relative paths start at the user's data folder in the app: write ${relative.map((name) => `resource_path('${name}')`).join(', ')} in the code.`;
  const all = `Everything that is missing (found by lending it to the program, one after the other): ${what.join(', ')}.
  fix:  Add \`${editFor(lent, project)}\` to ${context.configPath} in ${context.configFile}.${code} ${end}`;
  return new PyInstallerError(error.code, seen, {
    backend,
    file,
    path: configPath,
    log,
    cause,
    hint: hint === undefined ? all : `${hint}\n${all}`,
  });
}

/** A module brings the packages it is in. */
function withoutParents(lent: readonly LentPart[]): LentPart[] {
  const names = lent.filter(({ kind }) => kind === 'module').map(({ name }) => name);
  return lent.filter(
    ({ kind, name }) => kind !== 'module' || !names.some((other) => other.startsWith(`${name}.`)),
  );
}

/** One line of configuration that asks for all of it. */
export function editFor(lent: readonly LentPart[], project: Lender['project']): string {
  const of = (kind: LentPart['kind']): LentPart[] =>
    withoutParents(lent).filter((part) => part.kind === kind);
  const list = (names: readonly string[]): string =>
    [...new Set(names)].map((name) => `'${name}'`).join(', ');
  const own = [...of('file'), ...of('relative')].flatMap(({ source, name, folder, package: owner }) =>
    source === null || owner !== null ? [] : [{ source, bundle: name, folder }],
  );
  const packages = of('file').flatMap((part) => part.package ?? []);
  const collected = [
    ...(of('metadata').length > 0 ? [`metadata: [${list(of('metadata').map(({ name }) => name))}]`] : []),
    ...(packages.length > 0 ? [`data: [${list(packages)}]`] : []),
  ];
  return [
    ...(of('module').length > 0 ? [`hiddenImports: [${list(of('module').map(({ name }) => name))}]`] : []),
    ...(collected.length > 0 ? [`collect: { ${collected.join(', ')} }`] : []),
    ...(own.length > 0 ? [dataLine(project, own)] : []),
  ].join(', ');
}

/** What was thrown, as the end of a try; what is no failure of the program is thrown on. */
export function asFailure(error: unknown): PyInstallerError {
  if (!isPyInstallerError(error) || error.code !== 'ERR_VERIFY') throw error;
  return error;
}
