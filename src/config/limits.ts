import { parseVersionRange, satisfies } from './version-range.js';

/** Versions of PyInstaller that work with this package; the range of `pyinstaller.version` narrows it. */
export const supportedPyInstaller = '>=6.16,<7';

/** Installed unless the range forbids it. */
export const recommendedPyInstaller = '6.22.3';

/** Versions that PyInstaller 6.22 and the companion both support. */
export const supportedPython = '>=3.10,<3.16';

/** Minor versions that are searched by name, in the order they are preferred when the range leaves the choice. */
export const supportedMinors = [15, 14, 13, 12, 11, 10].filter((minor) =>
  satisfies(parseVersionRange(supportedPython), [3, minor]),
);

const patches = Array.from({ length: 40 }, (_, patch) => patch);

/** Supported minor versions a range may allow, newest first. */
export function allowedMinors(text: string): number[] {
  const range = parseVersionRange(text);
  // A range may exclude single patch releases: a minor counts when some patch release of it is allowed.
  return supportedMinors.filter((minor) => patches.some((patch) => satisfies(range, [3, minor, patch])));
}

/** A version of the range to install, as uv and pyenv take it: 3.12, which every package has wheels for, or the nearest to it. */
export function versionToInstall(text: string): string {
  const exact = /^(?:===?)?\s*(3\.\d+\.\d+)$/.exec(text.trim())?.[1];
  const allowed = allowedMinors(text);
  return exact ?? `3.${allowed.findLast((minor) => minor >= 12) ?? allowed[0] ?? 12}`;
}
