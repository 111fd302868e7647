import { aborted } from '../aborted.js';
import type { AppLike } from '../app-like.js';
import { createBackend, isActive } from '../backend.js';
import type { Backend, BackendOptions } from '../backend.js';
import { BackendError, theBackend } from '../errors.js';
import { readManifest } from '../launch/locate.js';
import { stopOnQuit } from './quit.js';
import { requireOptions } from '../launch/required-options.js';
import { startOrder } from './start-order.js';
import type { BackendStatus } from './status.js';
import type { WaitOptions } from './supervisor.js';

/** Several backends of an app. */
export interface BackendGroup<Name extends string = string> extends AsyncDisposable {
  /** By name. */
  readonly backends: Readonly<Record<Name, Backend<Name>>>;
  /**
   * Start all, each after those it names in `startAfter`; independent ones at the same time. Jobs are not started. Waits for a `stop` under way.
   *
   * @throws BackendError of the first that failed; the others go on. `E_STOPPED` when `stop` is called before it was that one's turn.
   */
  start(options?: WaitOptions): Promise<void>;
  /** Stop all, in the opposite order. @throws BackendError of the first that could not be stopped. */
  stop(options?: WaitOptions & { readonly graceMs?: number }): Promise<void>;
  /** Snapshots by name. */
  status(): Readonly<Record<Name, BackendStatus>>;
}

/**
 * Create the supervisors of several backends (default: of all in the manifest) and their order.
 *
 * @throws BackendError `E_MANIFEST` when the manifest cannot be read, or the order has a circle.
 * @example
 * ```ts
 * const { backends, start } = createBackends({ app }, ['engine', 'indexer']);
 * await start();
 * await backends.engine.fetch('/api/health');
 * ```
 */
export function createBackends<Name extends string = string>(
  options: Omit<BackendOptions, 'name'>,
  names?: readonly Name[],
): BackendGroup<Name> {
  requireOptions('createBackends', options, ['app']);
  const app: AppLike = options.app;
  const manifest = readManifest({ app, manifest: options.manifest, env: process.env });
  const chosen = names ?? (Object.keys(manifest.backends) as Name[]);
  const before = new Map(
    chosen.map((name) => [name, (manifest.backends[name]?.settings.startAfter ?? []) as readonly Name[]]),
  );
  const order = startOrder(before);
  const backends = Object.fromEntries(
    chosen.map((name) => [name, createBackend({ ...options, name, stopOnQuit: false })]),
  ) as Record<Name, Backend<Name>>;
  const startable = (name: Name): boolean => manifest.backends[name]?.kind !== 'job';

  let stops = 0;
  let stopping: Promise<void> = Promise.resolve();

  const start = async (wait: WaitOptions = {}): Promise<void> => {
    const current = stops;
    // A backend that waits for its turn to be stopped is still ready: its own start would do nothing.
    await Promise.race([stopping, aborted(wait.signal)]);
    const started = new Map<Name, Promise<void>>();
    for (const name of order.filter(startable)) {
      const needed = (before.get(name) ?? []).flatMap((other) => started.get(other) ?? []);
      started.set(
        name,
        startAfter(backends[name], needed, wait, () => stops !== current),
      );
    }
    return allOrFirst(started.values());
  };
  const stop = (wait: WaitOptions & { readonly graceMs?: number } = {}): Promise<void> => {
    stops += 1;
    const stopped = new Map<Name, Promise<void>>();
    for (const name of order.toReversed()) {
      const users = order.filter((other) => before.get(other)?.includes(name) === true);
      const waits = users.flatMap((other) => stopped.get(other) ?? []);
      stopped.set(
        name,
        Promise.allSettled(waits).then(() => backends[name].stop(wait)),
      );
    }
    const done = allOrFirst(stopped.values());
    stopping = done.catch(() => undefined);
    return done;
  };
  const forgetQuit =
    options.stopOnQuit === false
      ? () => undefined
      : stopOnQuit(app, {
          isActive: () => order.some((name) => isActive(backends[name])),
          stop: () => stop(),
        });

  return {
    backends,
    start,
    stop,
    status: () =>
      Object.fromEntries(order.map((name) => [name, backends[name].status()])) as Record<Name, BackendStatus>,
    async [Symbol.asyncDispose]() {
      forgetQuit();
      await stop().catch(() => undefined);
      await allOrFirst(
        order.map(async (name) => {
          await backends[name][Symbol.asyncDispose]();
        }),
      );
    },
  };
}

async function startAfter(
  backend: Backend,
  needed: readonly Promise<void>[],
  wait: WaitOptions,
  isStopped: () => boolean,
): Promise<void> {
  const notStarted = (why: string, cause?: unknown): BackendError =>
    new BackendError('E_STOPPED', `${theBackend(backend.name)} was not started: ${why}`, { cause });
  try {
    await Promise.all(needed);
  } catch (error) {
    throw notStarted('one it needs failed', error);
  }
  if (isStopped()) throw notStarted('all were stopped');
  await backend.start(wait);
}

/** Wait for all; then the first failure, if any. */
async function allOrFirst(promises: Iterable<Promise<void>>): Promise<void> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
