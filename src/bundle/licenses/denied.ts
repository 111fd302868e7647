import { deniedLicense } from '../../lib/spdx.js';
import type { LicensedPart } from './list-licenses.js';

/** A part that a deny list does not allow. */
export interface DeniedPart {
  readonly part: LicensedPart;
  /** The license; `unknown`: nobody knows it. */
  readonly license: string;
}

/** The parts that a list of SPDX identifiers does not allow. `unknown` in it refuses parts of which no license is known. Pure. */
export function deniedParts(parts: readonly LicensedPart[], denied: readonly string[]): DeniedPart[] {
  return parts.flatMap((part) => {
    const { expression } = part;
    if (expression === null) return denied.includes('unknown') ? [{ part, license: 'unknown' }] : [];
    const license = deniedLicense(expression, denied);
    return license === null ? [] : [{ part, license }];
  });
}
