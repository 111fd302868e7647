import { guardedCall } from './guarded-call.js';

/**
 * A small typed event emitter. Node's own throws on an unheard `error` event, lets a listener's exception reach the emitting code
 * and an async listener's end the app; a supervisor must survive all three.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();
  readonly #onListenerError: (error: unknown, event: keyof Events) => void;

  constructor(onListenerError: (error: unknown, event: keyof Events) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Listen; returns the function that ends listening. */
  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): () => void {
    let set = this.#listeners.get(event);
    if (set === undefined) this.#listeners.set(event, (set = new Set()));
    set.add(listener);
    return () => this.off(event, listener);
  }

  off<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  /** True when somebody listens; lets callers skip building payloads. */
  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  emit<Name extends keyof Events>(event: Name, payload: Events[Name]): void {
    const set = this.#listeners.get(event);
    if (set === undefined || set.size === 0) return;
    // A copy: listeners may remove themselves and others.
    for (const listener of Array.from(set)) {
      void guardedCall(
        () => (listener as (payload: Events[Name]) => unknown)(payload),
        (error) => this.#onListenerError(error, event),
      );
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
