import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { loadConfig, resolveConfig } from '../../src/config/index.js';
import { plainData } from '../../src/config/check/plain.js';
import { backendSchema, configSchema } from '../../src/config/schema/index.js';
import { validate } from '../../src/config/check/validate.js';
import { isPyInstallerError } from '../../src/errors.js';
import type { Target } from '../../src/target.js';
import { writeFiles } from '../support/files.js';
import { coherent, garbage, mutate, mutation, validValue } from './arbitrary.js';
import { patience } from '../support/windows.js';

const wellFormed = validValue(configSchema);
const sound = coherent(backendSchema, ['engine', 'db', 'worker']);
const broken = fc
  .tuple(fc.oneof(wellFormed, sound), fc.array(mutation, { minLength: 1, maxLength: 3 }))
  .map(([value, changes]) => mutate(value, changes));
const targets: readonly Target[] = [
  { platform: 'linux', arch: 'x64' },
  { platform: 'darwin', arch: 'arm64' },
  { platform: 'win32', arch: 'x64' },
];

test(
  '10,000 configurations, whole and broken: resolved, or refused with the place, never anything else',
  async () => {
    const projectDir = await writeFiles({
      'package.json': '{}',
      'main.py': '',
      x: '',
      'backend/main.py': '',
      'backend/services/billing.py': '',
      'config/a.json': '{}',
    });
    const seen = { resolved: 0, refused: 0, codes: new Set<string>(), slowestMs: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          { weight: 2, arbitrary: wellFormed },
          { weight: 2, arbitrary: sound },
          { weight: 5, arbitrary: broken },
          { weight: 1, arbitrary: garbage },
        ),
        fc.constantFrom(...targets),
        async (inline, target) => {
          const begin = performance.now();
          try {
            const loaded = await loadConfig({ projectDir, inline, inlineSource: 'fuzz.config.ts' });
            const config = resolveConfig(loaded, { target });
            expect(Object.keys(loaded.config.backends)).toEqual(
              config.backends.map((backend) => backend.name),
            );
            // What is resolved can be sent and stored: no undefined, no function, nothing circular.
            expect(JSON.parse(JSON.stringify(config))).toEqual(config);
            seen.resolved += 1;
          } catch (error) {
            if (!isPyInstallerError(error)) throw error;
            seen.refused += 1;
            seen.codes.add(error.code);
            expect(['ERR_CONFIG', 'ERR_NOT_FOUND']).toContain(error.code);
            expect(error.message).not.toMatch(/\n\s+at /);
            expect(error.message.length).toBeLessThan(60_000);
            const nothingGiven =
              inline === null ||
              inline === undefined ||
              error.message.startsWith('No configuration of electron-pyinstaller');
            const failedFunction = error.message.startsWith('fuzz.config.ts: the function that makes');
            if (!nothingGiven && !failedFunction) {
              expect(error.path).toBeDefined();
              expect(error.message).toContain(
                `fuzz.config.ts: ${error.path === '' ? '(top level)' : error.path}: `,
              );
              for (const line of error.message.split('\n').slice(1))
                expect(line).toMatch(/^ {2}(?:fuzz\.config\.ts: |… and \d+ more$)/);
            }
          }
          seen.slowestMs = Math.max(seen.slowestMs, performance.now() - begin);
        },
      ),
      { numRuns: 10_000, endOnFailure: true },
    );
    // Both halves of the promise were exercised.
    expect(seen.resolved).toBeGreaterThan(1500);
    expect(seen.refused).toBeGreaterThan(3000);
    expect([...seen.codes].sort()).toEqual(['ERR_CONFIG', 'ERR_NOT_FOUND']);
    expect(seen.slowestMs).toBeLessThan(2000 * patience);
  },
  120_000 * patience,
);

test(
  'the walk over the schema gives the same verdict as zod',
  () => {
    const value = fc.oneof(wellFormed, broken, garbage).map((input) => plainData(input).value);
    fc.assert(
      fc.property(value, (input) => {
        expect(validate(configSchema, input).length === 0).toBe(z.safeParse(configSchema, input).success);
      }),
      { numRuns: 3000, endOnFailure: true },
    );
  },
  60_000 * patience,
);

test('configurations whose parts go together resolve', async () => {
  const projectDir = await writeFiles({ 'main.py': '', 'backend/main.py': '' });
  await fc.assert(
    fc.asyncProperty(sound, async (inline) => {
      const loaded = await loadConfig({ projectDir, inline });
      expect(
        resolveConfig(loaded, { target: { platform: 'linux', arch: 'x64' } }).backends.length,
      ).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test('every value made from the schema is accepted by it', () => {
  fc.assert(
    fc.property(validValue(backendSchema), (backend) => {
      expect(validate(backendSchema, backend)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
