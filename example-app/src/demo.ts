/** For `npm run demo` of electron-pyinstaller's repository: say in a file when the backend is ready and what it answers. */
import { rename, writeFile } from 'node:fs/promises';
import { app, net } from 'electron';
import type { engine } from './backends.gen';
import { apiUrl } from './page-protocol';

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
  backend.on('ready', ({ url, pid, startupMs }) => {
    ask(backend).then(
      (answers) => report({ state: 'ready', url, pid, startupMs, ...answers }),
      (error: unknown) => report({ state: 'failed', error: String(error) }),
    );
  });
  backend.on('failed', ({ error }) => void report({ state: 'failed', error: error.message }));
}

/** The health from here; a report and a first sample the way the page gets them. */
async function ask(backend: Backend): Promise<object> {
  const { data: health } = await backend.client.GET('/api/health');
  const page = await (await net.fetch(apiUrl('services/report'))).text();
  return { health, report: page, sample: await firstEvent(await net.fetch(apiUrl('stream'))) };
}

async function firstEvent(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value = '' } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return value.split('\n\n', 1).join('');
}
