import type { SerializedBackendError } from '../errors.js';
import { channels } from './renderer-channels.js';
import type { BridgeRequest, BridgeResponse } from './renderer-channels.js';
import type { BackendStatus } from '../life/status.js';

/**
 * For preload scripts, sandboxed ones too: imports nothing but its own types and channel names.
 */

/** The parts of Electron a preload script has. */
export interface PreloadElectron {
  readonly contextBridge: { exposeInMainWorld(key: string, api: unknown): void };
  readonly ipcRenderer: {
    invoke(channel: string, ...args: unknown[]): Promise<unknown>;
    on(channel: string, listener: (event: unknown, ...args: unknown[]) => void): unknown;
    off(channel: string, listener: (event: unknown, ...args: unknown[]) => void): unknown;
  };
}

/** What a page can do with backends. Put `backends: BackendBridge` into its `Window` type. */
export interface BackendBridge {
  status(name: string): Promise<BackendStatus>;
  /** One request and its whole answer; for streams use `createProxyHandler`. */
  fetch(name: string, path: string, init?: Omit<BridgeRequest, 'path'>): Promise<BridgeResponse>;
  start(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  restart(name: string): Promise<void>;
  /** Called with each new status; returns the function that ends it. */
  onStatus(name: string, listener: (status: BackendStatus) => void): () => void;
}

/** Answer of the main process: Electron keeps only the message of an error, so errors travel as data. */
export type BridgeAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: SerializedBackendError | { readonly message: string } };

/** A backend whose status the page follows. */
interface Watched {
  readonly subscribers: Set<(status: BackendStatus) => void>;
  last: BackendStatus | null;
  /** The main process was asked for it. */
  isAsked: boolean;
}

/**
 * Give the page a {@link BackendBridge} as `window.backends`. The other half is {@link serveRenderer} in the main process.
 *
 * @param key Name of the object in the page. @defaultValue `backends`
 * @example
 * ```ts
 * import { contextBridge, ipcRenderer } from 'electron';
 * import { exposeBackends } from 'electron-pyinstaller/preload';
 *
 * exposeBackends({ contextBridge, ipcRenderer });
 * ```
 */
export function exposeBackends({ contextBridge, ipcRenderer }: PreloadElectron, key = 'backends'): void {
  const ask = async (channel: string, ...args: unknown[]): Promise<unknown> => {
    const answer = (await ipcRenderer.invoke(channel, ...args)) as BridgeAnswer;
    if (answer.ok) return answer.value;
    throw Object.assign(new Error(answer.error.message), answer.error);
  };
  const control = (action: string) => async (name: string) => {
    await ask(channels.control, name, action);
  };
  const watched = new Map<string, Watched>();
  // One listener and one question for all subscribers of the page.
  const heard = (_event: unknown, status: unknown): void => {
    const one = watched.get((status as BackendStatus).name);
    if (one === undefined) return;
    one.last = status as BackendStatus;
    for (const tell of Array.from(one.subscribers)) tell(one.last);
  };
  const bridge: BackendBridge = {
    status: (name) => ask(channels.status, name) as Promise<BackendStatus>,
    fetch: (name, path, init = {}) => ask(channels.fetch, name, { ...init, path }) as Promise<BridgeResponse>,
    start: control('start'),
    stop: control('stop'),
    restart: control('restart'),
    onStatus(name, listener) {
      const tell = (status: BackendStatus): void => {
        try {
          listener(status);
        } catch (error) {
          // The page's own error, which other subscribers need not share.
          queueMicrotask(() => {
            throw error;
          });
        }
      };
      if (watched.size === 0) ipcRenderer.on(channels.state, heard);
      const one = watched.get(name) ?? { subscribers: new Set(), last: null, isAsked: false };
      watched.set(name, one);
      one.subscribers.add(tell);
      if (one.last !== null)
        queueMicrotask(() => one.last !== null && one.subscribers.has(tell) && tell(one.last));
      else if (!one.isAsked) {
        one.isAsked = true;
        // A page that may not ask learns it from status(); here nothing comes.
        ask(channels.watch, name).catch(() => (one.isAsked = false));
      }
      return () => {
        one.subscribers.delete(tell);
        if (one.subscribers.size > 0 || watched.get(name) !== one) return;
        watched.delete(name);
        if (watched.size === 0) ipcRenderer.off(channels.state, heard);
      };
    },
  };
  contextBridge.exposeInMainWorld(key, bridge);
}
