import { attempt } from '../attempt.js';
import { BackendError, isBackendError, messageOf } from '../errors.js';
import type { BackendEvents } from '../events.js';
import { isOfProxy } from './page-headers.js';
import type { BridgeAnswer } from './preload.js';
import { channels } from './renderer-channels.js';
import type { BridgeRequest, BridgeResponse } from './renderer-channels.js';
import type { BackendStatus } from '../life/status.js';

/** Who sent an IPC message, as far as it matters here. */
export interface IpcEvent {
  readonly senderFrame: { readonly url: string } | null;
  readonly sender: {
    send(channel: string, ...args: unknown[]): void;
    isDestroyed(): boolean;
    /** The frame that `send` reaches. */
    readonly mainFrame: { readonly url: string };
    once(event: 'destroyed', listener: () => void): unknown;
  };
}

/** The part of Electron's `ipcMain` that is used. */
export interface IpcMainLike {
  handle(channel: string, listener: (event: IpcEvent, ...args: unknown[]) => unknown): void;
  removeHandler(channel: string): void;
}

/** What pages may reach. */
export interface ServedBackend {
  readonly name: string;
  status(): BackendStatus;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  start(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
  on(event: 'state' | 'status', listener: (payload: BackendEvents['state' | 'status']) => void): () => void;
}

/** Options of {@link serveRenderer}. */
export interface ServeRendererOptions {
  readonly ipcMain: IpcMainLike;
  readonly backends: readonly ServedBackend[];
  /**
   * Decide by the address of the frame who may ask. Required: any page that ever gets into the window can send messages.
   * https://www.electronjs.org/docs/latest/tutorial/security#17-validate-the-sender-of-all-ipc-messages
   */
  readonly isAllowed: (url: string) => boolean;
  /** Pages may start, stop and restart. @defaultValue `false` */
  readonly control?: boolean;
}

/**
 * Answer pages that use {@link exposeBackends}. Returns the function that ends it.
 *
 * @example
 * ```ts
 * serveRenderer({ ipcMain, backends: [engine], isAllowed: (url) => url.startsWith('app://main/') });
 * ```
 */
export function serveRenderer(options: ServeRendererOptions): () => void {
  const { ipcMain, backends, isAllowed } = options;
  const watchers = new Map<IpcEvent['sender'], Set<string>>();
  const find = (name: unknown): ServedBackend => {
    const found = backends.find((backend) => backend.name === name);
    if (found === undefined)
      throw new BackendError('E_FORBIDDEN', `There is no backend ${JSON.stringify(name)} for pages`);
    return found;
  };
  const serve = (
    channel: string,
    work: (event: IpcEvent, backend: ServedBackend, argument: unknown) => unknown,
  ): void => {
    ipcMain.handle(
      channel,
      async (event: IpcEvent, name: unknown, argument: unknown): Promise<BridgeAnswer> => {
        try {
          const url = event.senderFrame?.url;
          if (url === undefined || !isAllowed(url))
            throw new BackendError(
              'E_FORBIDDEN',
              `A page at ${url ?? 'an unknown address'} may not use backends`,
            );
          return { ok: true, value: await work(event, find(name), argument) };
        } catch (error) {
          const message = messageOf(error);
          return { ok: false, error: isBackendError(error) ? error.toJSON() : { message } };
        }
      },
    );
  };
  serve(channels.status, (_event, backend) => backend.status());
  serve(channels.fetch, (_event, backend, request) => answer(backend, request as BridgeRequest));
  serve(channels.control, async (_event, backend, action) => {
    if (options.control !== true)
      throw new BackendError('E_FORBIDDEN', 'Pages may not start or stop backends', {
        hint: 'Set `control: true` in serveRenderer() if they should.',
      });
    if (action === 'start') await backend.start();
    else if (action === 'stop') await backend.stop();
    else if (action === 'restart') await backend.restart();
  });
  serve(channels.watch, ({ sender }, backend) => {
    let names = watchers.get(sender);
    if (names === undefined) {
      watchers.set(sender, (names = new Set()));
      sender.once('destroyed', () => watchers.delete(sender));
    }
    names.add(backend.name);
    send(sender, backend.status());
  });
  // The window may show another page since it asked, and its preload script still listens.
  const send = (sender: IpcEvent['sender'], status: BackendStatus): void => {
    if (!sender.isDestroyed() && isAllowed(addressOf(sender))) sender.send(channels.state, status);
  };
  const tell = (backend: ServedBackend): void => {
    const status = backend.status();
    for (const [sender, names] of watchers) if (names.has(backend.name)) send(sender, status);
  };
  const ends = backends.flatMap((backend) => {
    const paced = pace(() => tell(backend));
    return [backend.on('state', paced.now), backend.on('status', paced.soon), paced.end];
  });
  return () => {
    for (const end of ends) end();
    for (const channel of [channels.status, channels.fetch, channels.control, channels.watch])
      ipcMain.removeHandler(channel);
  };
}

/** Milliseconds between two messages about what a backend says it is doing. */
const statusIntervalMs = 100;

/** Carries out `work` at once, or, when it is asked for too often, as often as a page can show it; the last request always counts. */
function pace(work: () => void): Record<'now' | 'soon' | 'end', () => void> {
  let timer: NodeJS.Timeout | null = null;
  let isDue = false;
  const now = (): void => {
    isDue = false;
    clearTimeout(timer ?? undefined);
    timer = setTimeout(() => {
      timer = null;
      if (isDue) now();
    }, statusIntervalMs);
    timer.unref();
    work();
  };
  const soon = (): void => {
    if (timer === null) now();
    else isDue = true;
  };
  return { now, soon, end: () => clearTimeout(timer ?? undefined) };
}

function addressOf(sender: IpcEvent['sender']): string {
  // Between two pages, or after the renderer crashed, the frame cannot be accessed.
  return attempt(() => sender.mainFrame.url) ?? '';
}

async function answer(backend: ServedBackend, request: BridgeRequest): Promise<BridgeResponse> {
  const { path, method, headers, body } = request;
  const response = await backend.fetch(path, {
    ...(method === undefined ? {} : { method }),
    headers: Object.entries(headers ?? {}).filter(([name]) => !isOfProxy(name)),
    ...(body === undefined || body === null ? {} : { body: body as ArrayBuffer | string }),
  });
  return {
    status: response.status,
    headers: Array.from(response.headers),
    body: await response.arrayBuffer(),
  };
}
