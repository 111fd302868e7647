/** Packs a small app into a stand-in distribution and runs it. */
import { cp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createPackage } from '@electron/asar';
import { execa } from 'execa';
import { temporaryFolder, writeFiles } from '../support/files.ts';
import { makeDistribution } from './distribution.ts';

let distribution: Promise<string> | undefined;

/** The distribution of this test run, built once per test file. */
async function distributionDir(): Promise<string> {
  const out = path.join(import.meta.dirname, '../../.cache/test', `stand-in-${process.pid}`);
  distribution ??= makeDistribution({ out }).then(({ directory }) => directory);
  return distribution;
}

/** Remove what this file's tests built. */
export async function removeDistribution(): Promise<void> {
  await rm(path.join(import.meta.dirname, '../../.cache/test', `stand-in-${process.pid}`), {
    recursive: true,
    force: true,
  });
}

/** A packaged app on disk. */
export interface PackagedApp {
  readonly directory: string;
  readonly executable: string;
  readonly archive: string;
}

/** Package an app (files by name) the way Forge does: `electron` is renamed, the app goes into `resources/app.asar`. */
export async function packageApp(files: Readonly<Record<string, string>>): Promise<PackagedApp> {
  const folder = await temporaryFolder();
  const directory = path.join(folder, 'Test Äpp');
  const archive = path.join(directory, 'resources', 'app.asar');
  const executable = path.join(directory, 'test-app');
  await cp(await distributionDir(), directory, { recursive: true });
  await rename(path.join(directory, 'electron'), executable);
  await createPackage(await writeFiles(files), archive);
  return { directory, executable, archive };
}

/** A started app. */
export interface RunningApp {
  /** Resolves when a line equal to `text` has been printed; rejects when the app ends without it. */
  sees(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** What it printed and how it ended. */
  readonly ended: Promise<{
    stdout: string[];
    stderr: string[];
    exitCode: number | undefined;
    signal: string | undefined;
  }>;
}

/** Start a packaged app with its user data in the app's own folder; ended by force after 15 seconds. */
export function startApp(
  app: PackagedApp,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): RunningApp {
  const child = execa(app.executable, args, {
    env: { XDG_CONFIG_HOME: path.join(app.directory, 'config'), ...env },
    lines: true,
    reject: false,
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const ended = child.then(({ stdout, stderr, exitCode, signal }) => ({ stdout, stderr, exitCode, signal }));
  return {
    sees: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (printed.split('\n').includes(text)) resolve();
        };
        child.stdout.on('data', look);
        void ended.then(({ stdout }) =>
          reject(new Error(`ended without printing "${text}": ${stdout.join(' | ')}`)),
        );
        look();
      }),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}
