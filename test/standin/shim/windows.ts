/**
 * Windows that show nothing. They exist so that an app's window code runs and so that quitting closes windows first, in
 * Electron's order; there is no page, no renderer process and no preload script behind them.
 */
import { EventEmitter } from 'node:events';
import { preventableEvent } from './event.ts';

/** All open windows, and what the app wants to hear about them. */
class OpenWindows {
  readonly #windows = new Set<BrowserWindow>();
  onAllClosed: () => void = () => {};
  onCloseCancelled: () => void = () => {};

  get count(): number {
    return this.#windows.size;
  }
  get all(): BrowserWindow[] {
    return [...this.#windows];
  }
  add(window: BrowserWindow): void {
    this.#windows.add(window);
  }
  remove(window: BrowserWindow): void {
    if (this.#windows.delete(window) && this.#windows.size === 0) this.onAllClosed();
  }
  closeAll(): void {
    for (const window of this.all) window.close();
  }
  destroyAll(): void {
    for (const window of this.all) window.destroy();
  }
}

/** The open windows of this process. */
export const openWindows = new OpenWindows();

let nextId = 1;

/** A window's contents: remembers what it was told to load and what was sent to it. */
export class WebContents extends EventEmitter {
  readonly id = nextId++;
  #url = '';
  #destroyed = false;

  send(channel: string, ...args: unknown[]): void {
    // What Electron does first with arguments: it copies them, and refuses what cannot be copied.
    structuredClone(args);
    this.emit('stand-in:sent', channel, args);
  }
  async loadURL(url: string): Promise<void> {
    this.#url = url;
    await new Promise((resolve) => setImmediate(resolve));
    this.emit('did-finish-load');
  }
  getURL(): string {
    return this.#url;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  destroy(): void {
    this.#destroyed = true;
    this.emit('destroyed');
  }
  executeJavaScript(): Promise<never> {
    return Promise.reject(new Error('electron stand-in: there is no page to run JavaScript in'));
  }
  openDevTools(): void {}
  setWindowOpenHandler(_handler: unknown): void {}
}

/** Stand-in for Electron's BrowserWindow: life cycle and events only. */
export class BrowserWindow extends EventEmitter {
  readonly id = nextId++;
  readonly webContents = new WebContents();
  #destroyed = false;
  #visible: boolean;

  constructor(options: { readonly show?: boolean } = {}) {
    super();
    this.#visible = options.show ?? true;
    openWindows.add(this);
  }

  static getAllWindows(): BrowserWindow[] {
    return openWindows.all;
  }
  static getFocusedWindow(): BrowserWindow | null {
    return openWindows.all.at(-1) ?? null;
  }
  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return openWindows.all.find((window) => window.webContents === contents) ?? null;
  }

  async loadURL(url: string): Promise<void> {
    await this.webContents.loadURL(url);
    if (!this.#destroyed) this.emit('ready-to-show');
  }
  loadFile(file: string): Promise<void> {
    return this.loadURL(`file://${file}`);
  }

  /** Asks: a listener of `close` can prevent it. */
  close(): void {
    if (this.#destroyed) return;
    const event = preventableEvent();
    this.emit('close', event);
    if (event.defaultPrevented) openWindows.onCloseCancelled();
    else this.destroy();
  }
  /** Does not ask. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.webContents.destroy();
    this.emit('closed');
    openWindows.remove(this);
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  isVisible(): boolean {
    return this.#visible;
  }
  isMinimized(): boolean {
    return false;
  }
  show(): void {
    this.#visible = true;
  }
  hide(): void {
    this.#visible = false;
  }
  focus(): void {}
  restore(): void {}
  setMenu(_menu: unknown): void {}
  setMenuBarVisibility(_visible: boolean): void {}
  removeMenu(): void {}
  setTitle(_title: string): void {}
}
