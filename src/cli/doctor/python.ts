import type { ResolvedBackend } from '../../config/resolved.js';
import { isPyInstallerError } from '../../errors.js';
import {
  checkPyInstaller,
  findInterpreter,
  findManaged,
  formatVersion,
  oldHooksWarning,
  broughtPythons,
  planInstaller,
  pythonToBring,
  readRequirementInputs,
  pyinstallerRequirement,
  useExisting,
  type CandidateVerdict,
  type FoundInterpreter,
  type PythonEnvironment,
} from '../../python/index.js';
import { preflight } from '../../freeze/index.js';
import type { CheckContext, CheckResult } from './types.js';

/** Everything about the Python of one backend: interpreter, environment, PyInstaller, hooks. */
export async function checkPython(
  backend: ResolvedBackend,
  cacheDir: string,
  context: CheckContext,
): Promise<CheckResult[]> {
  const id = (check: string) => `${check}:${backend.name}`;
  let found: FoundInterpreter;
  try {
    found = await findInterpreter({
      python: backend.python,
      projectDir: backend.projectDir,
      sourceDirs: backend.source,
      env: context.env,
      platform: backend.target.platform,
      arch: backend.target.arch,
      backend: backend.name,
      broughtDir: broughtPythons(cacheDir),
      signal: context.signal,
    });
  } catch (error) {
    const result = failed(id('python'), `Python for ${backend.name}`, error);
    const version = isPyInstallerError(error) ? pythonToBring(backend, context.env) : null;
    if (version === null) return [result];
    const fix = `The next build lets uv bring Python ${version}, where it can be downloaded. Otherwise: ${result.fix ?? ''}`;
    return [{ ...result, status: 'warn', fix }];
  }
  const { probe } = found;
  const results: CheckResult[] = [
    {
      id: id('python'),
      title: `Python for ${backend.name}`,
      status: 'ok',
      detail: [found.reason, ...found.candidates.map(candidateLine)].join('\n'),
    },
    {
      id: id('libpython'),
      title: `Python library for ${backend.name}`,
      status: 'ok',
      detail: `${probe.sharedLibrary ?? 'none'} (${probe.arch}, ${probe.soabi || probe.implementation})`,
    },
  ];
  if (backend.python.env.type === 'managed')
    results.push(await installerResult(backend, found, cacheDir, context));
  try {
    results.push(...(await checkEnvironment(backend, found, cacheDir, context)));
  } catch (error) {
    results.push(failed(id('environment'), `Environment of ${backend.name}`, error));
  }
  return results;
}

/** One line of the list that shows in which order interpreters were looked at. */
function candidateLine(verdict: CandidateVerdict): string {
  const { origin, command, executable, version, status } = verdict;
  const what = `${origin}: ${executable ?? command}${version === null ? '' : ` (${version})`}`;
  if (status === 'refused') return `no   ${what}: ${verdict.detail}`;
  if (status === 'not-tried') return `-    ${what}: not needed`;
  return `${status === 'chosen' ? 'used' : 'same'} ${what}`;
}

async function installerResult(
  backend: ResolvedBackend,
  { probe }: FoundInterpreter,
  cacheDir: string,
  { env }: CheckContext,
): Promise<CheckResult> {
  const result = { id: `installer:${backend.name}`, title: `Installer for ${backend.name}` } as const;
  try {
    // What is wrong with the files of the requirements is said elsewhere.
    const options = await readRequirementInputs(backend.requirements, backend.projectDir, false).then(
      (inputs) => inputs.options,
      () => [],
    );
    const installer = planInstaller(backend, { options }, cacheDir, env);
    const pip = `venv and pip of Python ${formatVersion(probe.version)}`;
    const detail =
      installer.kind === 'uv'
        ? (installer.program ?? 'uv, which the next build brings from the package index')
        : installer.reason === null
          ? pip
          : `${pip}: ${installer.reason}`;
    return { ...result, status: 'ok', detail };
  } catch (error) {
    return failed(result.id, result.title, error);
  }
}

