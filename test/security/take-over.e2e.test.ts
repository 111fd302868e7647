import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { environment } from '../companion/support/environment.js';
import { defaultInterpreter } from '../companion/support/interpreters.js';
import { companionBackend } from '../runtime/companion-support.js';
import { startStranger, withoutSecondUser } from '../runtime/stranger.js';
import { testBackend, testSettings } from '../runtime/support.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

/** Starts under attack, spread over the servers. */
const starts = Number(process.env['ELECTRON_PYINSTALLER_TAKEOVER_STARTS'] ?? 20);

const plain = ['uvicorn==0.54.0', 'hypercorn==0.18.0', 'waitress==3.0.2'];
const uvloop = ['uvicorn[standard]==0.54.0'];

const servers = [
  ['uvicorn', plain, { type: 'asgi', attribute: 'asgi' }],
  ['uvicorn with uvloop', uvloop, { type: 'asgi', attribute: 'asgi' }],
  ['hypercorn', plain, { type: 'call', attribute: 'serve_hypercorn' }],
  ['waitress', plain, { type: 'wsgi', attribute: 'wsgi' }],
  ['the standard library', plain, { type: 'call', attribute: 'serve_wsgiref' }],
] as const;

describe.skipIf(withoutSecondUser !== null)(
  `another user takes every port that is not listened on${withoutSecondUser === null ? '' : ` (${withoutSecondUser})`}`,
  () => {
    beforeAll(async () => {
      for (const packages of [plain, uvloop]) await environment(defaultInterpreter(), packages);
    });

    test.each(servers)(
      '%s: every start succeeds, and they are told nothing',
      async (_title, packages, entry) => {
        const stranger = await startStranger(['scan'], 12_345);
        await stranger.isUp;
        const descriptor = path.join(await temporaryFolder(), 'entry.json');
        const paths = [path.join(repositoryDir, 'test/fixtures/runtime')];
        await writeFile(
          descriptor,
          JSON.stringify({
            v: 1,
            name: 'engine',
            kind: 'http',
            entry: { module: 'slow_start', ...entry },
            paths,
          }),
        );
        const manifest = await companionBackend('http', 'slow_start');
        if (manifest.program.type !== 'development') throw new Error('not a development program');
        const interpreter = await environment(defaultInterpreter(), packages);
        const args = manifest.program.args.map((arg) =>
          arg.startsWith('--electron-pyinstaller-entry=')
            ? `--electron-pyinstaller-entry=${descriptor}`
            : arg,
        );
        const backend = await testBackend({
          ...manifest,
          companion: entry.type === 'call' ? 'lifeline' : 'full',
          program: { ...manifest.program, interpreter, args },
          settings: {
            ...manifest.settings,
            ready: { ...testSettings.ready, http: '/api/health', timeoutMs: 30_000 },
            restart: { ...testSettings.restart, max: 0 },
          },
        });
        for (let start = 0; start < Math.ceil(starts / servers.length); start++) {
          await backend.start();
          const answer = await backend.fetch('/documents', { method: 'POST', body: 'a secret document' });
          expect(await answer.text()).toBe('mine');
          await backend.stop();
        }
        expect(stranger.heard()).toBe('');
      },
    );
  },
);
