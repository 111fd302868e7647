import { contextBridge, ipcRenderer } from 'electron';
import { exposeBackends } from 'electron-pyinstaller/preload';
import { saveDiagnostics, type DiagnosticsBridge } from './diagnostics-channel';
import { channels, type LogBridge, type LogLine } from './log-channel';

exposeBackends({ contextBridge, ipcRenderer });

const backendLog: LogBridge = {
  recent: () => ipcRenderer.invoke(channels.recent) as Promise<readonly LogLine[]>,
  onLine(listener) {
    ipcRenderer.on(channels.line, (_event, line: LogLine) => listener(line));
  },
};
contextBridge.exposeInMainWorld('backendLog', backendLog);

const diagnostics: DiagnosticsBridge = {
  save: () => ipcRenderer.invoke(saveDiagnostics) as Promise<string | null>,
};
contextBridge.exposeInMainWorld('diagnostics', diagnostics);
