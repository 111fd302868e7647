import path from 'node:path';
import { app, dialog, ipcMain } from 'electron';
import { withDiagnosis } from 'electron-pyinstaller/diagnose';
import type { engine } from './backends.gen';
import { saveDiagnostics } from './diagnostics-channel';
import { isOwnPage } from './page-protocol';

/** Let the page save what support needs to know. Where to, only the user says. */
export function serveDiagnostics(backend: typeof engine): void {
  const diagnosable = withDiagnosis(backend, { app });
  ipcMain.handle(saveDiagnostics, async ({ senderFrame }) => {
    if (!isOwnPage(senderFrame?.url ?? '')) return null;
    const { canceled, filePath } = await dialog.showSaveDialog({
      title: 'Save diagnostics',
      defaultPath: path.join(app.getPath('documents'), 'signal-desk-diagnostics.zip'),
      filters: [{ name: 'ZIP archive', extensions: ['zip'] }],
    });
    if (canceled || filePath === '') return null;
    await diagnosable.diagnoseArchive(filePath);
    return filePath;
  });
}
