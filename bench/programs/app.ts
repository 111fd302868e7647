/**
 * The main process of an app with one backend, as a process of its own, so that what it takes can be told from what the measuring
 * takes. The plan comes as an argument; then it does what it is told, message by message.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppPlan, FloodFigures, Order } from '../fixtures/app-process.ts';
import { PlainServer } from '../fixtures/plain-server.ts';

interface Asked {
  fetch(route: string): Promise<Response>;
  stop(): Promise<unknown>;
}

async function begin(plan: AppPlan): Promise<Asked> {
  const { folder } = plan;
  if (plan.type === 'plain') return await PlainServer.start(plan.file, [], folder, path.join(folder, 'log'));
  const { createBackend } = await import('electron-pyinstaller/runtime');
  const { resources: resourcesPath, manifest } = plan;
  const app = {
    isPackaged: true,
    getAppPath: () => resourcesPath,
    getPath: () => folder,
    on: () => undefined,
    quit: () => undefined,
  };
  const [name = ''] = Object.keys(manifest.backends);
  const backend = createBackend({ app, name, manifest, resourcesPath, stopOnQuit: false });
  await backend.start();
  return backend;
}

const settleMs = 1000;
const lookMs = 50;

/** A flood of log, and what this process notices of it. */
async function flood(backend: Asked, bytes: number): Promise<FloodFigures> {
  const resident = (): number => process.memoryUsage.rss() / 1e6;
  const before = resident();
  let most = before;
  const look = setInterval(() => (most = Math.max(most, resident())), lookMs);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const started = performance.now();
  const answer = (await (await backend.fetch(`/api/flood/${bytes}`)).json()) as { longest_ms: number };
  const tookMs = performance.now() - started;
  loop.disable();
  clearInterval(look);
  return {
    tookMs,
    blockedMs: answer.longest_ms,
    loopMs: loop.percentile(99) / 1e6,
    grownMb: most - before,
  };
}

/** Some work, then rest: what stays is what an app pays all day. */
async function settle(backend: Asked): Promise<null> {
  for (let request = 0; request < 100; request++) await (await backend.fetch('/api/health')).text();
  await delay(settleMs);
  globalThis.gc?.();
  return null;
}

const backend = await begin(JSON.parse(process.argv[2] ?? '') as AppPlan);
process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => void backend.stop());
process.send?.('ready');

async function obey(order: Order): Promise<void> {
  if (order.type === 'stop') {
    await backend.stop();
    process.disconnect();
  } else process.send?.(order.type === 'flood' ? await flood(backend, order.bytes) : await settle(backend));
}
