import { noVerification } from '../config/resolve/verify.js';
import type { ResolvedBackend, ResolvedVerify } from '../config/resolved.js';
import type { BackendManifest, FrozenProgram } from '../runtime/manifest.js';
import type { Target } from '../target.js';
import type { AdvicePlace } from '../advice/diagnose.js';
import type { Lender } from '../freeze/types.js';

/** A frozen backend that is looked at: from the configuration of a build, or from a packaged app alone. */
export interface Subject {
  readonly name: string;
  readonly target: Target;
  /** Absolute folder with the bundle. */
  readonly bundleDir: string;
  readonly manifest: BackendManifest;
  readonly program: FrozenProgram;
  readonly expected: ResolvedVerify;
  /** Path of the OpenAPI document that types are made of; left out: none are made. */
  readonly openapi?: string | undefined;
  /** Whether the program must be a console program (Windows); null: not known. */
  readonly console: boolean | null;
  /** Whether PyInstaller was asked to strip the libraries; left out: not known. */
  readonly strip?: boolean | undefined;
  /** Where what it lacks can be had; left out: not known. */
  readonly lender?: Lender | undefined;
  /** How messages refer to the configuration. */
  readonly context: AdvicePlace & { readonly configFile: string };
}

/** What is checked when nothing is known but the packaged app: that it starts, answers and stops. */
export const plainExpectations: ResolvedVerify = { ...noVerification, run: true };

/** What {@link Subject.console} is for a backend: a hand-written spec decides it by itself. */
export function expectedConsole(backend: ResolvedBackend): boolean | null {
  return backend.entry.type === 'spec' ? null : backend.pyinstaller.console;
}

/** What {@link Subject.strip} is for a backend: not known of what a hand-written spec or another machine made. */
export function isStripped(backend: ResolvedBackend): boolean | undefined {
  return backend.entry.type === 'spec' || backend.prebuilt !== null ? undefined : backend.pyinstaller.strip;
}

/** Make a {@link Subject} of a backend that was just frozen. */
export function subjectOf(
  backend: ResolvedBackend,
  bundleDir: string,
  manifest: BackendManifest,
  program: FrozenProgram,
  known: Pick<AdvicePlace, 'installed' | 'origins'> & { readonly lender?: Lender } = {},
): Subject {
  const { lender, ...origins } = known;
  return {
    name: backend.name,
    target: backend.target,
    bundleDir,
    manifest,
    program,
    expected: backend.verify,
    openapi: backend.client?.openapi,
    console: expectedConsole(backend),
    strip: isStripped(backend),
    lender,
    context: {
      configFile: backend.configFile,
      configPath: backend.configPath,
      ...origins,
    },
  };
}
