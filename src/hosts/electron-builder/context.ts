import path from 'node:path';
import type { AfterPackContext, PlatformSpecificBuildOptions } from 'app-builder-lib';
import { PyInstallerError } from '../../errors.js';
import { type PackagingRequest, parsePlatform } from '../shared/targets.js';
import type { TargetArch } from '../../target.js';

/** The parts of electron-builder's configuration that the hooks read and change. */
export interface BuilderConfig extends Pick<PlatformSpecificBuildOptions, 'extraResources' | 'files'> {
  extraMetadata?: Record<string, unknown> | null;
}

/** Platform section (`mac`, `win`, `linux`) of the configuration. Names differ between electron-builder 26 and 27. */
export interface PlatformOptions extends Pick<PlatformSpecificBuildOptions, 'files'> {
  signIgnore?: string | string[] | null;
  x64ArchFiles?: string | null;
  sign?: unknown;
  universal?: { x64ArchFiles?: string | null } | null;
  signExts?: string[] | null;
  [option: string]: unknown;
}

/** Cancels a build; electron-builder sets it on Ctrl-C. */
export interface CancellationToken {
  readonly cancelled: boolean;
  on?(event: 'cancel', listener: () => void): unknown;
  removeListener?(event: 'cancel', listener: () => void): unknown;
}

/** `context.packager`, structurally: version 27 hides parts of it from TypeScript, and moves some. */
export interface BuilderPackager {
  readonly config: BuilderConfig;
  readonly projectDir: string;
  readonly appDir?: string;
  readonly cancellationToken?: CancellationToken;
  /** Version 27. */
  readonly platformOptions?: PlatformOptions;
  /** Version 26. */
  readonly platformSpecificBuildOptions?: PlatformOptions;
  readonly info?: { readonly appDir?: string; readonly cancellationToken?: CancellationToken };
  readonly appInfo?: { readonly productFilename: string };
  getResourcesDir?(appOutDir: string): string;
}

/** What electron-builder passes to `beforePack`, `afterExtract` and `afterPack`. */
export interface BuilderContext extends Pick<
  AfterPackContext,
  'outDir' | 'appOutDir' | 'electronPlatformName'
> {
  /** Number of electron-builder's `Arch`. */
  readonly arch: number;
  readonly packager: BuilderPackager;
  /** What is made of the packed app. */
  readonly targets?: readonly { readonly name: string }[];
}

/** What electron-builder passes to `artifactBuildCompleted`. */
export interface FinishedArtifact {
  readonly file: string;
}

/** One run of packing, in our words. */
export interface Pack {
  readonly request: PackagingRequest;
  /** Architecture of this pack; for a merged universal app the first of its two. */
  readonly arch: TargetArch;
  /** True: both slices have been joined; only checking is left. */
  readonly merged: boolean;
}

/** electron-builder's `Arch`, by number. */
const archNames = ['ia32', 'x64', 'armv7l', 'arm64', 'universal'] as const;

/**
 * Understand what a hook was called for. A universal app is packed three times: once per slice, recognisable by the
 * name of its temporary folder only, and once merged.
 *
 * @throws PyInstallerError `ERR_TARGET` for an architecture that is not known
 */
export function readPack(context: Pick<BuilderContext, 'appOutDir' | 'arch' | 'electronPlatformName'>): Pack {
  const platform = parsePlatform(context.electronPlatformName);
  const arch = archNames[context.arch];
  if (arch === undefined) {
    throw new PyInstallerError(
      'ERR_TARGET',
      `electron-builder packs for an architecture with number ${context.arch}, which is not known here.`,
      { hint: `Known: ${archNames.map((name, index) => `${index} (${name})`).join(', ')}.` },
    );
  }
  const merged = arch === 'universal';
  const isSlice = platform === 'darwin' && /-(?:x64|arm64)-temp$/.test(path.basename(context.appOutDir));
  if (merged || isSlice) {
    const request: PackagingRequest = { platform, archs: ['x64', 'arm64'], universal: true };
    return { request, arch: merged ? 'x64' : arch, merged };
  }
  return { request: { platform, archs: [arch], universal: false }, arch, merged: false };
}

/** The running platform's section, in either version. */
export function platformOptionsOf(packager: BuilderPackager): PlatformOptions {
  return packager.platformOptions ?? packager.platformSpecificBuildOptions ?? {};
}

/** Folder whose contents become the app; the project itself unless `directories.app` says otherwise. */
export function appDirOf(packager: BuilderPackager): string {
  return packager.appDir ?? packager.info?.appDir ?? packager.projectDir;
}

/** Resources folder of the app that is being packed. */
export function resourcesDirOf(context: BuilderContext): string {
  const { packager, appOutDir } = context;
  if (packager.getResourcesDir !== undefined) return packager.getResourcesDir(appOutDir);
  if (parsePlatform(context.electronPlatformName) !== 'darwin') return path.join(appOutDir, 'resources');
  return path.join(appOutDir, `${packager.appInfo?.productFilename ?? ''}.app`, 'Contents', 'Resources');
}
