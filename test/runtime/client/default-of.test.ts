import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { defaultOf } from '../../../src/runtime/client/index.js';

type CreateClient = (target: object) => { readonly GET: unknown };
const openapiFetch: string = 'openapi-fetch';

test('the client is made of what is imported by default, and of all exports of CommonJS taken for that, as Rollup does', async () => {
  const { default: imported } = (await import(openapiFetch)) as { readonly default: CreateClient };
  const required = createRequire(import.meta.url)(openapiFetch) as CreateClient;
  // Without this, `createClient is not a function` in an app of electron-vite.
  expect(typeof required).toBe('object');
  for (const one of [imported, required])
    expect(defaultOf(one)({ baseUrl: 'http://localhost' }).GET).toBeTypeOf('function');
});
