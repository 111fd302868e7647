import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { onTestFinished } from 'vitest';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { ledgerVariable } from '../../security/ledger.js';
import { temporaryFolder } from '../../support/files.js';
import { repositoryDir, testCacheDir } from '../../support/paths.js';

/** A Node process that plays the app's main process, so that it can be killed. */
export interface Driver {
  readonly child: ChildProcess;
  /** What the script printed as JSON, one value a line. */
  next(): Promise<unknown>;
  /** Resolves with the exit code or signal. */
  readonly exited: Promise<string>;
  readonly errors: () => string;
}

/** The tokens that such a process hands out are written down like those of the tests. */
const recordTokens: Plugin = {
  name: 'record-tokens',
  setup(bundler) {
    bundler.onLoad({ filter: /[/\\]runtime[/\\]talk[/\\]handshake\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const changed = source.replace('export function createCredentials', 'function makeCredentials');
      if (changed === source) throw new Error(`${file}: there is no createCredentials to replace`);
      return {
        loader: 'ts',
        contents: `${changed}
import { openSync, writeSync } from 'node:fs';
const ledger = process.env[${JSON.stringify(ledgerVariable)}];
// Opened at once: the process may become another user's.
const descriptor = ledger === undefined ? null : openSync(ledger, 'a');
export function createCredentials() {
  const made = makeCredentials();
  if (descriptor !== null) writeSync(descriptor, made.token + '\\n');
  return made;
}`,
      };
    });
  },
};

let bundled: Promise<string> | null = null;

/** The runtime as one file: what an app's bundler makes of it. */
export function runtimeBundle(): Promise<string> {
  bundled ??= (async () => {
    const outfile = path.join(testCacheDir, 'runtime-driver', `runtime-${process.pid}.mjs`);
    await mkdir(path.dirname(outfile), { recursive: true });
    await build({
      entryPoints: [path.join(repositoryDir, 'src/runtime/index.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      plugins: [recordTokens],
    });
    return outfile;
  })();
  return bundled;
}

/**
 * Run a script with `backend` (not started), `app` and `say` (prints JSON).
 *
 * @param wrap Puts something in front of the command, e.g. a shell that lowers limits.
 */
export async function runDriver(
  manifest: BackendManifest,
  resources: string,
  script: string,
  options: {
    readonly folder?: string;
    readonly wrap?: readonly string[];
    /** `pipe`: the test writes to it. */
    readonly stdin?: 'ignore' | 'pipe';
  } = {},
): Promise<Driver> {
  const folder = options.folder ?? (await temporaryFolder());
  const file = path.join(await temporaryFolder(), 'main.mjs');
  const setup = {
    name: manifest.name,
    manifest: { version: 1, backends: { [manifest.name]: manifest } },
    resourcesPath: resources,
  };
  await writeFile(
    file,
    `import * as runtime from ${JSON.stringify(await runtimeBundle())};
import { EventEmitter } from 'node:events';
const folder = ${JSON.stringify(folder)};
const app = Object.assign(new EventEmitter(), {
  isPackaged: true,
  getAppPath: () => folder,
  getPath: (name) => folder + '/' + name,
  quit() {
    let prevented = false;
    app.emit('will-quit', { preventDefault: () => { prevented = true; } });
    if (!prevented) process.exit(0);
  },
});
const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
const backend = runtime.createBackend({ app, ...${JSON.stringify(setup)} });
${script}
`,
  );
  const [command = process.execPath, ...before] = options.wrap ?? [process.execPath];
  // A group of its own: a bug that kills a group must not take the test runner.
  const child = spawn(command, [...before, file], {
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      child.kill('SIGKILL');
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const waiter = waiting.shift();
      if (waiter === undefined) lines.push(line);
      else waiter(line);
    }
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? String(code)));
  });
  return {
    child,
    exited,
    errors: () => errors,
    next: async () => {
      const line =
        lines.shift() ??
        (await Promise.race([
          new Promise<string>((resolve) => {
            waiting.push(resolve);
          }),
          exited.then((how) => {
            throw new Error(`the driver ended with ${how}: ${errors}`);
          }),
        ]));
      return JSON.parse(line) as unknown;
    },
  };
}
