import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, vi } from 'vitest';
import { type Bench, windowsPath } from '../../scripts/windows/bench.ts';
import { wine } from '../../scripts/windows/tools.ts';
import { repositoryDir } from '../support/paths.js';

/** A program that runs under Wine. */
export interface WindowsProgram {
  /** Until a text is printed. */
  sees(text: string): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** Start one. What it prints goes to a plain file: Node for Windows fails on a pipe of this system. */
export async function startProgram(
  bench: Bench,
  program: string,
  args: readonly string[] = [],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  } = {},
): Promise<WindowsProgram> {
  const folder = await mkdtemp(path.join(tmpdir(), 'windows-program-'));
  const printed = path.join(folder, 'output.txt');
  const file = await open(printed, 'w');
  const child = spawn(wine, [program, ...args], {
    cwd: options.cwd ?? bench.folder,
    env: { ...process.env, ...bench.env, ...options.env },
    stdio: ['ignore', file.fd, file.fd],
    timeout: options.timeoutMs ?? 300_000,
    killSignal: 'SIGKILL',
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  await file.close();
  const ended = exit.then(async ([code]) => {
    const output = await readFile(printed, 'utf8');
    await rm(folder, { recursive: true });
    return { code, output };
  });
  return {
    ended,
    sees: (text) =>
      vi.waitFor(
        async () => {
          const output = await readFile(printed, 'utf8');
          if (!output.includes(text)) throw new Error(`"${text}" was not printed:\n${output}`);
        },
        { timeout: 120_000, interval: 200 },
      ),
  };
}

/** Run one to its end. */
export async function runProgram(
  ...started: Parameters<typeof startProgram>
): Promise<{ readonly code: number | null; readonly output: string }> {
  const program = await startProgram(...started);
  return await program.ended;
}

/** Run the command line of the package, by Windows Node. */
export async function runCli(
  bench: Bench,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const main = windowsPath(path.join(repositoryDir, 'dist/cli/main.js'));
  return await runProgram(bench, bench.node, [main, ...args], { cwd, timeoutMs: 1_500_000 });
}

/** The backends of a packaged app's folder: each file of its manifest is there, and each backend starts, answers and stops on Windows. */
export async function verified(bench: Bench, folder: string): Promise<readonly string[]> {
  const { code, output } = await runCli(bench, ['verify', windowsPath(folder), '--json'], bench.folder);
  expect(code, output).toBe(0);
  const { results } = JSON.parse(output.slice(output.indexOf('{'))) as {
    results: { backend: string; ran: boolean }[];
  };
  return results.filter(({ ran }) => ran).map(({ backend }) => backend);
}
