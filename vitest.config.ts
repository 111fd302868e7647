import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Files that take minutes. */
const longest = [
  'presets.e2e',
  'provision.e2e',
  'example-app.e2e',
  'options.e2e',
  'frozen.e2e',
  'reproductions-scripts.e2e',
];

/** The longest first, so that both cores are busy until the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((name) => moduleId.includes(`/${name}.`));
      return index < 0 ? longest.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/support/search-tokens.ts'],
    // `retry: 1` below: real processes on a machine that others use too. A second try tells a slow moment from a fault, and `npm test` names the
    // tests that needed one.
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/**/*.e2e.test.ts',
            '**/node_modules/**',
            'test/e2e/work/**',
            'test/windows/**',
            'test/windows-packaging/**',
            'test/macos/**',
          ],
          testTimeout: 20_000,
          // What is waited for comes late on a busy machine, and under Wine.
          expect: { poll: { timeout: 10_000 } },
          // Vitest would leave one core to itself: half of a small machine.
          maxWorkers: '100%',
          setupFiles: ['test/support/record-tokens.ts'],
          retry: 1,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          exclude: ['**/node_modules/**', 'test/e2e/work/**'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          setupFiles: ['test/support/worker-folder.ts', 'test/support/record-tokens.ts'],
          // Freezing keeps one core busy, and most of the others wait.
          maxWorkers: 2,
          retry: 1,
        },
      },
      {
        test: {
          name: 'macos',
          include: ['test/macos/**/*.macos.test.ts'],
          // `npm run test:macos` makes what they need.
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'windows',
          include: ['test/windows/**/*.windows.test.ts'],
          // `npm run test:windows` runs it under Wine, where all is slow.
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'windows-packaging',
          include: ['test/windows-packaging/**/*.packaging.test.ts'],
          // `npm run test:windows -- packaging` makes what they need. On Linux; what was packaged runs under Wine.
          testTimeout: 1_800_000,
          hookTimeout: 900_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
