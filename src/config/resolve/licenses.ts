import { isExpression } from '../../lib/spdx.js';
import type { ResolvedLicenses } from '../resolved.js';
import type { BackendOverrides } from '../schema/index.js';
import type { BackendContext } from './context.js';

/** The group `licenses`. */
export function resolveLicenses(context: BackendContext, config: BackendOverrides): ResolvedLicenses {
  const { file = null, deny = [], clarify = {} } = config.licenses ?? {};
  const check = (text: string, place: (string | number)[], also = ''): void => {
    if (!isExpression(text))
      context.problem(
        ['licenses', ...place],
        `"${text}" is no SPDX license${also}; the identifiers are listed at https://spdx.org/licenses`,
      );
  };
  for (const [index, text] of deny.entries())
    if (text !== 'unknown') check(text, ['deny', index], ", nor 'unknown'");
  for (const [name, text] of Object.entries(clarify)) check(text, ['clarify', name]);
  return { file, deny: [...deny], clarify: { ...clarify } };
}
