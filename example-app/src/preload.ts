import { contextBridge, ipcRenderer } from 'electron';
import { channels, type BackendBridge, type BackendView, type LogLine } from './bridge';

const bridge: BackendBridge = {
  view: () => ipcRenderer.invoke(channels.view) as Promise<BackendView>,
  recentLog: () => ipcRenderer.invoke(channels.recentLog) as Promise<readonly LogLine[]>,
  start: () => ipcRenderer.invoke(channels.start) as Promise<void>,
  stop: () => ipcRenderer.invoke(channels.stop) as Promise<void>,
  restart: () => ipcRenderer.invoke(channels.restart) as Promise<void>,
  onView(listener) {
    ipcRenderer.on(channels.viewChanged, (_event, view: BackendView) => listener(view));
  },
  onLog(listener) {
    ipcRenderer.on(channels.logLine, (_event, line: LogLine) => listener(line));
  },
};

contextBridge.exposeInMainWorld('backend', bridge);
