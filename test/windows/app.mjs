/**
 * Plays an app's main process: `node app.mjs <runtime> <folder of the app> <user data>`. Reads commands as JSON, one a line, and
 * answers each with a line of JSON: `{ id, value }` or `{ id, error }`. Events come as `{ event, backend, data }`.
 */
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , runtime, folder, userData] = process.argv;
const { createBackend } = await import(pathToFileURL(runtime).href);
const resources = path.join(folder, 'resources');
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

class App extends EventEmitter {
  isPackaged = true;
  getAppPath = () => path.join(resources, 'app');
  getPath = (name) => path.join(userData, name);
  getVersion = () => '1.0.0';
  getName = () => 'windows-journey';
  quit = () => this.emit('quit-again');
}
const app = new App();
const backends = new Map();
function backendOf(name) {
  const known = backends.get(name);
  if (known !== undefined) return known;
  const backend = createBackend({ app, name, resourcesPath: resources });
  for (const event of ['ready', 'exit', 'restarting', 'failed', 'stopped', 'log', 'message'])
    backend.on(event, (data) =>
      say({ event, backend: name, data: data instanceof Error ? plain(data) : data }),
    );
  backends.set(name, backend);
  return backend;
}
const plain = (error) => ({
  code: error.code,
  message: error.message,
  hint: error.hint,
  detail: error.detail,
});

const commands = {
  start: async (name) => {
    await backendOf(name).start();
    return backendOf(name).status();
  },
  status: (name) => backendOf(name).status(),
  url: (name) => backendOf(name).url,
  fetch: async (name, where) => {
    const answer = await backendOf(name).fetch(where);
    return await answer.json();
  },
  stop: (name) => backendOf(name).stop(),
  restart: (name) => backendOf(name).restart(),
  update: (name) => backendOf(name).prepareForUpdate(),
  run: async (name, ...args) => {
    const progress = [];
    const { exitCode, result } = await backendOf(name).run(args, { onProgress: (one) => progress.push(one) });
    return { exitCode, result, progress };
  },
  request: (name, method, params) => backendOf(name).request(method, params),
  quit: async () => {
    let prevented = false;
    const again = new Promise((resolve) => app.once('quit-again', resolve));
    app.emit('will-quit', { preventDefault: () => (prevented = true) });
    if (prevented) await again;
    return prevented;
  },
  exit: () => process.exit(0),
  die: () => process.kill(process.pid, 'SIGKILL'),
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, command, args } = JSON.parse(line);
  try {
    say({ id, value: (await commands[command](...args)) ?? null });
  } catch (error) {
    say({ id, error: plain(error) });
  }
});
say({ event: 'loaded' });
