import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { followApi } from '../../../src/runtime/dev/follow-api.js';
import type { DevelopmentProgram } from '../../../src/runtime/manifest.js';
import { temporaryFolder } from '../../support/files.js';
import { patience } from '../../support/windows.js';

/** A backend that answers with the given documents, one after the other. */
function answering(...documents: readonly (string | number)[]) {
  const listeners = new Set<() => void>();
  const left = [...documents];
  return {
    ready: () => {
      for (const tell of listeners) tell();
    },
    fetch: () => {
      const next = left.shift() ?? 500;
      return Promise.resolve(
        typeof next === 'number' ? new Response('', { status: next }) : new Response(next),
      );
    },
    on: (_event: 'ready', listener: (payload: never) => void) => {
      const tell = (): void => listener({} as never);
      listeners.add(tell);
      return () => void listeners.delete(tell);
    },
  };
}

function program(script: string, ...args: readonly string[]): DevelopmentProgram {
  const api = { openapi: '/openapi.json', command: [process.execPath, '-e', script, ...args] };
  return { type: 'development', interpreter: '', args: [], cwd: '', env: {}, watch: [], api };
}

test('each time the backend is ready its document goes to the program, unless it is the same as before', async () => {
  const file = path.join(await temporaryFolder(), 'seen');
  const script =
    "const fs = require('node:fs'); const text = fs.readFileSync(0, 'utf8'); fs.appendFileSync(process.argv[1], text + '|'); console.log('wrote ' + text + '\\nwith two lines');";
  const backend = answering('one', 'one', 'twö');
  const said: string[] = [];
  const stop = followApi(program(script, file), backend, (severity, text) =>
    said.push(`${severity} ${text}`),
  );
  backend.ready();
  await expect
    .poll(() => said, { timeout: 5000 * patience })
    .toEqual(['info wrote one', 'info with two lines']);
  backend.ready();
  backend.ready();
  await expect
    .poll(() => said.slice(2), { timeout: 5000 * patience })
    .toEqual(['info wrote twö', 'info with two lines']);
  stop();
  backend.ready();
  expect(await readFile(file, 'utf8')).toBe('one|twö|');
});

test('what goes wrong is a remark with its reason: no document, a program that fails or cannot be started', async () => {
  const said: string[] = [];
  const remark = (severity: string, text: string): number => said.push(`${severity} ${text}`);
  const missing = answering(404);
  followApi(program(''), missing, remark);
  missing.ready();
  await expect
    .poll(() => said)
    .toEqual(['warn the types of the API do not follow: GET /openapi.json answered 404']);
  const failing = answering('{}', '{}');
  followApi(program("console.error('no library'); process.exitCode = 1;"), failing, remark);
  failing.ready();
  await expect.poll(() => said[1]).toBe('warn the types of the API do not follow: no library');
  const nowhere: DevelopmentProgram = { ...program(''), api: { openapi: '/', command: ['/nowhere/node'] } };
  const unstarted = answering('{}');
  followApi(nowhere, unstarted, remark);
  unstarted.ready();
  await expect
    .poll(() => said[2])
    .toContain('warn the types of the API do not follow: spawn /nowhere/node ENOENT');
});

test('a backend without types is never asked', () => {
  const { api: _api, ...plain } = program('');
  let asked = 0;
  const backend = { ...answering(), on: () => ((asked += 1), () => undefined) };
  followApi(plain, backend, () => undefined)();
  expect(asked).toBe(0);
});
