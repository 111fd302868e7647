import { formatBytes } from '../../lib/text.js';

/** What a kind of installer can hold. */
export interface InstallerLimit {
  /** Names of electron-builder's targets, and of Forge's makers without `@electron-forge/maker-`. */
  readonly kinds: readonly string[];
  readonly limitBytes: number;
  /** One file holds the app for all architectures. Default false. */
  readonly together?: boolean;
  /** What the limit counts, and what happens beyond it. */
  readonly seen: string;
  readonly fix: string;
}

const gib = 2 ** 30;

/** Sources: docs/installers.md. */
export const installerLimits: readonly InstallerLimit[] = [
  {
    kinds: ['nsis', 'portable'],
    limitBytes: 2 * gib,
    together: true,
    seen: 'holds 2 GB of compressed data, of all architectures together; beyond that makensis fails, or leaves an installer that installs nothing',
    fix: 'Use the target `nsis-web` (the app is a file beside the installer), name NSISBI in `nsis.customNsisBinary`, build one architecture at a time, or make the backend smaller',
  },
  {
    kinds: ['squirrel'],
    limitBytes: 2 * gib,
    seen: 'is made of a package (.nupkg) in which a file of 2 GB and more cannot be packed, and of a Setup.exe that holds all of it',
    fix: 'Use another installer (`nsis-web`, MSIX, a zip file), or make the backend smaller',
  },
  {
    kinds: ['msi', 'msi-wrapped', 'wix'],
    limitBytes: 2 * gib,
    seen: 'keeps its files in a cabinet, which holds 2 GB',
    fix: 'Use another installer, or make the backend smaller',
  },
  {
    kinds: ['deb'],
    limitBytes: 9_999_999_999,
    seen: 'holds 10 GB of compressed data: the size of its part has ten digits',
    fix: 'Use AppImage or tar.gz, or make the backend smaller',
  },
];

/**
 * Say which of the installers that are about to be made may be too small for the backends. What counts for most of them is
 * compressed, and known only afterwards: this is a warning.
 *
 * @param kinds - as in {@link InstallerLimit.kinds}; unknown ones have no limit
 * @param sizesBytes - the backends', uncompressed, for each architecture of this run
 */
export function limitWarnings(
  kinds: readonly string[],
  sizesBytes: readonly number[],
  limits: readonly InstallerLimit[] = installerLimits,
): string[] {
  return limits.flatMap(({ kinds: limited, limitBytes, together = false, seen, fix }) => {
    const bytes = together ? sizesBytes.reduce((sum, one) => sum + one, 0) : Math.max(0, ...sizesBytes);
    const found = kinds.find((kind) => limited.includes(kind.toLowerCase()));
    if (found === undefined || bytes < limitBytes) return [];
    return [
      `the backends have ${formatBytes(bytes)}, and ${found} ${seen}. ${fix} (\`npx electron-pyinstaller report\` shows what is big; docs/installers.md).`,
    ];
  });
}
