/** For `npm run demo` of electron-pyinstaller's repository: say in a file when the backend is ready and what it answers. */
import { rename, writeFile } from 'node:fs/promises';
import { app } from 'electron';
import type { engine } from './backends.gen';

type Backend = typeof engine;

/** Does nothing unless EXAMPLE_APP_STATUS_FILE names a file. */
export function reportToDemo(backend: Backend): void {
  const file = process.env['EXAMPLE_APP_STATUS_FILE'];
  if (file === undefined) return;
  const report = async (values: object): Promise<void> => {
    const versions = {
      electron: process.versions['electron'],
      standIn: 'electron-stand-in' in process.versions,
    };
    await writeFile(`${file}.part`, JSON.stringify({ ...versions, isPackaged: app.isPackaged, ...values }));
    await rename(`${file}.part`, file);
  };
  const reportReady = async ({
    url,
    pid,
    startupMs,
  }: {
    url: string | null;
    pid: number | null;
    startupMs: number;
  }) => {
    const health: unknown = await (await backend.fetch('/api/health')).json();
    const page = await (await backend.fetch('/api/services/report')).text();
    await report({ state: 'ready', url, pid, startupMs, health, report: page });
  };
  backend.on('ready', (info) => {
    reportReady(info).catch((error: unknown) => report({ state: 'failed', error: String(error) }));
  });
  backend.on('failed', ({ error }) => void report({ state: 'failed', error: error.message }));
}
