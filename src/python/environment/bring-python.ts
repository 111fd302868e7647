import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { versionToInstall } from '../../config/limits.js';
import { isPyInstallerError, PyInstallerError } from '../../errors.js';
import type { WorkOptions } from '../../report.js';
import { describeEnd, run } from '../../lib/run.js';
import { hostTarget } from '../../target.js';
import { cleanEnvironment } from '../clean-environment.js';
import { candidateInput, installerFor, type FindOptions } from '../find/find.js';
import { interpreterVariable, listCandidates } from '../find/candidates.js';
import { variable } from '../find/path-search.js';
import { tryProbe } from '../find/probe.js';
import { redactUrls } from '../redact.js';
import type { InterpreterProbe } from '../types.js';
import { broughtUv, bringUv, toolsDir } from './bring-uv.js';
import { realDisk } from './disk.js';

/** Folder of the cache for interpreters that uv brought. */
export function broughtPythons(cacheDir: string): string {
  return path.join(toolsDir(cacheDir), 'python');
}

/** The version that uv would bring where the machine has no usable Python; null: somebody named one, or uv is not wanted. */
export function pythonToBring(backend: ResolvedBackend, env: NodeJS.ProcessEnv): string | null {
  const { python, target } = backend;
  const isFree =
    python.env.type === 'managed' &&
    python.interpreter === null &&
    variable(env, interpreterVariable, target.platform) === undefined;
  const isWanted = isFree && !python.offline && installerFor(python, env, target.platform).kind === 'uv';
  return isWanted && target.arch === hostTarget().arch ? versionToInstall(python.version) : null;
}

/**
 * Have uv bring a Python, after none of the machine could be used.
 *
 * @param refused what the search ended with; it is thrown again, with what uv said, when uv cannot bring one.
 */
export async function bringPython(
  version: string,
  backend: ResolvedBackend,
  find: FindOptions,
  options: WorkOptions,
  refused: PyInstallerError,
): Promise<void> {
  const started = performance.now();
  const { env, signal } = find;
  const report = (title: string) =>
    options.report?.({
      type: 'stage',
      backend: backend.name,
      stage: 'probe',
      title,
      elapsedMs: performance.now() - started,
    });
  report(`Bringing Python ${version} with uv`);
  const uv = await uvFor(backend, find, options, refused);
  const folder = broughtPythons(options.cacheDir);
  await mkdir(folder, { recursive: true });
  const wanted = ['--no-bin', '--no-registry', '--install-dir', folder, version];
  const result = await run(uv, ['python', 'install', ...wanted], {
    env: cleanEnvironment(env, { NO_COLOR: '1', UV_NATIVE_TLS: '1' }),
    timeoutMs: 900_000,
    signal,
  });
  if (result.exitCode === 0) return;
  if (result.cancelled)
    throw new PyInstallerError('ERR_CANCELLED', `Cancelled while bringing Python ${version}.`, {
      backend: backend.name,
    });
  const said = result.stderr.split(/\r?\n/).filter((line) => /^\s*(?:error|cause)\b/.test(line));
  throw withReason(refused, version, said.map((line) => line.trim()).join('; ') || describeEnd(result));
}

async function uvFor(
  backend: ResolvedBackend,
  find: FindOptions,
  options: WorkOptions,
  refused: PyInstallerError,
): Promise<string> {
  const installer = installerFor(backend.python, find.env, find.platform);
  const there = (installer.kind === 'uv' ? installer.program : null) ?? broughtUv(options.cacheDir);
  if (there !== null) return there;
  const base = await somePython(find);
  if (base === null) throw refused;
  const folder = toolsDir(options.cacheDir);
  try {
    return await bringUv(base, backend.python, options.cacheDir, {
      backend: backend.name,
      base: base.executable,
      cwd: backend.projectDir,
      env: find.env,
      temporaryDir: path.join(folder, 'tmp'),
      logFile: path.join(path.resolve(options.cacheDir), 'logs', 'uv.log'),
      onLine: () => undefined,
      signal: find.signal,
    });
  } catch (error) {
    if (isPyInstallerError(error) && error.code === 'ERR_CANCELLED') throw error;
    const [said] = String(error instanceof Error ? error.message : error).split('\n');
    throw withReason(refused, versionToInstall(backend.python.version), said ?? '');
  }
}

/** Any Python of the machine that can bring uv: it need not be one to freeze with. */
async function somePython(find: FindOptions): Promise<InterpreterProbe | null> {
  for (const { command, args, asks, cwd } of listCandidates(candidateInput(find), realDisk)) {
    if (asks) continue;
    const result = await tryProbe(command, { args, cwd, env: find.env, signal: find.signal });
    if (result.ok && result.probe.hasPip) return result.probe;
  }
  return null;
}

function withReason(refused: PyInstallerError, version: string, said: string): PyInstallerError {
  const also = `uv could not bring Python ${version} either: ${redactUrls(said)}`;
  const text =
    refused.hint === undefined ? refused.message : refused.message.replace(`\n${refused.hint}`, '');
  return new PyInstallerError('ERR_PYTHON', text, {
    backend: refused.backend,
    hint: [refused.hint ?? '', also].join('\n').trim(),
    cause: refused,
  });
}
