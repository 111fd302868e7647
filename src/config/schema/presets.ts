import * as z from 'zod';
import { inWords } from './group.js';

type PresetsConfig = false | Record<string, boolean>;

/** The key `presets`. */
export const presetsSchema: z.ZodType<PresetsConfig, PresetsConfig> = inWords(
  z.union([
    z.literal(false),
    z.record(
      inWords(z.string().regex(/^[a-z][a-z0-9-]*$/), "the name of a preset such as 'fastapi'"),
      z.boolean(),
    ),
  ]),
  'false, or an object such as { django: false }',
);