async function checkEnvironment(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  cacheDir: string,
  context: CheckContext,
): Promise<CheckResult[]> {
  const title = `Environment of ${backend.name}`;
  const isManaged = backend.python.env.type === 'managed';
  const environment = isManaged
    ? await findManaged(backend, found, cacheDir, context.env)
    : await useExisting(backend, found, false);
  const entry = await entryResults(backend, found, environment, context);
  if (environment === null) {
    const requirement = pyinstallerRequirement(backend.pyinstaller.version, backend.pyinstaller.mode);
    const detail = `will be made by the next build, with ${requirement}`;
    return [{ id: `environment:${backend.name}`, title, status: 'ok', detail }, ...entry];
  }
  const count = environment.distributions.length;
  const place = environment.directory ?? environment.interpreter;
  return [
    { id: `environment:${backend.name}`, title, status: 'ok', detail: `${place} (${count} packages)` },
    ...(environment.probe.isConda && !isManaged ? [condaResult(backend)] : []),
    await pyinstallerResult(backend, found, environment),
    ...hooksResult(backend, environment, context.now),
    ...entry,
  ];
}

/** What the next build would refuse at once. */
async function entryResults(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  environment: PythonEnvironment | null,
  { signal }: CheckContext,
): Promise<CheckResult[]> {
  const result = { id: `entry:${backend.name}`, title: `Program of ${backend.name}` } as const;
  const findings = await preflight(backend, found, environment, signal);
  if (findings.length === 0) return [];
  return [
    {
      ...result,
      status: 'fail',
      detail: findings.map(({ message }) => message).join('\n'),
      fix: findings.map(({ fix }) => fix).join('\n'),
    },
  ];
}

/** Freezing works, but what comes out is larger and less sure than with wheels. */
function condaResult(backend: ResolvedBackend): CheckResult {
  return {
    id: `conda:${backend.name}`,
    title: `Packages of ${backend.name}`,
    status: 'warn',
    detail:
      'they are from conda: its numpy brings MKL, which makes the app much larger, and libraries that packages share ' +
      '(libffi, MKL) may be missed when it is frozen.',
    fix: `Freeze from wheels: \`requirements: [...], python: { env: 'managed' }\` in ${backend.configPath} of ${backend.configFile}.`,
  };
}

async function pyinstallerResult(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  environment: PythonEnvironment,
): Promise<CheckResult> {
  const result = { id: `pyinstaller:${backend.name}`, title: `PyInstaller for ${backend.name}` } as const;
  const { version: range, mode } = backend.pyinstaller;
  const { pyinstallerVersion: version, probe } = environment;
  const isGood = version !== '' && checkPyInstaller(version, { range, mode, python: probe.version }) === null;
  if (isGood) return { ...result, status: 'ok', detail: version };
  // The build would say the same, with the command for this kind of environment.
  const error: unknown = await useExisting(backend, found, true).catch((reason: unknown) => reason);
  return failed(result.id, result.title, error);
}

function hooksResult(backend: ResolvedBackend, environment: PythonEnvironment, now: Date): CheckResult[] {
  const { hooksVersion: version } = environment;
  if (version === '') return [];
  const result = {
    id: `hooks:${backend.name}`,
    title: `Hooks for ${backend.name}`,
    detail: `pyinstaller-hooks-contrib ${version}`,
  };
  const warning = oldHooksWarning(version, now);
  if (warning === null) return [{ ...result, status: 'ok' }];
  return [{ ...result, status: 'warn', detail: warning, fix: newerHooks(backend, environment) }];
}

function newerHooks(backend: ResolvedBackend, environment: PythonEnvironment): string {
  return backend.python.env.type === 'managed'
    ? 'Run `electron-pyinstaller clean`: the next build makes the environment anew, with the newest.'
    : `${environment.interpreter} -m pip install --upgrade pyinstaller-hooks-contrib`;
}

function failed(id: string, title: string, error: unknown): CheckResult {
  if (!isPyInstallerError(error)) return { id, title, status: 'fail', detail: String(error) };
  const { hint } = error;
  const detail = hint === undefined ? error.message : error.message.replace(`\n${hint}`, '');
  return { id, title, status: 'fail', detail, ...(hint === undefined ? {} : { fix: hint }) };
}
