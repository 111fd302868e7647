import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { digestDistributions, listDistributions, versionOf } from './distributions.js';
import { identityOf } from '../find/interpreter-cache.js';
import { checkPyInstaller } from './pyinstaller-policy.js';
import type { CandidateSource, FoundInterpreter, InterpreterProbe, PythonEnvironment } from '../types.js';
import { sha256 } from '../../lib/hash.js';
import { recommendedPyInstaller } from '../../config/limits.js';

/**
 * Use the project's own environment as it is.
 *
 * @param required PyInstaller must be in it.
 * @throws PyInstallerError `ERR_ENVIRONMENT` with the command that installs PyInstaller there.
 */
export async function useExisting(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  required: boolean,
): Promise<PythonEnvironment> {
  const distributions = await listDistributions(found.probe.sitePackages, backend.source);
  const pyinstaller = versionOf(distributions, 'pyinstaller');
  const hooksContrib = versionOf(distributions, 'pyinstaller-hooks-contrib');
  // The probe may be remembered from before something was installed; the disk is right.
  const probe = { ...found.probe, pyinstaller, hooksContrib };
  const pyinstallerVersion = pyinstaller ?? '';
  if (required) checkInstalled(backend, found, pyinstallerVersion);
  const isVirtual = probe.prefix !== probe.basePrefix || probe.isConda;
  return {
    interpreter: probe.executable,
    directory: isVirtual ? probe.prefix : null,
    probe,
    key: sha256(`${identityOf(probe)}\n${digestDistributions(distributions)}`).slice(0, 24),
    distributions,
    reused: true,
    pyinstallerVersion,
    hooksVersion: hooksContrib ?? '',
  };
}

function checkInstalled(backend: ResolvedBackend, found: FoundInterpreter, version: string): void {
  const { probe } = found;
  const command = installCommandFor(found.source, probe, process.platform);
  const place = `the environment of ${probe.executable} (${found.reason})`;
  if (version === '') {
    throw new PyInstallerError(
      'ERR_ENVIRONMENT',
      `PyInstaller is not installed in ${place}, which the backend "${backend.name}" uses as it is.`,
      {
        backend: backend.name,
        path: `${backend.configPath}.python.env`,
        hint: `Install it: ${command}\nOr let electron-pyinstaller make an environment of its own: python.env: 'managed'.`,
      },
    );
  }
  const { version: range, mode } = backend.pyinstaller;
  const problem = checkPyInstaller(version, { range, mode, python: probe.version });
  if (problem === null) return;
  throw new PyInstallerError('ERR_ENVIRONMENT', `Cannot freeze with ${place}: ${problem.detail}`, {
    backend: backend.name,
    path: `${backend.configPath}.python.env`,
    hint: `${problem.fix} The command: ${command}`,
  });
}

/** The command that puts PyInstaller into an environment, in the words of the tool that manages it. Pure. */
export function installCommandFor(
  source: CandidateSource,
  probe: Pick<InterpreterProbe, 'executable' | 'isConda' | 'hasPip' | 'prefix'>,
  platform: NodeJS.Platform,
): string {
  const requirement = `pyinstaller==${recommendedPyInstaller}`;
  const quote = platform === 'win32' ? '"' : "'";
  const written = /[\s()&;]/.test(probe.executable)
    ? `${quote}${probe.executable}${quote}`
    : probe.executable;
  const added = toolCommands[source];
  if (added !== undefined) return `${added} ${requirement}`;
  if (probe.isConda) {
    return `conda install --prefix ${probe.prefix} -c conda-forge pyinstaller=${recommendedPyInstaller}`;
  }
  return probe.hasPip
    ? `${written} -m pip install ${requirement}`
    : `uv pip install --python ${written} ${requirement}`;
}

/** Tools that keep a list of what they installed: going behind their back would be undone at the next sync. */
const toolCommands: Readonly<Partial<Record<CandidateSource, string>>> = {
  uv: 'uv add --dev',
  poetry: 'poetry add --group dev',
  pdm: 'pdm add --dev',
};
