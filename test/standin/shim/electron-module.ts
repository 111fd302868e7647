/** Puts the `electron` module together. What is not here is `undefined`, as an unknown name is in Electron. */
import { EventEmitter } from 'node:events';
import { App, type AppDescription } from './app.ts';
import { IpcMain } from './ipc-main.ts';
import { Session } from './protocol.ts';
import { BrowserWindow, type WebContents } from './windows.ts';

const standInDialogs = {
  /** Electron shows a window, or writes to stderr before `ready` on Linux; the stand-in always does the latter. */
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`${title}\n${content}\n`);
  },
  showMessageBox: () => Promise.resolve({ response: 0, checkboxChecked: false }),
  showMessageBoxSync: () => 0,
  showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }),
  showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
};

const standInMenu = {
  setApplicationMenu(): void {},
  getApplicationMenu: () => null,
  buildFromTemplate: () => ({ popup(): void {}, items: [] }),
};

/** Names that `import { … } from 'electron'` can ask for; `make.ts` writes them into `electron.mjs`. */
export const electronNames = [
  'app',
  'BrowserWindow',
  'Menu',
  'dialog',
  'ipcMain',
  'nativeTheme',
  'net',
  'powerMonitor',
  'protocol',
  'session',
  'shell',
  'webContents',
] as const;

/** The module `electron` of a main process. */
export type ElectronModule = Record<(typeof electronNames)[number], unknown> & { readonly app: App };

/** Create the module for one app. */
export function createElectronModule(description: AppDescription): ElectronModule {
  const defaultSession = new Session();
  return {
    app: new App(description),
    BrowserWindow,
    Menu: standInMenu,
    dialog: standInDialogs,
    ipcMain: new IpcMain(),
    nativeTheme: Object.assign(new EventEmitter(), { shouldUseDarkColors: false, themeSource: 'system' }),
    net: { fetch: defaultSession.fetch.bind(defaultSession), isOnline: () => true },
    powerMonitor: new EventEmitter(),
    protocol: defaultSession.protocol,
    session: { defaultSession, fromPartition: () => new Session() },
    shell: {
      openExternal: () => Promise.resolve(),
      openPath: () => Promise.resolve(''),
      showItemInFolder(): void {},
    },
    webContents: {
      getAllWebContents: (): WebContents[] =>
        BrowserWindow.getAllWindows().map((window) => window.webContents),
    },
  };
}
