import { messageOf } from '../errors.js';
import { sleep } from '../clock.js';
import type { Clock } from '../clock.js';
import type { BackendAddress } from '../events.js';
import type { ReadySettings } from '../manifest.js';
import { BadStatus } from '../talk/probe.js';
import { NotTheBackend } from '../talk/prove.js';

/** Milliseconds before the second question; each later pause is longer by the factor. */
const firstMs = 50;
const factor = 1.5;

/**
 * Milliseconds of nothing but "404" after which the path is wrong. A server that said it is ready has its routes; one that only
 * listens may still add them.
 */
const unknownPathMs = { announced: 4000, listening: 15_000 };

/** What a {@link ReadyGate} needs. */
export interface GateParts {
  readonly settings: ReadySettings;
  /** Address when it need not be announced; null: wait for the announcement. */
  readonly address: BackendAddress | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** One question; rejects while the backend does not answer, with {@link NotTheBackend} when a wrong one does. */
  readonly ask: (address: BackendAddress) => Promise<void>;
  readonly onProbing: () => void;
  readonly onOpen: (address: BackendAddress) => void;
  /** It will never open: somebody else answers, or the path is unknown ({@link BadStatus}). */
  readonly onClosed: (error: unknown, address: BackendAddress) => void;
}

/** Collects the conditions of readiness and opens, once, when all of them hold. */
export class ReadyGate {
  /** What came of the last question, while there was no good answer. */
  lastAnswer: string | null = null;
  readonly #parts: GateParts;
  readonly #pattern: RegExp | null;
  #address: BackendAddress | null;
  #announced: boolean;
  #logged: boolean;
  #probing = false;
  #unknownSinceMs: number | null = null;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#address = parts.address;
    this.#announced = !parts.settings.announced;
    this.#pattern = parts.settings.log === null ? null : new RegExp(parts.settings.log);
    this.#logged = this.#pattern === null;
  }

  /** Nothing may be needed at all. */
  begin(): void {
    this.#check();
  }

  /** The backend said, and proved, that it is ready. */
  announced(address: BackendAddress): void {
    this.#address = address;
    this.#announced = true;
    this.#check();
  }

  /** It takes its time: what it answers meanwhile tells nothing. */
  extended(): void {
    this.#unknownSinceMs = Number.POSITIVE_INFINITY;
  }

  /** A line of output. */
  line(text: string): void {
    if (this.#logged || this.#pattern === null || !this.#pattern.test(text)) return;
    this.#logged = true;
    this.#check();
  }

  #check(): void {
    if (this.#probing || !this.#announced || !this.#logged || this.#address === null) return;
    this.#probing = true;
    void this.#probe(this.#address);
  }

  async #probe(address: BackendAddress): Promise<void> {
    const { clock, signal, settings } = this.#parts;
    this.#parts.onProbing();
    // After an announcement one request usually does; without one the delay is the price of not knowing.
    const maxMs = settings.announced ? 1000 : 500;
    for (let delayMs: number = firstMs; !signal.aborted; delayMs = Math.min(maxMs, delayMs * factor)) {
      try {
        await this.#parts.ask(address);
        if (!signal.aborted) this.#parts.onOpen(address);
        return;
      } catch (error) {
        if (error instanceof NotTheBackend || this.#isUnknown(error))
          return this.#parts.onClosed(error, address);
        this.lastAnswer = messageOf(error);
        // Servers print each.
        if (this.#unknownSinceMs !== null) delayMs = maxMs;
      }
      await sleep(clock, delayMs, signal);
    }
  }

  /** The server has been there for a while, and does not know the path. */
  #isUnknown(error: unknown): boolean {
    const nowMs = this.#parts.clock.now();
    if (!(error instanceof BadStatus && error.status === 404)) this.#unknownSinceMs = null;
    else this.#unknownSinceMs ??= nowMs;
    const { announced, listening } = unknownPathMs;
    const forMs = this.#parts.settings.announced ? announced : listening;
    return this.#unknownSinceMs !== null && nowMs - this.#unknownSinceMs >= forMs;
  }
}
