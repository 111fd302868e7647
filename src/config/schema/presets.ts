import * as z from 'zod';
import { presetNames, type PresetName } from '../presets/names.js';
import { inWords } from './group.js';

/** Presets on or off by name; all off with `false`. */
export type PresetsConfig = false | { readonly [Name in PresetName]?: boolean };

/** The key `presets`. A misspelt name is an unknown key like any other. */
export const presetsSchema = inWords(
  z.union([z.literal(false), z.partialRecord(z.enum(presetNames), z.boolean())]),
  'false, or an object such as { django: false }',
  // zod says that a value may be undefined, which no configuration file can write.
) as z.ZodType<PresetsConfig> as z.ZodType<PresetsConfig, PresetsConfig>;
