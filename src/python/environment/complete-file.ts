import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { writeAtomically } from '../../lib/write-atomically.js';
import { addSources, digestDistributions, readInstalled, versionOf } from './distributions.js';
import { completeFile, sizeOf } from './environments.js';
import { identityOf } from '../find/interpreter-cache.js';
import { checkPyInstaller } from './pyinstaller-policy.js';
import type { InterpreterProbe, PythonEnvironment } from '../types.js';
import { readJson } from '../../lib/files.js';

interface Complete {
  readonly parts: Readonly<Record<string, string>>;
  readonly probe: InterpreterProbe;
  /** Of the interpreter, its base and its library. */
  readonly identity: string;
  /** Of what was installed. */
  readonly installed: string;
  /** Of all its files when it was made. */
  readonly sizeBytes: number;
}

/**
 * The finished environment; null: not there, half made, or changed since it was made. Starts no process.
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` when the PyInstaller the requirements ask for cannot be used.
 */
export async function readComplete(
  backend: ResolvedBackend,
  directory: string,
  key: string,
): Promise<PythonEnvironment | null> {
  const complete = (await readJson(path.join(directory, completeFile))) as Complete | null | undefined;
  if (complete === null || complete === undefined || identityOf(complete.probe) !== complete.identity)
    return null;
  const { probe } = complete;
  const installed = await readInstalled(probe.sitePackages);
  if (digestDistributions(installed) !== complete.installed) return null;
  const pyinstallerVersion = versionOf(installed, 'pyinstaller') ?? '';
  const { version: range, mode } = backend.pyinstaller;
  const problem = checkPyInstaller(pyinstallerVersion, { range, mode, python: probe.version });
  if (problem !== null) {
    throw new PyInstallerError(
      'ERR_ENVIRONMENT',
      `Cannot freeze the backend "${backend.name}": ${problem.detail}`,
      {
        backend: backend.name,
        path: `${backend.configPath}.pyinstaller.version`,
        hint: `${problem.fix} The requirements of the backend name PyInstaller themselves, or one of their packages does.`,
      },
    );
  }
  return {
    interpreter: probe.executable,
    directory,
    probe,
    key,
    distributions: await addSources(installed, backend.source),
    reused: true,
    pyinstallerVersion,
    hooksVersion: versionOf(installed, 'pyinstaller-hooks-contrib') ?? '',
  };
}

/** Say that an environment is complete. */
export async function writeComplete(
  directory: string,
  parts: Readonly<Record<string, string>>,
  probe: InterpreterProbe,
): Promise<void> {
  const installed = digestDistributions(await readInstalled(probe.sitePackages));
  const sizeBytes = await sizeOf(directory);
  const complete: Complete = { parts, probe, identity: identityOf(probe), installed, sizeBytes };
  await writeAtomically(path.join(directory, completeFile), JSON.stringify(complete, null, 2));
}
