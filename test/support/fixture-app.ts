/**
 * A small app with a backend that has the traits that make freezing hard: a service imported by a name known only at run
 * time, and a data file. No packages, so that its environment is made quickly.
 */
export const fixtureApp: Readonly<Record<string, string>> = {
  'main.mjs': `
import { app } from 'electron';
import { createBackend } from 'electron-pyinstaller/runtime';

const engine = createBackend({ app, name: 'engine' });
app.whenReady().then(async () => {
  await engine.start();
  const response = await engine.fetch('/health');
  console.log('ANSWER ' + JSON.stringify({ ...(await response.json()), packaged: app.isPackaged }));
}).catch((error) => {
  console.log('FAILED ' + error.message);
}).finally(() => app.quit());
`,
  'backend/main.py': `
import importlib
import json
from pathlib import Path


def app(environ, start_response):
    name = environ.get("PATH_INFO", "/").strip("/")
    service = importlib.import_module(f"services.{name}")
    config = json.loads((Path(__file__).parent / "config" / "app.json").read_text())
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"service": service.answer(), "config": config}).encode()]
`,
  'backend/services/__init__.py': '',
  'backend/services/health.py': 'def answer():\n    return "healthy"\n',
  'backend/config/app.json': '{"greeting": "grüß"}',
};

/** The configuration of {@link fixtureApp}'s backend, as an object. */
export const fixtureConfig = {
  backends: {
    engine: {
      entry: { wsgi: 'main:app' },
      source: 'backend',
      hiddenImports: ['services.*'],
      data: [{ from: 'backend/config/**/*.json', to: 'config' }],
      ready: { http: '/health' },
    },
  },
};

/** The same as the text of `pyinstaller.config.mjs`. */
export function fixtureConfigFile(config: object = fixtureConfig): Record<string, string> {
  return { 'pyinstaller.config.mjs': `export default ${JSON.stringify(config)};\n` };
}
