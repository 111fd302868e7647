import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import { BackendError } from '../../src/runtime/index.js';
import type { Backend } from '../../src/runtime/index.js';
import { fixtureBackend, testBackend } from '../runtime/support.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { readPage, pageText } from './markdown.js';

interface Sample {
  readonly reportCrashes: (backend: Backend) => void;
  readonly captured: { readonly error: BackendError; readonly context: unknown }[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** The program of docs/crashes.md with Sentry and Electron that only note what they are given. */
async function sample(): Promise<Sample> {
  const page = readPage('docs/crashes.md', await pageText('docs/crashes.md'));
  const block = page.blocks.find(({ language }) => language === 'ts');
  const { code } = await transform(block?.text ?? '', { loader: 'ts' });
  const folder = await temporaryFolder();
  await writeFiles(
    {
      'sample.mjs': `${code}\nexport * from './fakes.mjs';`
        .replace("'@sentry/electron/main'", "'./fakes.mjs'")
        .replace('"@sentry/electron/main"', "'./fakes.mjs'")
        .replace('"electron"', "'./fakes.mjs'"),
      'fakes.mjs': `export const captured = [], parameters = {};
export const captureException = (error, context) => captured.push({ error, context });
export const crashReporter = { addExtraParameter: (name, value) => { parameters[name] = value; } };`,
    },
    folder,
  );
  return (await import(pathToFileURL(path.join(folder, 'sample.mjs')).href)) as Sample;
}

test('the sample of docs/crashes.md hands a crash with its stack to Sentry and to Electron', async () => {
  const { reportCrashes, captured, parameters } = await sample();
  const manifest = fixtureBackend();
  if (manifest.program.type !== 'development') throw new Error('not a development program');
  const code = 'import faulthandler, ctypes; faulthandler.enable(); ctypes.string_at(0)';
  const restart = { ...manifest.settings.restart, maxStartFailures: 1 };
  const backend = await testBackend({
    ...manifest,
    settings: { ...manifest.settings, restart },
    program: { ...manifest.program, args: ['-c', code] },
  });
  reportCrashes(backend);
  await expect(backend.start()).rejects.toThrow(BackendError);
  expect(captured).toMatchObject([
    {
      error: { message: expect.stringContaining('signal SIGSEGV: invalid memory access') },
      context: {
        tags: { backend: 'engine', code: 'E_START_EXIT', end: 'SIGSEGV' },
        extra: {
          detail: { stack: [expect.stringContaining('string_at'), '"<string>", line 1 in <module>'] },
        },
      },
    },
  ]);
  expect(parameters).toEqual({ backend: 'engine: E_START_EXIT, SIGSEGV' });
});
