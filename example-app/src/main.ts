import { app, BrowserWindow } from 'electron';
import { engine } from './backends.gen';
import { connectPages } from './backend-bridge';
import { reportToDemo } from './demo';
import { forwardToBackend, registerPageScheme } from './page-protocol';
import { openWindow } from './window';

registerPageScheme();
reportToDemo(engine);

async function start(): Promise<void> {
  forwardToBackend(engine);
  connectPages(engine);
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
