/**
 * How long after a backend can answer the app knows it: announced by the backend against polling every 100 ms, in the same run and of
 * the same application under the companion.
 *
 * Both sides read the same monotonic clock, so this runs on Linux only.
 */
import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultSettings } from '../dist/runtime/default-settings.js';
import { createBackend } from '../dist/runtime/index.js';
import type { Manifest, RuntimeSettings } from '../dist/runtime/index.js';

const rounds = Number(process.argv[2] ?? 25);
const root = path.resolve(import.meta.dirname, '..');
/** A WSGI application that notes when its socket began to listen. */
const source = path.join(root, 'test/fixtures/runtime');
const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

const settings: RuntimeSettings = {
  ...defaultSettings,
  ready: { ...defaultSettings.ready, timeoutMs: 30_000, slowAfterMs: 30_000 },
  restart: { ...defaultSettings.restart, max: 0, maxStartFailures: 1 },
  logs: { ...defaultSettings.logs, file: false },
  integrity: 'off',
};

function manifest(folder: string, companion: 'full' | 'none', changes: Partial<RuntimeSettings>): Manifest {
  return {
    version: 1,
    backends: {
      engine: {
        name: 'engine',
        kind: 'http',
        companion,
        key: 'development',
        versions: { python: '3', pyinstaller: '', package: '0' },
        settings: { ...settings, ...changes },
        program: {
          type: 'development',
          // Nothing says to the program that an app started it when it is to serve as it does by itself.
          interpreter: companion === 'none' ? '/usr/bin/env' : python,
          args: [
            ...(companion === 'none' ? ['-u', 'ELECTRON_PYINSTALLER_INSTANCE', python] : []),
            '-u',
            '-X',
            'utf8',
            path.join(root, 'companion/bootstrap.py'),
            `--electron-pyinstaller-entry=${path.join(folder, 'entry.json')}`,
          ],
          cwd: source,
          env: {},
          watch: [],
        },
      },
    },
  };
}

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

type Measured = ReturnType<typeof createBackend>;

/** Work with a backend that is gone afterwards. */
async function using(
  folder: string,
  backends: Manifest,
  work: (backend: Measured) => Promise<number>,
): Promise<number> {
  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    getAppPath: () => folder,
    getPath: (name: string) => path.join(folder, name),
    quit: () => undefined,
  });
  const backend = createBackend({ app, name: 'engine', manifest: backends });
  try {
    return await work(backend);
  } finally {
    await backend[Symbol.asyncDispose]();
  }
}

/** Milliseconds from the backend's `listen()` to `start()` being done. */
function announced(folder: string): Promise<number> {
  return using(folder, manifest(folder, 'full', {}), async (backend) => {
    await backend.start();
    const knownMs = nowMs();
    const { listening } = (await (await backend.fetch('/facts')).json()) as { listening: number };
    return knownMs - listening / 1e6;
  });
}

/** The same, found out by asking every 100 ms, as most apps do. */
function polled(folder: string): Promise<number> {
  const port = 20_500 + Math.floor(Math.random() * 500);
  const backends = manifest(folder, 'none', {
    address: { type: 'port', host: '127.0.0.1', from: port, to: port },
    ready: { ...settings.ready, announced: false, log: '^Listening' },
    args: ['--port', '{port}'],
  });
  return using(folder, backends, async (backend) => {
    const started = backend.start();
    const url = `http://127.0.0.1:${port}/facts`;
    for (;;) {
      const answer = await fetch(url).catch(() => null);
      if (answer?.ok === true) {
        const knownMs = nowMs();
        const { listening } = (await answer.json()) as { listening: number };
        await started;
        return knownMs - listening / 1e6;
      }
      await delay(100);
    }
  });
}

function summary(values: readonly number[]): {
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
} {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p90: at(0.9), max: at(1) };
}

const folder = await mkdtemp(path.join(tmpdir(), 'ready-lag-'));
try {
  const entry = { type: 'wsgi', module: 'faults', attribute: 'app' };
  const descriptor = { v: 1, name: 'engine', kind: 'http', entry, paths: [source] };
  await writeFile(path.join(folder, 'entry.json'), JSON.stringify(descriptor));
  const lags = { announced: [] as number[], polled: [] as number[] };
  // Alternating, so that both see the same machine.
  for (let round = 0; round < rounds; round++) {
    lags.announced.push(await announced(folder));
    lags.polled.push(await polled(folder));
  }
  const result = { announced: summary(lags.announced), polled: summary(lags.polled), rounds };
  const row = (label: string, { p50, p90, max }: typeof result.announced): string =>
    `${label.padEnd(24)} p50 ${p50.toFixed(1).padStart(6)} ms   p90 ${p90.toFixed(1).padStart(6)} ms   max ${max.toFixed(1).padStart(6)} ms\n`;
  process.stdout.write(row('announced', result.announced) + row('polled every 100 ms', result.polled));
  const ratio = result.polled.p50 / result.announced.p50;
  process.stdout.write(`${JSON.stringify({ bench: 'ready-lag', unit: 'ms', ...result, ratio })}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
