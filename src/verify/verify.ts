import type { ResolvedBackend } from '../config/resolved.js';
import type { AdvicePlace } from '../advice/diagnose.js';
import type { Lender } from '../freeze/types.js';
import { PyInstallerError } from '../errors.js';
import type { BackendManifest } from '../runtime/manifest.js';
import { checkSubject, type VerifyOptions, type VerifyResult } from './check-subject.js';
import { subjectOf } from './subject.js';

/** What {@link verifyBundle} looks at. */
export interface VerifyInput {
  readonly backend: ResolvedBackend;
  /** Absolute folder with the bundle; the program is directly inside. */
  readonly bundleDir: string;
  /** As the runtime will read it. */
  readonly manifest: BackendManifest;
  /** What it was frozen from, for advice about a failure; left out: not known. */
  readonly known?: (Pick<AdvicePlace, 'installed' | 'origins'> & { readonly lender?: Lender }) | undefined;
}

/**
 * Prove that a frozen backend works, with the runtime the app itself will use.
 *
 * The headers of all programs and libraries are checked against the target, and size and glibc floor against
 * `verify.maxSize` and `verify.glibc`. Then, unless `verify.run` is off or the bundle is for another system, a read-only
 * copy is started: path with a space and a letter outside ASCII, no Python to be found, empty home and temporary folders. It must
 * become ready (within `verify.startWithinMs`), hold `verify.imports` and `verify.files`, answer `verify.http`, stop, and
 * leave no process.
 *
 * @throws PyInstallerError `ERR_VERIFY` with the last output, the cause where it is known, and the edit that cures it;
 * `ERR_CANCELLED`.
 */
export async function verifyBundle(input: VerifyInput, options: VerifyOptions = {}): Promise<VerifyResult> {
  const { backend, bundleDir, manifest, known } = input;
  if (manifest.program.type !== 'frozen') {
    throw new PyInstallerError(
      'ERR_VERIFY',
      `Verifying backend ${backend.name}: its manifest describes a program run from source.`,
      {
        backend: backend.name,
        hint: 'Freeze it first.',
      },
    );
  }
  return checkSubject(subjectOf(backend, bundleDir, manifest, manifest.program, known), options);
}
