export { selectPresets } from './select.js';
export type { PresetAddition, PresetRequest } from './types.js';
