import * as z from 'zod';
import { group, inWords } from './group.js';
import { filePath, urlPath } from './values.js';

/** Where the types of a backend's API come from and where they go. */
export interface ClientConfig {
  /**
   * Path at which the backend answers with its OpenAPI document (version 3, JSON).
   * @defaultValue '/openapi.json'
   * @example '/api/openapi.json'
   */
  openapi?: string;
  /**
   * File that the types are written to, relative to the project; the document goes beside it (`.json` instead of `.ts`).
   * Left out: `<name>.api.gen.ts` beside `backends.gen.ts`.
   * @example 'src/api/engine.gen.ts'
   */
  output?: string;
}

/** The key `client`. */
export const clientSchema: z.ZodType<boolean | ClientConfig, boolean | ClientConfig> = inWords(
  z.union([
    z.boolean(),
    group<ClientConfig>('ClientConfig')({
      openapi: urlPath.optional(),
      output: filePath.optional(),
    }),
  ]),
  "true, false, or an object such as { openapi: '/openapi.json', output: 'src/engine.api.gen.ts' }",
);
