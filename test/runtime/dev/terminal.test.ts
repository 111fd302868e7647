import { execFile } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { watcherFile } from '../../../src/hosts/dev/manifest.js';
import { createTerminal } from '../../../src/runtime/dev/terminal.js';
import { BackendError } from '../../../src/runtime/errors.js';
import type { DevelopmentProgram } from '../../../src/runtime/manifest.js';
import { temporaryFolder } from '../../support/files.js';
import { fixtureBackend, manifestOf } from '../support.js';

function shown(env: Record<string, string>) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const listeners = new Map<string, (payload: never) => void>();
  const terminal = createTerminal({
    name: 'engine',
    logFile: '/logs/engine.log',
    program: { watch: ['/backend'] },
    on: (event, listener) => listeners.set(event, listener),
    streams: { stdout, stderr },
    env,
  });
  const read = (stream: PassThrough): string => String(stream.read() ?? '');
  return { terminal, listeners, out: () => read(stdout), err: () => read(stderr) };
}

test('every line has the name of the backend in front, and the log file is named once', () => {
  const { terminal, out, err } = shown({});
  terminal.output('stdout', 'hello \u001B[31mred\u001B[0m', false);
  terminal.output('stderr', 'Traceback', false);
  terminal.remark('info', 'main.py changed: restarting');
  expect(out()).toBe('[engine] hello red\n');
  expect(err()).toBe(
    '[engine] log: /logs/engine.log\n[engine] Traceback\n[engine] main.py changed: restarting\n',
  );
});

test('a backend that stopped for good says why, what to do and what starts it again', () => {
  const { listeners, err } = shown({});
  const error = new BackendError('E_FATAL', 'Starting the backend "engine": it gave up: no module x', {
    hint: 'Install x.',
  });
  listeners.get('failed')?.({ error } as never);
  expect(err()).toContain(
    '[engine] stopped (E_FATAL): it gave up: no module x\n[engine]   Install x.\n[engine]   Saving a file in /backend starts it again.\n',
  );
});

test('colours are kept and the name gets one where they are forced', () => {
  const { terminal, out } = shown({ FORCE_COLOR: '1' });
  terminal.output('stdout', '\u001B[31mred', false);
  const [name, line] = out().split(' ');
  expect(name).toContain('[engine]\u001B[0m');
  expect(line).toBe('\u001B[31mred\u001B[0m\n');
});

test('a configuration that has changed is not mended by saving a source', () => {
  const { listeners, err } = shown({});
  const error = new BackendError('E_MANIFEST', 'Starting the backend "engine": x.mjs has changed', {
    hint: 'Run it.',
  });
  listeners.get('failed')?.({ error } as never);
  expect(err()).toMatch(/x\.mjs has changed\n\[engine\] {3}Run it\.\n$/);
});

test('in development a backend without a logger prints to the streams of the app; with one it does not', async () => {
  const { program, ...backend } = fixtureBackend();
  const folder = await temporaryFolder();
  const manifest = manifestOf({
    ...backend,
    program: { ...program, watcher: watcherFile } as DevelopmentProgram,
  });
  const runtime = path.join(path.dirname(watcherFile), 'runtime.cjs');
  const main = path.join(folder, 'main.cjs');
  await writeFile(
    main,
    `const app = { isPackaged: false, getAppPath: () => __dirname, getPath: () => __dirname, on() {}, off() {}, once() {}, quit() {} };
const logger = process.argv[2] === 'logger' ? { info() {}, warn() {}, error() {} } : undefined;
const backend = require(${JSON.stringify(runtime)}).createBackend({ app, name: 'engine', logger, manifest: ${JSON.stringify(manifest)} });
backend.start().then(() => backend.stop());`,
  );
  const shownBy = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [main, ...args])).stderr;
  expect(await shownBy()).toMatch(
    /^\[engine\] log: .*engine\.log\n[^]*\[engine\] ready at http:[^]*\[engine\] stopped\n$/,
  );
  expect(await shownBy('logger')).toBe('');
});
