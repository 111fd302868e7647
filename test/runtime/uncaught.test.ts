import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { packageDir } from '../../src/lib/package-root.js';
import { BackendError } from '../../src/runtime/errors.js';
import type { BackendManifest } from '../../src/runtime/manifest.js';
import { temporaryFolder } from '../support/files.js';
import { fixtureBackend, manifestOf } from './support.js';

const runtime = path.join(packageDir, 'dist/app/runtime.cjs');

/** A main process without a `catch`, run by Node; standard error and exit code. */
async function uncaught(backend: BackendManifest, ...nodeArgs: string[]) {
  const folder = await temporaryFolder();
  const main = path.join(folder, 'main.cjs');
  await writeFile(
    main,
    `const app = { isPackaged: false, getAppPath: () => __dirname, getPath: () => __dirname, on() {}, off() {}, once() {}, quit() {} };
const engine = require(${JSON.stringify(runtime)}).createBackend({ app, name: 'engine', manifest: ${JSON.stringify(manifestOf(backend))} });
(async () => { await engine.start(); })();`,
  );
  return new Promise<{ stderr: string; code: unknown }>((resolve) => {
    execFile(process.execPath, [...nodeArgs, main], (error, _stdout, stderr) =>
      resolve({ stderr, code: error?.code ?? 0 }),
    );
  });
}

const { program, ...rest } = fixtureBackend();
const manifest = { ...rest, program } as BackendManifest;
const failures: readonly (readonly [string, BackendManifest])[] = [
  ['gives up', fixtureBackend({ FIXTURE_BEFORE_READY: 'fatal' })],
  ['has no interpreter', { ...manifest, program: { ...program, interpreter: '/nowhere/python' } as never }],
  ['is not in the manifest', { ...manifest, name: 'other' }],
];

test.each(failures)('%s and nobody catches it: one message, and Node ends as ever', async (_, backend) => {
  const { stderr, code } = await uncaught(backend);
  expect(code).toBe(1);
  expect(stderr).toMatch(/BackendError \[E_[A-Z_]+\]: .*"engine"/);
  expect(stderr).not.toMatch(/runtime\/|dist\/|tail:|phase:/);
});

test('Electron, which warns of it and goes on, shows the same', async () => {
  const backend = { ...manifest, name: 'other' };
  const { stderr, code } = await uncaught(backend, '--unhandled-rejections=warn');
  expect(code).toBe(0);
  expect(stderr).toContain(
    'UnhandledPromiseRejectionWarning: BackendError [E_MANIFEST]: Looking for the backend "engine": ',
  );
  expect(stderr).not.toMatch(/^ +at /m);
});

test('a mistake of the caller says where it was made', () => {
  expect(new BackendError('E_KIND', 'no').stack).toContain('uncaught.test.ts');
  expect(new BackendError('E_CRASH', 'gone').stack).toBe('BackendError [E_CRASH]: gone');
});

test('what is for programs is there, though it is not printed', () => {
  const error = new BackendError('E_CRASH', 'gone', { tail: ['last words'], exitCode: 3 });
  expect(error).toMatchObject({ code: 'E_CRASH', tail: ['last words'], exitCode: 3, name: 'BackendError' });
  expect(Object.keys(error)).toEqual(['code']);
});
