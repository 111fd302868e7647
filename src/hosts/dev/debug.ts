import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { withFileLock } from '../../lib/file-lock.js';
import { companionDir } from '../../lib/package-root.js';
import { describeEnd, run } from '../../lib/run.js';
import { toolCommand } from '../../python/index.js';
import type { WorkOptions } from '../../report.js';
import type { BackendManifest } from '../../runtime/manifest.js';

/**
 * Whether backends run under debugpy. `wait`: they begin when a debugger is there. `connect`: the debugger listens, and every start of a
 * backend comes to it.
 */
export type DebugMode = 'off' | 'listen' | 'wait' | 'connect';

/** Says so where no option can be given: `ELECTRON_PYINSTALLER_DEBUG=1 npm start`, `=wait`, `=connect`. */
export const debugVariable = 'ELECTRON_PYINSTALLER_DEBUG';

/** What is asked for by the environment. Pure. */
export function debugMode(value: string | undefined): DebugMode {
  if (value === undefined || value === '' || value === '0') return 'off';
  return value === 'wait' || value === 'connect' ? value : 'listen';
}

/** The port of the first backend, which editors propose; the next backend has the next one. */
export const firstDebugPort = 5678;

/** debugpy, begun when the debugger listens. */
const connectScript = path.join(companionDir, 'tools', 'debug_connect.py');

/** Milliseconds of a start during which somebody looks at it in a debugger. */
const patienceMs = 24 * 60 * 60 * 1000;

/**
 * The same backend, started by debugpy. Time stands still at a breakpoint, so nothing is made of a backend that does not answer.
 * Pure.
 *
 * @param folder - where debugpy is; null: in the environment
 */
export function underDebugger(
  backend: BackendManifest,
  {
    port,
    mode,
    folder,
  }: { readonly port: number; readonly mode: Exclude<DebugMode, 'off'>; readonly folder: string | null },
): BackendManifest {
  const { program, settings } = backend;
  if (program.type !== 'development') return backend;
  const script = program.args.findIndex((argument) => argument.endsWith('.py'));
  const paths = [program.env['PYTHONPATH'], folder].filter((one) => one !== undefined && one !== null);
  return {
    ...backend,
    settings: { ...settings, health: null, ready: { ...settings.ready, timeoutMs: patienceMs } },
    program: {
      ...program,
      args: [
        ...program.args.slice(0, script),
        ...(mode === 'connect' ? [connectScript, String(port), '--connect'] : ['-m', 'debugpy', '--listen']),
        `127.0.0.1:${port}`,
        ...(mode === 'listen' ? [] : ['--wait-for-client']),
        // The helper processes of a backend are not what is looked for.
        '--configure-subProcess',
        'False',
        ...program.args.slice(script),
      ],
      // Modules of the standard library that are frozen into the interpreter are nobody's concern.
      env: { ...program.env, PYTHONPATH: paths.join(path.delimiter), PYDEVD_DISABLE_FILE_VALIDATION: '1' },
      // What says in the terminal where to attach.
      ...(mode === 'connect' ? {} : { debugger: { port, wait: mode === 'wait' } }),
    },
  };
}

/**
 * Find debugpy in the environment, or bring it into a folder of its own beside: the environment is what will be frozen.
 *
 * @returns the folder; null: it is in the environment
 * @throws PyInstallerError `ERR_ENVIRONMENT` with the line that installs it.
 */
export async function provideDebugpy(
  interpreter: string,
  version: string,
  { cacheDir, signal }: WorkOptions,
): Promise<string | null> {
  const own = await run(interpreter, ['-c', 'import debugpy'], { signal });
  if (own.exitCode === 0) return null;
  const folder = path.join(cacheDir, 'debugpy', `${process.platform}-${process.arch}-${version}`);
  return withFileLock(`${folder}.lock`, {}, async () => {
    if (existsSync(folder)) return folder;
    const made = `${folder}.new`;
    await rm(made, { recursive: true, force: true });
    await mkdir(path.dirname(folder), { recursive: true });
    const { command, env } = await toolCommand(interpreter, 'debugpy', made, cacheDir);
    const [program, ...args] = command;
    const result = await run(program, args, { signal, env: { ...process.env, ...env } });
    if (result.cancelled) throw new PyInstallerError('ERR_CANCELLED', 'Installing debugpy was cancelled.');
    if (result.exitCode !== 0) {
      const why = result.stderr.trim().split('\n').at(-1) ?? '';
      throw new PyInstallerError(
        'ERR_ENVIRONMENT',
        `Installing debugpy for Python ${version} ended with ${describeEnd(result)}. ${why}`,
        { hint: "Name `debugpy` among the backend's requirements while you look for the fault." },
      );
    }
    await rename(made, folder);
    return folder;
  });
}
