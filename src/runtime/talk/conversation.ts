import type { Writable } from 'node:stream';
import { onAbort } from '../aborted.js';
import { BackendError, theBackend } from '../errors.js';
import { node } from '../node.js';

/** How long the caller of a request waits. */
export interface RequestOptions {
  /** Ends the waiting; the backend is not told. */
  readonly signal?: AbortSignal;
  /** Milliseconds; without it there is no limit. */
  readonly timeoutMs?: number;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a {@link Conversation} is held with. */
export interface ConversationParts {
  readonly name: string;
  readonly generation: number;
  readonly stdin: Writable;
  /** Aborted when the generation ends. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: string, data: unknown) => void;
}

/** Requests and answers with a `stdio` backend, one JSON object a line. See docs/protocol.md. */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  /** Resolves when the pipe takes more: requests wait in line instead of piling up in memory. */
  #writable: Promise<unknown> = Promise.resolve();

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    onAbort(parts.signal, () => this.#end());
  }

  /**
   * Ask.
   *
   * @throws BackendError `E_REMOTE` with the backend's error as `detail`, `E_TIMEOUT`, `E_CRASH` or `E_STOPPED` when the backend ends first.
   */
  async request(method: string, params: unknown, options: RequestOptions = {}): Promise<unknown> {
    const { name, signal: ended } = this.#parts;
    const signals = [
      options.signal,
      options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs),
    ];
    const signal = AbortSignal.any(signals.filter((item) => item !== undefined));
    signal.throwIfAborted();
    const id = this.#nextId++;
    const line = `${JSON.stringify(params === undefined ? { id, method } : { id, method, params })}\n`;
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        this.#pending.delete(id);
        forget();
      };
      const abort = (): void => {
        finish();
        reject(
          options.signal?.aborted === true
            ? (options.signal.reason as Error)
            : new BackendError(
                'E_TIMEOUT',
                `Request "${method}" to the backend "${name}": no answer within ${options.timeoutMs ?? 0} ms`,
              ),
        );
      };
      const forget = onAbort(signal, abort);
      this.#pending.set(id, {
        resolve: (value) => {
          finish();
          resolve(value);
        },
        reject: (error) => {
          finish();
          reject(error);
        },
      });
      if (ended.aborted) this.#end();
      else void this.#write(id, line);
    });
  }

  /** A line of the backend: an answer or an event. */
  receive(message: Readonly<Record<string, unknown>>): void {
    const { id, event, error } = message;
    if (typeof event === 'string') return this.#parts.onEvent(event, message['data']);
    if (typeof id !== 'number') return;
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    if (error === undefined || error === null) return pending.resolve(message['result']);
    const text =
      typeof error === 'object' && 'message' in error && typeof error.message === 'string'
        ? error.message
        : JSON.stringify(error);
    pending.reject(
      new BackendError('E_REMOTE', `${theBackend(this.#parts.name)} answered with an error: ${text}`, {
        generation: this.#parts.generation,
        detail: error,
      }),
    );
  }

  #write(id: number, line: string): Promise<void> {
    const turn = this.#writable.then(async () => {
      const { stdin, signal } = this.#parts;
      // Cancelled while waiting in line.
      if (!this.#pending.has(id) || stdin.destroyed || stdin.writableEnded) return;
      if (!stdin.write(line)) await node.events.once(stdin, 'drain', { signal });
    });
    this.#writable = turn.catch(() => undefined);
    return turn.catch(() => undefined);
  }

  #end(): void {
    for (const pending of Array.from(this.#pending.values())) pending.reject(this.#parts.signal.reason);
  }
}
