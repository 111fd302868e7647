import { beforeAll, describe, expect, test } from 'vitest';
import { faulty } from '../runtime/faults/support.js';
import { frozenProgram, type Program } from '../runtime/faults/programs.js';
import { startStranger, withoutSecondUser } from '../runtime/stranger.js';
import { testSettings } from '../runtime/support.js';
import type { RuntimeSettings } from '../../src/runtime/manifest.js';

/** Starts under attack, of each mode. */
const starts = Number(process.env['ELECTRON_PYINSTALLER_TAKEOVER_STARTS'] ?? 6);

/** As users write it: FastAPI under uvicorn with uvloop, whose start-up takes a second. */
const job = {
  entry: { asgi: 'slow_start:create_app' },
  requirements: ['fastapi==0.165.0', 'uvicorn[standard]==0.54.0'],
};
const env = { SLOW_START_SECONDS: '1' };
const settings: Partial<RuntimeSettings> = {
  ready: { ...testSettings.ready, http: '/api/health', timeoutMs: 60_000 },
  restart: { ...testSettings.restart, max: 0 },
};

let portOffset = 0;
/** A range of few ports below those that the system gives away. */
function range(): RuntimeSettings['address'] {
  const from = 24_000 + (process.pid % 300) * 20 + (portOffset += 4) - 4;
  return { type: 'port', host: '127.0.0.1', from, to: from + 3 };
}

describe.each(['onedir', 'onefile'] as const)('a frozen FastAPI program (%s)', (mode) => {
  let program: Program;

  beforeAll(async () => {
    program = await frozenProgram(mode, job);
  }, 900_000);

  test.skipIf(withoutSecondUser !== null)(
    `under another user who takes every port that is not listened on, every start succeeds, and he is told nothing${withoutSecondUser === null ? '' : ` (${withoutSecondUser})`}`,
    async () => {
      const stranger = await startStranger(['scan'], 12_345);
      await stranger.isUp;
      const backend = await faulty(program, env, settings);
      for (let start = 0; start < starts; start++) {
        await backend.start();
        const answer = await backend.fetch('/documents', { method: 'POST', body: 'a secret document' });
        expect(await answer.text()).toBe('mine');
        await backend.stop();
      }
      expect(stranger.heard()).toBe('');
    },
    60_000 + starts * 20_000,
  );

  test.each(['of one app', 'of two apps'])(
    'two backends %s with one port range are ready at once, each at the first attempt',
    async (apps) => {
      const shared = { ...settings, address: range() };
      const first = await faulty(program, env, shared);
      const other = { ...program, manifest: { ...program.manifest, name: 'other' } };
      const second = await faulty(other, env, shared, apps === 'of one app' ? { app: first.app } : {});
      await Promise.all([first.start(), second.start()]);
      for (const backend of [first, second]) {
        expect(backend.status().generation).toBe(1);
        expect(await (await backend.fetch('/api/health')).text()).toBe('mine');
      }
      expect(first.status().url).not.toBe(second.status().url);
    },
    120_000,
  );
});
