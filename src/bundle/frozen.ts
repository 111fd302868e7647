import type { ResolvedBackend } from '../config/resolved.js';
import type { BackendManifest } from '../runtime/manifest.js';

/** A backend whose bundle exists, is checked, and may be placed. */
export interface FrozenBackend {
  readonly backend: ResolvedBackend;
  /** Absolute folder with the bundle's contents (the executable is directly inside). Read-only for everybody. */
  readonly bundleDir: string;
  /** What the runtime will read; directories name the folder under the app's resources. */
  readonly manifest: BackendManifest;
  /** Content key. */
  readonly key: string;
  /** True: PyInstaller was not started. */
  readonly cached: boolean;
  readonly elapsedMs: number;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly warnings: readonly string[];
  /** The OpenAPI document that the program answered with, when types are made of it. */
  readonly document?: Readonly<Record<string, unknown>> | undefined;
}
