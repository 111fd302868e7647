import { fixtureConfigFile } from '../support/fixture-app.js';

/** A server of the standard library. */
const service = { entry: { wsgi: 'service:app' }, source: 'backend', verify: { http: ['/hello'] } };

const backends = {
  engine: service,
  single: { ...service, pyinstaller: { mode: 'onefile' } },
};

const backend = {
  'backend/service.py': `
import json
import os


def app(environ, respond):
    respond("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"text": "grüße ✓", "system": os.name}).encode()]
`,
};

/** The project as it is frozen under Wine. */
export const frozenProject: Readonly<Record<string, string>> = {
  ...backend,
  ...fixtureConfigFile({ generate: false, backends }),
  'package.json': '{ "name": "packaged-app", "version": "1.0.0", "type": "module" }',
};

/**
 * The project as it is packaged on Linux. Its app asks both backends. With `--stay` it goes on until `prepare` lies in its data, makes itself
 * ready for an update and stays.
 *
 * @param bundles Folder that `build --out` wrote.
 */
export function packagedProject(bundles: string): Record<string, string> {
  const prebuilt = (name: string) => ({ prebuilt: { 'win32-x64': `${bundles}/win32-x64/${name}` } });
  return {
    ...backend,
    ...fixtureConfigFile({
      generate: false,
      backends: {
        engine: { ...backends.engine, ...prebuilt('engine') },
        single: { ...backends.single, ...prebuilt('single') },
      },
    }),
    'main.mjs': `
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { app } from 'electron';
import { createBackend } from 'electron-pyinstaller/runtime';

const backends = ['engine', 'single'].map((name) => createBackend({ app, name }));
app.whenReady().then(async () => {
  for (const backend of backends) {
    await backend.start();
    const answer = await (await backend.fetch('/hello')).json();
    console.log('ANSWER ' + JSON.stringify({ ...answer, version: app.getVersion(), packaged: app.isPackaged }));
  }
  if (!process.argv.includes('--stay')) return app.quit();
  console.log('STAYS');
  while (!existsSync(path.join(app.getPath('userData'), 'prepare'))) await sleep(100);
  for (const backend of backends) await backend.prepareForUpdate();
  console.log('PREPARED');
}).catch((error) => {
  console.log('FAILED ' + error.code + ' ' + error.message);
  app.quit();
});
`,
  };
}

/** What the app prints for each backend. */
export const answer = (version: string): string =>
  `ANSWER ${JSON.stringify({ text: 'grüße ✓', system: 'nt', version, packaged: true })}`;
