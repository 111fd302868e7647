import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { repositoryDir } from '../../support/paths.js';

let built: Promise<string> | undefined;

/** freeze-child.ts as a program that plain Node runs; two folders deep, as `dist/lib` is. */
function childProgram(): Promise<string> {
  built ??= (async () => {
    const outfile = path.join(repositoryDir, '.cache', 'freeze-child', `child-${process.pid}.mjs`);
    await mkdir(path.dirname(outfile), { recursive: true });
    await build({
      entryPoints: [path.join(import.meta.dirname, 'freeze-child.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
    return outfile;
  })();
  return built;
}

/** A freeze in a process of its own. */
export interface FreezeChild {
  readonly process: ChildProcess;
  /** Lines printed so far. */
  readonly lines: readonly string[];
  /** Resolves when a stage has begun. */
  stage(name: string): Promise<void>;
  /** Its last line, parsed; null when it printed none (killed). */
  end(): Promise<Record<string, unknown> | null>;
}

/**
 * Start freezing a project in a process of its own.
 *
 * @param wrap - Command that starts it, such as `setpriv …`.
 */
export async function startFreeze(
  projectDir: string,
  cacheDir: string,
  wrap: readonly string[] = [],
): Promise<FreezeChild> {
  const [command = process.execPath, ...args] = [
    ...wrap,
    process.execPath,
    await childProgram(),
    projectDir,
    cacheDir,
  ];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const wake of waiting.splice(0)) wake();
  });
  const ended = once(child, 'close');
  return {
    process: child,
    lines,
    async stage(name) {
      while (!lines.includes(`stage ${name}`)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`ended before ${name}:\n${lines.join('\n')}`);
        await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), ended]);
      }
    },
    async end() {
      await ended;
      const last = lines.at(-1) ?? '';
      return last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : null;
    },
  };
}
