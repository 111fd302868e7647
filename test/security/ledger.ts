import { appendFileSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Backend, BackendEvents } from '../../src/runtime/index.js';
import { TokenSearch } from './token-search.js';

/** Name of the variable that tells where all tokens of a run are written down (mode 600). */
export const ledgerVariable = 'ELECTRON_PYINSTALLER_TEST_TOKENS';

// A setup file and a test may load this module twice.
const shared = globalThis as typeof globalThis & { electronPyInstallerTestTokens?: string[] };

/** Tokens that this worker's runtime made, those of generations that never became ready included. */
export const tokens: string[] = (shared.electronPyInstallerTestTokens ??= []);

export function recordToken(token: string): void {
  tokens.push(token);
  const file = process.env[ledgerVariable];
  if (file !== undefined) appendFileSync(file, `${token}\n`);
}

/** All tokens of the run so far, of all workers and of the processes that play an app. */
export function allTokens(): readonly string[] {
  const file = process.env[ledgerVariable];
  return file === undefined ? tokens : readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

/** Every event a backend emits. */
export const eventNames = [
  'state',
  'ready',
  'slow-start',
  'status',
  'unhealthy',
  'recovered',
  'exit',
  'restarting',
  'failed',
  'stopped',
  'log',
  'message',
] as const satisfies readonly (keyof BackendEvents)[];

const everything = { depth: Infinity, maxArrayLength: null, maxStringLength: null } as const;

/** Follows one backend, to tell at its end that its tokens stand nowhere. */
export class TokenWatch {
  readonly #from = tokens.length;
  readonly #seen: string[] = [];
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    for (const name of eventNames)
      backend.on(name, (payload: unknown) => {
        // A flood has many lines; only their text can hold anything.
        this.#seen.push(name === 'log' ? (payload as { line: string }).line : inspect(payload, everything));
      });
  }

  /**
   * Stop the backend and search: processes while it still runs, then files, events and status.
   *
   * @throws Error naming the places.
   */
  async end(folder: string): Promise<void> {
    const search = new TokenSearch(tokens.slice(this.#from));
    if (process.platform === 'linux') await search.processes();
    this.#seen.push(inspect([this.#backend.status(), this.#backend.tail()], everything));
    await this.#backend[Symbol.asyncDispose]();
    await search.folder(folder);
    search.bytes('events, status and last lines', Buffer.from(this.#seen.join('\n')));
    if (search.hits.length > 0) throw new Error(`a token stands in ${JSON.stringify(search.hits)}`);
  }
}
