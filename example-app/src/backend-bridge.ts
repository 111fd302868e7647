/** Tells every page what the backend does, and lets pages start and stop it. */
import { app, BrowserWindow, ipcMain } from 'electron';
import type { engine } from './backends.gen';
import { channels, type BackendView, type LogLine } from './bridge';

type Backend = typeof engine;

const keptLines = 200;

/** Connect the backend with all windows, present and future. */
export function connectPages(backend: Backend): void {
  const log: LogLine[] = [];
  let view: BackendView = {
    state: 'idle',
    text: '',
    url: null,
    pid: null,
    python: null,
    startupMs: null,
    restarts: 0,
    isPackaged: app.isPackaged,
  };

  const send = (channel: string, value: BackendView | LogLine): void => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send(channel, value);
  };
  const update = (changes: Partial<BackendView>): void => {
    view = { ...view, ...changes };
    send(channels.viewChanged, view);
  };

  backend.on('state', ({ next, reason }) => {
    const isUp = next === 'ready' || next === 'degraded';
    update({ state: next, text: reason, ...(isUp ? {} : { url: null, pid: null, startupMs: null }) });
  });
  backend.on('ready', ({ url, pid, python, startupMs }) => update({ url, pid, python, startupMs, text: '' }));
  backend.on('status', ({ text }) => update({ text }));
  backend.on('restarting', ({ attempt, max, delayMs }) => {
    const wait = delayMs === 0 ? '' : ` in ${(delayMs / 1000).toFixed(1)} s`;
    update({ text: `ended by itself; restart ${attempt} of ${max}${wait}`, restarts: view.restarts + 1 });
  });
  backend.on('failed', ({ error }) => update({ text: error.message }));
  backend.on('log', ({ stream, line }) => {
    log.push({ stream, line });
    if (log.length > keptLines) log.shift();
    send(channels.logLine, { stream, line });
  });

  ipcMain.handle(channels.view, () => view);
  ipcMain.handle(channels.recentLog, () => log);
  // What goes wrong is an event and part of the view; the page has nothing to add.
  ipcMain.handle(channels.start, () => backend.start().catch(() => null));
  ipcMain.handle(channels.stop, () => backend.stop());
  ipcMain.handle(channels.restart, () => backend.restart().catch(() => null));
}
