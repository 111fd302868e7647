/**
 * Electron's `app`: start, quitting, paths. The order of the quit events and what `preventDefault` does to them follow
 * shell/browser/browser.cc of Electron.
 */
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { preventableEvent } from './event.ts';
import { SingleInstance } from './single-instance.ts';
import { openWindows } from './windows.ts';

/** What the shim knows about the app before its code runs. */
export interface AppDescription {
  /** Folder or archive with package.json. */
  readonly appPath: string;
  readonly name: string;
  readonly version: string;
  readonly isPackaged: boolean;
  /** Absolute path of the executable. */
  readonly executable: string;
}

/** Stand-in for Electron's `App` class. */
export class App extends EventEmitter {
  readonly commandLine = new CommandLine();
  readonly isPackaged: boolean;
  #name: string;
  #version: string;
  readonly #appPath: string;
  readonly #executable: string;
  readonly #paths = new Map<string, string>();
  readonly #single: SingleInstance;
  readonly #whenReady: Promise<void>;
  #resolveReady: () => void = () => {};
  readonly #realExit = process.exit.bind(process);
  #isReady = false;
  #isQuitting = false;
  #isExiting = false;
  #isShutDown = false;
  #exitCode = 0;

  constructor(description: AppDescription) {
    super();
    this.#appPath = description.appPath;
    this.#executable = description.executable;
    this.#name = description.name;
    this.#version = description.version;
    this.isPackaged = description.isPackaged;
    this.#whenReady = new Promise((resolve) => {
      this.#resolveReady = resolve;
    });
    this.#single = new SingleInstance((argv, workingDirectory, data) =>
      this.emit('second-instance', preventableEvent(), argv, workingDirectory, data),
    );
    openWindows.onAllClosed = () => this.#onAllWindowsClosed();
    openWindows.onCloseCancelled = () => {
      this.#isQuitting = false;
    };
  }

  get name(): string {
    return this.#name;
  }
  set name(name: string) {
    this.#name = name;
  }
  getName(): string {
    return this.#name;
  }
  setName(name: string): void {
    this.#name = name;
  }
  getVersion(): string {
    return this.#version;
  }
  getAppPath(): string {
    return this.#appPath;
  }
  getLocale(): string {
    return 'en-US';
  }
  isReady(): boolean {
    return this.#isReady;
  }
  whenReady(): Promise<void> {
    return this.#whenReady;
  }

  /** Called by the shim once the main module has run. Electron creates the user data folder at this point. */
  becomeReady(): void {
    if (this.#isShutDown) return;
    mkdirSync(this.getPath('userData'), { recursive: true });
    this.emit('will-finish-launching');
    this.#isReady = true;
    this.#resolveReady();
    this.emit('ready', preventableEvent(), {});
  }

  getPath(name: string): string {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    const home = homedir();
    switch (name) {
      case 'home':
        return home;
      case 'appData':
        if (process.platform === 'win32') return process.env['APPDATA'] ?? path.join(home, 'AppData/Roaming');
        return process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config');
      case 'userData':
        return this.#userDataSwitch() ?? path.join(this.getPath('appData'), this.#name);
      case 'sessionData':
        return this.getPath('userData');
      case 'logs':
        return path.join(this.getPath('userData'), 'logs');
      case 'crashDumps':
        return path.join(this.getPath('userData'), 'Crashpad');
      case 'temp':
        return tmpdir();
      case 'exe':
      case 'module':
        return this.#executable;
      case 'desktop':
      case 'documents':
      case 'downloads':
      case 'music':
      case 'pictures':
      case 'videos':
        return path.join(home, name.charAt(0).toUpperCase() + name.slice(1));
      default:
        throw new Error(`Failed to get '${name}' path`);
    }
  }

  setPath(name: string, value: string): void {
    if (!path.isAbsolute(value)) throw new Error('Path must be absolute');
    this.#paths.set(name, value);
  }

  setAppLogsPath(value?: string): void {
    this.setPath('logs', value ?? path.join(this.getPath('userData'), 'logs'));
  }

  #userDataSwitch(): string | null {
    const value = this.commandLine.getSwitchValue('user-data-dir');
    return value !== '' && path.isAbsolute(value) ? value : null;
  }

  requestSingleInstanceLock(additionalData: unknown = {}): boolean {
    return this.#single.request(this.getPath('userData'), additionalData);
  }
  hasSingleInstanceLock(): boolean {
    return this.#single.held;
  }
  releaseSingleInstanceLock(): void {
    this.#single.release();
  }

  /** `before-quit`, then all windows are closed, then `will-quit`, then `quit`; any of the first three can be prevented. */
  quit(): void {
    if (this.#isQuitting) return;
    const event = preventableEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    this.#isQuitting = true;
    if (openWindows.count === 0) this.#notifyAndShutDown();
    else openWindows.closeAll();
  }

  /** Windows are destroyed without being asked; `before-quit` and `will-quit` are not emitted, `quit` is. */
  exit(code = 0): void {
    this.#exitCode = code;
    this.#isQuitting = true;
    this.#isExiting = true;
    if (openWindows.count === 0) this.#shutDown();
    else openWindows.destroyAll();
  }

  relaunch(): void {
    throw new Error('electron stand-in: app.relaunch() is not available');
  }
  focus(): void {}
  show(): void {}
  hide(): void {}
  setAppUserModelId(_id: string): void {}
  disableHardwareAcceleration(): void {}
  enableSandbox(): void {}

  #onAllWindowsClosed(): void {
    if (this.#isExiting) this.#shutDown();
    else if (this.#isQuitting) this.#notifyAndShutDown();
    else if (this.listenerCount('window-all-closed') === 0) this.quit();
    else this.emit('window-all-closed');
  }

  #notifyAndShutDown(): void {
    if (this.#isShutDown) return;
    const event = preventableEvent();
    this.emit('will-quit', event);
    if (event.defaultPrevented) {
      this.#isQuitting = false;
      return;
    }
    this.#shutDown();
  }

  #shutDown(): void {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    this.#isQuitting = true;
    this.emit('quit', preventableEvent(), this.#exitCode);
    this.#single.release();
    // Electron ends from its message loop, not inside the call.
    setImmediate(() => this.#realExit(this.#exitCode));
  }
}

/** Chromium's command line: what was given plus what the app appended. Nothing reads it but the app. */
class CommandLine {
  readonly #switches = new Map<string, string>();

  constructor() {
    for (const argument of process.argv.slice(1)) {
      const match = /^--([^=]+)(?:=(.*))?$/s.exec(argument);
      if (match !== null) this.#switches.set(match[1] ?? '', match[2] ?? '');
    }
  }
  appendSwitch(name: string, value = ''): void {
    this.#switches.set(name, value);
  }
  appendArgument(_value: string): void {}
  hasSwitch(name: string): boolean {
    return this.#switches.has(name);
  }
  getSwitchValue(name: string): string {
    return this.#switches.get(name) ?? '';
  }
  removeSwitch(name: string): void {
    this.#switches.delete(name);
  }
}
