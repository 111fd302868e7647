import { PyInstallerError } from '../../errors.js';
import { type Target, type TargetArch, targetArchs, type TargetPlatform } from '../../target.js';

/** What one packaging command asks for. */
export interface PackagingRequest {
  readonly platform: TargetPlatform;
  /** Architectures to freeze for, without repetition, in the order asked for. */
  readonly archs: readonly TargetArch[];
  /** True: a macOS universal app is among the results, so both architectures go into every app of this command. */
  readonly universal: boolean;
}

/** Architectures that `all` is taken to mean. Packaging for a rarer one freezes when it comes to it. */
const commonArchs: readonly TargetArch[] = ['x64', 'arm64'];

/**
 * Turn a host's platform name (`mas` is macOS too) into ours.
 *
 * @throws PyInstallerError `ERR_TARGET` for anything PyInstaller has no bundles for
 */
export function parsePlatform(platform: string): TargetPlatform {
  if (platform === 'mas' || platform === 'darwin') return 'darwin';
  if (platform === 'linux' || platform === 'win32') return platform;
  throw new PyInstallerError(
    'ERR_TARGET',
    `Cannot freeze a Python backend for platform ${JSON.stringify(platform)}.`,
    {
      hint: 'PyInstaller makes programs for "linux", "darwin" and "win32".',
    },
  );
}

/**
 * Expand what stands behind `--arch`. Forge hands it to plugins as typed: `x64`, `x64,arm64`, `all`, `universal`.
 *
 * @throws PyInstallerError `ERR_TARGET` for an unknown architecture
 */
export function parseRequest(platform: string, arch: string): PackagingRequest {
  const resolvedPlatform = parsePlatform(platform);
  const archs = new Set<TargetArch>();
  let universal = false;
  for (const word of arch.split(',').map((part) => part.trim())) {
    if (word === '') continue;
    const known = targetArchs.find((name) => name === word);
    if (word === 'all' || word === 'universal') {
      for (const common of commonArchs) archs.add(common);
      universal ||= resolvedPlatform === 'darwin';
    } else if (known !== undefined) {
      archs.add(known);
    } else {
      throw new PyInstallerError(
        'ERR_TARGET',
        `Cannot freeze a Python backend for architecture ${JSON.stringify(word)} (from --arch=${arch}).`,
        { hint: `Known architectures: ${targetArchs.join(', ')}, universal (macOS) and all.` },
      );
    }
  }
  if (archs.size === 0) {
    throw new PyInstallerError(
      'ERR_TARGET',
      `No architecture to freeze for in --arch=${JSON.stringify(arch)}.`,
      {
        hint: `Name one or more of ${targetArchs.join(', ')}.`,
      },
    );
  }
  return { platform: resolvedPlatform, archs: [...archs], universal };
}

/** Every target of a request. */
export function requestTargets(request: PackagingRequest): Target[] {
  return request.archs.map((arch) => ({ platform: request.platform, arch }));
}
