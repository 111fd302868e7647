import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import type { EngineEvent } from '../../src/report.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { freeze, makeBackend } from '../freeze/support/project.js';

/** Freeze one of the programs of test/presets/apps; `config` is the configuration besides `source`. */
export async function freezeApp(
  name: string,
  config: Readonly<Record<string, unknown>>,
  events: EngineEvent[] = [],
): Promise<FrozenBackend> {
  const folder = await temporaryFolder();
  await cp(path.join(repositoryDir, 'test/presets/apps', name), path.join(folder, 'backend'), {
    recursive: true,
  });
  const backend = await makeBackend({}, config, folder);
  return (await freeze(backend, { report: (event) => events.push(event) })).frozen;
}

/** A running frozen program. */
export interface Running {
  readonly url: string;
  /** Everything it has printed. */
  output(): string;
}

/** Start a frozen server in an ordinary terminal's way and wait for its address. It ends with the test. */
export async function serve(frozen: FrozenBackend, args: readonly string[] = []): Promise<Running> {
  const { program } = frozen.manifest;
  if (program.type !== 'frozen') throw new Error('not frozen');
  const child = spawn(path.join(frozen.bundleDir, program.executable), args, {
    env: { PATH: '/nowhere', PRESET_DATA: await temporaryFolder() },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  onTestFinished(async () => {
    const ended = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
    // With what it started (a fork server outlives it), also when it has ended itself.
    endGroup(child);
    await ended;
  });
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        text += `${line}\n`;
        const found = /(?:Listening on|running on|URL:) (http:\/\/\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('exit', (code) => setTimeout(() => reject(new Error(`ended with ${code}:\n${text}`)), 100));
  });
  return { url, output: () => text };
}

/** Kill a process that leads its group, with all of the group. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** The answer's text; throws with the program's output when it is no success. */
export async function get(running: Running, place: string, init?: RequestInit): Promise<string> {
  const response = await fetch(new URL(place, running.url), init);
  const body = await response.text();
  if (!response.ok) throw new Error(`${place}: ${response.status}\n${body}\n${running.output()}`);
  return body;
}
