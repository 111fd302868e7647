import { BrowserWindow, ipcMain } from 'electron';
import type { engine } from './backends.gen';
import { channels, type LogLine } from './log-channel';
import { isOwnPage } from './page-protocol';

const keptLines = 200;

/** Send the backend's output to all windows, and what they missed to those that ask. */
export function sendLog(backend: typeof engine): void {
  const recent: LogLine[] = [];
  backend.on('log', ({ stream, line }) => {
    recent.push({ stream, line });
    if (recent.length > keptLines) recent.shift();
    for (const window of BrowserWindow.getAllWindows())
      window.webContents.send(channels.line, { stream, line });
  });
  ipcMain.handle(channels.recent, ({ senderFrame }) => (isOwnPage(senderFrame?.url ?? '') ? recent : []));
}
