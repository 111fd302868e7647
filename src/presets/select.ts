import type { ResolvedBackend } from '../config/resolved.js';
import type { PresetAddition } from './types.js';

/** The presets that apply to a backend, from what is installed and what the configuration switches. */
export function selectPresets(
  _backend: ResolvedBackend,
  _distributions: readonly { readonly name: string }[],
): PresetAddition[] {
  return [];
}
