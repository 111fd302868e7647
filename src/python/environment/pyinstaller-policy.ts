import { PyInstallerError } from '../../errors.js';
import {
  compareVersions,
  formatVersion,
  parseVersion,
  parseVersionRange,
  satisfies,
} from '../../config/version-range.js';
import { recommendedPyInstaller, supportedPyInstaller } from '../../config/limits.js';

/**
 * Their bootloader refuses to run a onefile program in situations that are ordinary for an Electron app (restarted by
 * its own backend, started from a frozen updater): pyinstaller issues 9507-9513, eased in 6.22.3.
 */
const brokenForOnefile = ['6.22.1', '6.22.2'];

/** From this Python on, this PyInstaller is needed: its changelog. */
const neededForPython: readonly { readonly python: readonly number[]; readonly pyinstaller: string }[] = [
  { python: [3, 15], pyinstaller: '6.21.0' },
  // 3.14 starts multiprocessing workers with `forkserver`, which earlier versions break.
  { python: [3, 14], pyinstaller: '6.20.0' },
];

/**
 * The requirement to install PyInstaller by: the recommended version when the range allows it, else the range itself.
 *
 * @throws PyInstallerError `ERR_CONFIG` when the range pins a version that cannot be used.
 */
export function pyinstallerRequirement(range: string, mode: 'onedir' | 'onefile'): string {
  const parsed = parseVersionRange(range);
  const recommended = parseVersion(recommendedPyInstaller) ?? [];
  if (satisfies(parsed, recommended)) return `pyinstaller==${recommendedPyInstaller}`;
  const pinned = parsed.clauses.find((clause) => clause.operator === '==' && !clause.prefix);
  if (pinned !== undefined) {
    const problem = checkPyInstaller(formatVersion(pinned.version), { range, mode, python: null });
    if (problem !== null) {
      throw new PyInstallerError(
        'ERR_CONFIG',
        `pyinstaller.version is ${JSON.stringify(range)}: ${problem.detail}`,
        {
          hint: problem.fix,
        },
      );
    }
  }
  const excluded = mode === 'onefile' ? brokenForOnefile.map((version) => `,!=${version}`).join('') : '';
  return `pyinstaller${parsed.specifier},${supportedPyInstaller}${excluded}`;
}

/** What {@link checkPyInstaller} compares with. */
export interface PyInstallerNeeds {
  /** `pyinstaller.version` of the configuration. */
  readonly range: string;
  readonly mode: 'onedir' | 'onefile';
  /** Version of the Python it runs in; null: not known yet. */
  readonly python: readonly number[] | null;
}

/** Decide whether an installed PyInstaller may be used. null: yes. Pure. */
export function checkPyInstaller(
  version: string,
  needs: PyInstallerNeeds,
): { readonly detail: string; readonly fix: string } | null {
  const numbers = parseVersion(version);
  const install = `Install ${recommendedPyInstaller}, which is known to work.`;
  if (numbers === null)
    return { detail: `PyInstaller calls itself ${JSON.stringify(version)}.`, fix: install };
  if (!satisfies(parseVersionRange(supportedPyInstaller), numbers)) {
    return { detail: `PyInstaller ${version} is not supported (${supportedPyInstaller} is).`, fix: install };
  }
  // The default is a recommendation: what the project's own environment or lock has may be any supported version.
  const isDefault = needs.range === recommendedPyInstaller;
  if (!isDefault && !satisfies(parseVersionRange(needs.range), numbers)) {
    return {
      detail: `PyInstaller ${version} does not satisfy pyinstaller.version ${needs.range}.`,
      fix: 'Change one of the two: the version the project asks for, or pyinstaller.version.',
    };
  }
  if (needs.mode === 'onefile' && brokenForOnefile.includes(formatVersion(numbers))) {
    return {
      detail: `PyInstaller ${version} makes onefile programs that refuse to start from some parents.`,
      fix: `Use ${recommendedPyInstaller} or mode onedir.`,
    };
  }
  const { python } = needs;
  const rule = neededForPython.find((row) => python !== null && compareVersions(python, row.python) >= 0);
  if (rule !== undefined && compareVersions(numbers, parseVersion(rule.pyinstaller) ?? []) < 0) {
    return {
      detail: `PyInstaller ${version} is too old for Python ${formatVersion(rule.python)}: it needs ${rule.pyinstaller} or newer.`,
      fix: install,
    };
  }
  return null;
}

/** Months since a hooks-contrib version (`2026.9`: year and month) came out; null when it is not such a version. */
function hooksAgeMonths(version: string, now: Date): number | null {
  const [year, month] = parseVersion(version) ?? [];
  if (year === undefined || month === undefined || year < 2019) return null;
  return (now.getUTCFullYear() - year) * 12 + (now.getUTCMonth() + 1 - month);
}

/** Months after which the recipes of pyinstaller-hooks-contrib are likely to miss new releases of big packages. */
const oldHooksMonths = 6;

/** A sentence about hooks that are old; null: they are not, or nobody knows. */
export function oldHooksWarning(version: string, now: Date): string | null {
  const age = hooksAgeMonths(version, now);
  if (age === null || age <= oldHooksMonths) return null;
  return (
    `pyinstaller-hooks-contrib ${version} is ${age} months old: newer releases of big packages (numpy, torch, …) may be ` +
    'frozen without a message and fail when they are imported.'
  );
}
