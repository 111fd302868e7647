import path from 'node:path';
import { BrowserWindow, shell } from 'electron';
import { pageUrl } from './page-protocol';

/** Open the app's window. */
export async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    width: 1060,
    height: 760,
    minWidth: 820,
    minHeight: 600,
    title: 'Signal desk',
    autoHideMenuBar: true,
    webPreferences: { preload: path.join(import.meta.dirname, 'preload.cjs') },
  });
  // The page is ours; anything else belongs into the browser.
  window.webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https:')) void shell.openExternal(url);
    return { action: 'deny' };
  });
  await window.loadURL(pageUrl);
}
