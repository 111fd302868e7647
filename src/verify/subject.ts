import type { ResolvedBackend, ResolvedVerify } from '../config/resolved.js';
import type { BackendManifest, FrozenProgram } from '../runtime/manifest.js';
import type { Target } from '../target.js';
import type { AdvicePlace } from '../advice/diagnose.js';

/** A frozen backend that is looked at: from the configuration of a build, or from a packaged app alone. */
export interface Subject {
  readonly name: string;
  readonly target: Target;
  /** Absolute folder with the bundle. */
  readonly bundleDir: string;
  readonly manifest: BackendManifest;
  readonly program: FrozenProgram;
  readonly expected: ResolvedVerify;
  /** Whether the program must be a console program (Windows); null: not known. */
  readonly console: boolean | null;
  /** Name of the folder with everything but the program. */
  readonly contentsDirectory: string;
  /** How messages refer to the configuration. */
  readonly context: AdvicePlace & { readonly configFile: string };
}

/** What is checked when nothing is known but the packaged app: that it starts, answers and stops. */
export const plainExpectations: ResolvedVerify = {
  run: true,
  imports: [],
  files: [],
  http: [],
  args: null,
  maxSizeBytes: null,
  startWithinMs: null,
  glibc: null,
};

/** Make a {@link Subject} of a backend that was just frozen. */
export function subjectOf(
  backend: ResolvedBackend,
  bundleDir: string,
  manifest: BackendManifest,
  program: FrozenProgram,
): Subject {
  return {
    name: backend.name,
    target: backend.target,
    bundleDir,
    manifest,
    program,
    expected: backend.verify,
    console: backend.pyinstaller.console,
    contentsDirectory: backend.pyinstaller.contentsDirectory,
    context: { configFile: backend.configFile, configPath: backend.configPath },
  };
}
