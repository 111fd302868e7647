import { PyInstallerError } from '../errors.js';

/** Release numbers of a version: `3.12.1` is `[3, 12, 1]`. */
export type Version = readonly number[];

type Operator = '>=' | '<=' | '>' | '<' | '==' | '!=' | '~=';

interface Clause {
  readonly operator: Operator;
  readonly version: Version;
  /** Written with `.*`: compares only as many numbers as are written. */
  readonly prefix: boolean;
}

/** A parsed range; see {@link parseVersionRange}. */
export interface VersionRange {
  /** As written. */
  readonly text: string;
  /** As pip and uv want it: `3.12` becomes `==3.12.*`. */
  readonly specifier: string;
  readonly clauses: readonly Clause[];
}

const clausePattern = /^(>=|<=|===?|!=|~=|>|<)?\s*(\d+(?:\.\d+)*)(\.\*)?$/;

/**
 * Parse a version range as Python projects write it: `>=3.10`, `>=3.10,<3.14`, `~=3.11`, `==3.11.7`, `!=3.12.0`,
 * `3.12.*`. A bare `3.12` means any 3.12, a bare `3.11.7` exactly that; `*` means any version.
 *
 * Operators mean what they mean in the Python packaging specification (version specifiers).
 *
 * @throws PyInstallerError `ERR_CONFIG` when it is not such a range.
 */
export function parseVersionRange(text: string): VersionRange {
  const trimmed = text.trim();
  if (trimmed === '*') return { text, specifier: '>=0', clauses: [] };
  const parts = trimmed.split(',').map((part) => part.trim());
  const clauses = parts.map((part) => parseClause(part, text));
  return { text, specifier: clauses.map(formatClause).join(','), clauses };
}

function parseClause(part: string, text: string): Clause {
  const match = clausePattern.exec(part);
  const digits = match?.[2];
  if (match === null || digits === undefined) throw invalid(text);
  const version = digits.split('.').map(Number);
  const star = match[3] !== undefined;
  const written = match[1];
  if (written === undefined) return { operator: '==', version, prefix: star || version.length < 3 };
  const operator = written === '===' ? '==' : (written as Operator);
  if (star && operator !== '==' && operator !== '!=') throw invalid(text);
  if (operator === '~=' && version.length < 2) throw invalid(text);
  return { operator, version, prefix: star };
}

function invalid(text: string): PyInstallerError {
  return new PyInstallerError('ERR_CONFIG', `${JSON.stringify(text)} is not a version range.`, {
    hint: 'Write it like one of these: >=3.10   3.12   3.12.*   >=3.10,<3.14   ~=3.11   ==3.11.7',
  });
}

function formatClause(clause: Clause): string {
  return `${clause.operator}${clause.version.join('.')}${clause.prefix ? '.*' : ''}`;
}

/** Tell whether a version lies in a range. Missing numbers count as 0. */
export function satisfies(range: VersionRange, version: Version): boolean {
  return range.clauses.every((clause) => holds(clause, version));
}

function holds(clause: Clause, version: Version): boolean {
  if (clause.prefix) return startsWith(version, clause.version) === (clause.operator === '==');
  const order = compareVersions(version, clause.version);
  if (clause.operator === '~=') return order >= 0 && startsWith(version, clause.version.slice(0, -1));
  return comparisons[clause.operator](order);
}

/** What each operator says of the order of the version against its own. */
const comparisons: Readonly<Record<Exclude<Operator, '~='>, (order: number) => boolean>> = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
};

function startsWith(version: Version, prefix: Version): boolean {
  return prefix.every((number, index) => (version[index] ?? 0) === number);
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. Missing numbers count as 0. */
export function compareVersions(a: Version, b: Version): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Release numbers of a version string: `6.22.3`, `6.23.0.dev0+local`, `2026.9`. What follows the numbers is ignored.
 * `null` when it does not begin with a number.
 */
export function parseVersion(text: string): Version | null {
  const digits = /^\s*v?(\d+(?:\.\d+)*)/.exec(text)?.[1];
  return digits === undefined ? null : digits.split('.').map(Number);
}

/** As {@link compareVersions}, for `2.34` and `2.5`. */
export function compareVersionTexts(a: string, b: string): number {
  return compareVersions(parseVersion(a) ?? [], parseVersion(b) ?? []);
}

/** `[3, 12, 1]` as `3.12.1`. */
export function formatVersion(version: Version): string {
  return version.join('.');
}
