import type { AppLike } from '../app-like.js';
import { sleep, systemClock } from '../clock.js';

/** Milliseconds a quit is held back at most. */
const maxQuitDelayMs = 10_000;

/** Times what became active again during a quit is stopped. */
const maxRounds = 3;

/** Something that must end before the app does. */
export interface Quittable {
  /** Processes may still be alive. */
  isActive(): boolean;
  stop(): Promise<void>;
}

/**
 * Holds back an app's quit until its backends are stopped; one for all backends of an app.
 *
 * In `will-quit`, not `before-quit`: the latter comes before the windows close, and a page may still cancel the quit then, which would leave
 * an app without its backend. https://www.electronjs.org/docs/latest/api/app#event-will-quit
 */
class QuitGuard {
  readonly #app: AppLike;
  readonly #members = new Set<Quittable>();
  #stopping = false;
  #gaveUp = false;

  constructor(app: AppLike) {
    this.#app = app;
    app.on('will-quit', (event) => this.#onWillQuit(event));
  }

  add(member: Quittable): () => void {
    this.#members.add(member);
    return () => this.#members.delete(member);
  }

  #onWillQuit(event: { preventDefault(): void }): void {
    if (this.#gaveUp) return;
    if (this.#active().length === 0) return;
    event.preventDefault();
    if (this.#stopping) return;
    this.#stopping = true;
    void this.#stop();
  }

  #active(): readonly Quittable[] {
    return [...this.#members].filter((member) => member.isActive());
  }

  async #stop(): Promise<void> {
    const bound = new AbortController();
    await Promise.race([this.#stopAll(bound.signal), sleep(systemClock, maxQuitDelayMs, bound.signal)]);
    bound.abort();
    this.#stopping = false;
    // Whatever is still alive now will not end; the lifeline and the reaper are what is left.
    this.#gaveUp = this.#active().length > 0;
    this.#app.quit();
    // Somebody else may hold this quit back, and the next one is another matter.
    setImmediate(() => (this.#gaveUp = false));
  }

  /** Again while something was started meanwhile, unless it could not be stopped. */
  async #stopAll(bound: AbortSignal): Promise<void> {
    const failed = new Set<Quittable>();
    for (let round = 0; round < maxRounds && !bound.aborted; round++) {
      const active = this.#active().filter((member) => !failed.has(member));
      await Promise.all(active.map((member) => member.stop().catch(() => failed.add(member))));
    }
  }
}

const guards = new WeakMap<AppLike, QuitGuard>();

/** Stop this with the app; returns the function that forgets it. */
export function stopOnQuit(app: AppLike, member: Quittable): () => void {
  let guard = guards.get(app);
  if (guard === undefined) guards.set(app, (guard = new QuitGuard(app)));
  return guard.add(member);
}

/** The part of Electron's `BrowserWindow` that tells about the end of a Windows session. */
export interface SessionWindow {
  on(event: 'session-end', listener: () => void): unknown;
}

/** Milliseconds a backend gets when Windows ends the session: Windows waits about five seconds for the whole app. */
const sessionEndGraceMs = 2000;

/**
 * Stop backends when Windows shuts down or logs off: there neither `will-quit` nor `quit` is emitted. Call it for one window; harmless on
 * other systems.
 *
 * @example
 * ```ts
 * stopOnSessionEnd(mainWindow, engine);
 * ```
 */
export function stopOnSessionEnd(
  window: SessionWindow,
  ...backends: readonly { stop(options: { graceMs: number }): Promise<void> }[]
): void {
  window.on('session-end', () => {
    for (const backend of backends) backend.stop({ graceMs: sessionEndGraceMs }).catch(() => undefined);
  });
}

/** The part of Electron's `autoUpdater` that tells about an installation. */
export interface UpdaterLike {
  on(event: 'before-quit-for-update', listener: () => void): unknown;
}

/** Stop backends as soon as an update is about to be installed, so that their files can be replaced. */
export function stopBeforeUpdate(
  updater: UpdaterLike,
  ...backends: readonly { prepareForUpdate(): Promise<void> }[]
): void {
  updater.on('before-quit-for-update', () => {
    for (const backend of backends) backend.prepareForUpdate().catch(() => undefined);
  });
}
