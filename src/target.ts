/** Operating systems a backend can be frozen for, in Node's spelling. */
export type TargetPlatform = 'linux' | 'darwin' | 'win32';

/** Processor architectures a backend can be frozen for, in Node's spelling. */
export type TargetArch = 'x64' | 'arm64' | 'ia32' | 'armv7l';

/** Every {@link TargetPlatform}. */
export const targetPlatforms: readonly TargetPlatform[] = ['linux', 'darwin', 'win32'];

/** Every {@link TargetArch}. */
export const targetArchs: readonly TargetArch[] = ['x64', 'arm64', 'ia32', 'armv7l'];

/** One platform and architecture: what a bundle is made for. */
export interface Target {
  readonly platform: TargetPlatform;
  readonly arch: TargetArch;
}

/** `linux-x64` and the like: used in folder names and as configuration keys. */
export function targetName(target: Target): string {
  return `${target.platform}-${target.arch}`;
}

/** The platform and architecture of the running Node. */
export function hostTarget(): Target {
  return { platform: process.platform as TargetPlatform, arch: process.arch as TargetArch };
}
