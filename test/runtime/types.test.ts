import type { App, AutoUpdater, BrowserWindow, IpcMain, PowerMonitor, Protocol, Session } from 'electron';
import { expectTypeOf, test } from 'vitest';
import {
  backendUrlPatterns,
  createBackend,
  createProxyHandler,
  createTokenListener,
  exposeBackends,
  serveRenderer,
  stopBeforeUpdate,
  stopOnSessionEnd,
} from '../../src/runtime/index.js';
import type {
  AppLike,
  Backend,
  BackendEvents,
  PowerMonitorLike,
  PreloadElectron,
} from '../../src/runtime/index.js';

test("Electron's own objects fit without a cast", () => {
  expectTypeOf<App>().toExtend<AppLike>();
  expectTypeOf<PowerMonitor>().toExtend<PowerMonitorLike>();
  expectTypeOf<BrowserWindow>().toExtend<Parameters<typeof stopOnSessionEnd>[0]>();
  expectTypeOf<AutoUpdater>().toExtend<Parameters<typeof stopBeforeUpdate>[0]>();
  expectTypeOf<IpcMain>().toExtend<Parameters<typeof serveRenderer>[0]['ipcMain']>();
  type Renderer = typeof import('electron').ipcRenderer;
  type Bridge = typeof import('electron').contextBridge;
  expectTypeOf<{ contextBridge: Bridge; ipcRenderer: Renderer }>().toExtend<PreloadElectron>();
  // Compiled, not run.
  const use = (electron: { protocol: Protocol; session: Session }, engine: Backend): void => {
    electron.protocol.handle('backend', createProxyHandler(engine));
    electron.session.webRequest.onBeforeSendHeaders(
      { urls: [...backendUrlPatterns] },
      createTokenListener([engine], (details) => details.webContentsId === 1),
    );
    serveRenderer({ ipcMain: {} as IpcMain, backends: [engine], isAllowed: () => false });
  };
  expectTypeOf(use).toBeFunction();
  expectTypeOf(exposeBackends).toBeFunction();
});

test('names are typed and events know their payload', () => {
  type Engine = ReturnType<typeof createBackend<'engine'>>;
  expectTypeOf<Engine['name']>().toEqualTypeOf<'engine'>();
  expectTypeOf<Engine>().toExtend<AsyncDisposable>();
  expectTypeOf<BackendEvents['ready']['url']>().toEqualTypeOf<string | null>();
});
