import type { ResolvedBackend } from '../resolved.js';
import { presetTable } from './table.js';
import type { Preset, PresetAddition } from './types.js';

/**
 * The presets that apply to a backend, from what is installed and what the configuration switches. Pure.
 *
 * Those that add nothing are left out: they would change the fingerprint for no reason.
 */
export function selectPresets(
  backend: Pick<ResolvedBackend, 'presets' | 'entry'>,
  distributions: readonly { readonly name: string }[],
  table: readonly Preset[] = presetTable,
): PresetAddition[] {
  // A hand-written spec says everything itself.
  if (backend.entry.type === 'spec') return [];
  const installed = new Set(distributions.map((distribution) => distribution.name));
  return table
    .filter((preset) => isOn(preset, backend.presets, installed))
    .filter((preset) => preset.requests.length > 0 || preset.folders !== undefined)
    .map(({ name, requests, folders }) => ({
      name,
      requests,
      ...(folders === undefined ? {} : { folders }),
    }));
}

function isOn(
  preset: Preset,
  { auto, on, off }: ResolvedBackend['presets'],
  installed: ReadonlySet<string>,
): boolean {
  if (off.includes(preset.name)) return false;
  if (on.includes(preset.name)) return true;
  return auto && (preset.when.length === 0 || preset.when.some((name) => installed.has(name)));
}
