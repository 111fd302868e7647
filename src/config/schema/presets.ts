import * as z from 'zod';
import { presetTable } from '../presets/table.js';
import { inWords } from './group.js';

type PresetsConfig = false | Record<string, boolean>;

const names = presetTable.map((preset) => preset.name);

/** The key `presets`. Its keys are the names in the table, so that a misspelt one is an unknown key like any other. */
export const presetsSchema = inWords(
  z.union([z.literal(false), z.partialRecord(z.enum(names), z.boolean())]),
  'false, or an object such as { django: false }',
  // zod says that a value may be undefined, which no configuration file can write.
) as z.ZodType<PresetsConfig> as z.ZodType<PresetsConfig, PresetsConfig>;
