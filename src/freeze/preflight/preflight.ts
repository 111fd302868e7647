import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import type { FoundInterpreter, PythonEnvironment } from '../../python/types.js';
import { askPreflight, preflightQuestion, type PreflightPlace } from './ask.js';
import { judgePreflight, missingServer, type PreflightFinding } from './judge.js';

/** What is certainly wrong with a backend, told from its sources in a second. Nothing is installed, imported or run. */
export async function preflight(
  backend: ResolvedBackend,
  { probe }: Pick<FoundInterpreter, 'probe'>,
  environment: PythonEnvironment | null,
  signal?: AbortSignal,
): Promise<PreflightFinding[]> {
  const question = preflightQuestion(backend, placeOf(backend, environment));
  if (question === null) return [];
  const [answer] = await askPreflight([question], environment?.interpreter ?? probe.executable, signal);
  const server =
    environment === null
      ? null
      : missingServer(
          backend,
          environment.distributions.map(({ name }) => name),
        );
  return [
    ...(answer === undefined ? [] : judgePreflight(backend, answer, (environment?.probe ?? probe).version)),
    ...(server === null ? [] : [server]),
  ];
}

/** What is known of an environment, or, with null, of the one that will be made. */
export function placeOf(backend: ResolvedBackend, environment: PythonEnvironment | null): PreflightPlace {
  return {
    // Without requirements the environment will have no more than the interpreter has.
    complete: environment !== null || backend.requirements.type === 'none',
    sitePackages: environment?.probe.sitePackages ?? [],
  };
}

/** As {@link preflight}; throws what was found. */
export async function assertPreflight(
  backend: ResolvedBackend,
  found: Pick<FoundInterpreter, 'probe'>,
  environment: PythonEnvironment | null,
  signal?: AbortSignal,
): Promise<void> {
  const findings = await preflight(backend, found, environment, signal);
  const [first] = findings;
  if (first === undefined) return;
  const single = findings.length === 1;
  const rows = findings.map(({ message, fix }) => `- ${message}.\n  ${fix}`);
  throw new PyInstallerError(
    first.code,
    single
      ? `Freezing backend ${backend.name}: ${first.message}.`
      : `Freezing backend ${backend.name}: ${findings.length} problems.\n${rows.join('\n')}`,
    {
      backend: backend.name,
      file: backend.configFile,
      path: first.code === 'ERR_FREEZE' ? backend.configPath : `${backend.configPath}.entry`,
      ...(single ? { hint: first.fix } : {}),
    },
  );
}
