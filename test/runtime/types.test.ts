import type {
  App,
  AutoUpdater,
  BrowserWindow,
  ContextBridge,
  IpcMain,
  IpcRenderer,
  PowerMonitor,
  Protocol,
  Session,
} from 'electron';
import { expectTypeOf, test } from 'vitest';
import {
  backendUrlPatterns,
  createBackend,
  createProxyHandler,
  createTokenListener,
  exposeBackends,
  serveRenderer,
} from '../../src/runtime/index.js';
import type {
  AppLike,
  Backend,
  BackendEvents,
  IpcMainLike,
  PowerMonitorLike,
  PreloadElectron,
  SessionWindow,
  UpdaterLike,
} from '../../src/runtime/index.js';

test("Electron's own objects fit without a cast", () => {
  expectTypeOf<App>().toExtend<AppLike>();
  expectTypeOf<PowerMonitor>().toExtend<PowerMonitorLike>();
  expectTypeOf<BrowserWindow>().toExtend<SessionWindow>();
  expectTypeOf<AutoUpdater>().toExtend<UpdaterLike>();
  expectTypeOf<IpcMain>().toExtend<IpcMainLike>();
  expectTypeOf<{ contextBridge: ContextBridge; ipcRenderer: IpcRenderer }>().toExtend<PreloadElectron>();
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
  const create = (app: AppLike) => createBackend({ app, name: 'engine' });
  type Engine = ReturnType<typeof create>;
  expectTypeOf<Engine['name']>().toEqualTypeOf<'engine'>();
  expectTypeOf<Engine>().toExtend<AsyncDisposable>();
  expectTypeOf<BackendEvents['ready']['url']>().toEqualTypeOf<string | null>();
});
