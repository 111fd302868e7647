import * as z from 'zod';
import { group, inWords, list } from './group.js';

/** What becomes of the licenses of what is in the bundle. */
export interface LicensesConfig {
  /**
   * Name of a text file that is put beside the program: every distribution, Python, PyInstaller's bootloader and libraries of the system in the
   * bundle, with version, license and its texts. Left out: there is none.
   * @example 'THIRD-PARTY-PYTHON.txt'
   */
  file?: string;
  /**
   * Licenses that fail the build, as SPDX identifiers. Of `A OR B` one has to be allowed. A license with an exception is listed with it
   * (`GPL-2.0-only WITH Classpath-exception-2.0`). `unknown`: parts of which no license is known.
   * @defaultValue []
   * @example ['GPL-3.0-only', 'AGPL-3.0-only']
   */
  deny?: readonly string[];
  /**
   * SPDX expressions of packages and libraries that do not say their license, or not in a form that can be read, by name.
   * @defaultValue {}
   * @example { 'our-library': 'MIT' }
   */
  clarify?: Readonly<Record<string, string>>;
}

const expression = inWords(z.string().min(1), "an SPDX expression such as 'MIT' (https://spdx.org/licenses)");

/** The group `licenses`. */
export const licensesSchema = group<LicensesConfig>('LicensesConfig')({
  file: inWords(
    z.string().regex(/^[^\\/:*?"<>|]*[^\\/:*?"<>|. ]$/),
    "the name of a file, without a folder, such as 'THIRD-PARTY-PYTHON.txt'",
  ).optional(),
  deny: list(expression).optional(),
  clarify: z.record(z.string().min(1), expression).optional(),
});
