export { selectPresets } from './select.js';
export { presetTable } from './table.js';
export type { Preset, PresetAddition, PresetRequest } from './types.js';
