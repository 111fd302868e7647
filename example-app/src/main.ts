import { app, BrowserWindow, ipcMain } from 'electron';
import { serveRenderer } from 'electron-pyinstaller/runtime';
import { engine } from './backends.gen';
import { reportToDemo } from './demo';
import { serveDiagnostics } from './diagnostics';
import { sendLog } from './log';
import { isOwnPage, registerPageScheme, servePage } from './page-protocol';
import { openWindow } from './window';

registerPageScheme();
reportToDemo(engine);

async function start(): Promise<void> {
  servePage(engine);
  serveRenderer({ ipcMain, backends: [engine], isAllowed: isOwnPage, control: true });
  sendLog(engine);
  serveDiagnostics(engine);
  await openWindow();
  // A failure is shown by the page: the state says "failed" and why.
  await engine.start().catch(() => null);
}

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(start);
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus());
  app.on('window-all-closed', () => app.quit());
} else {
  app.quit();
}
