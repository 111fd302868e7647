import {
  loadConfig,
  resolveConfig,
  type ResolvedBackend,
  type ResolvedConfig,
} from '../../src/config/index.js';
import { isPyInstallerError, type PyInstallerError } from '../../src/errors.js';
import type { Target } from '../../src/target.js';

/** Linux on x64: tests must not depend on the machine they run on. */
export const linux: Target = { platform: 'linux', arch: 'x64' };

/** Load a configuration as if it stood in pyinstaller.config.ts, and resolve it. */
export async function resolved(projectDir: string, config: unknown, target = linux): Promise<ResolvedConfig> {
  const loaded = await loadConfig({ projectDir, inline: config, inlineSource: 'pyinstaller.config.ts' });
  return resolveConfig(loaded, { target });
}

/** The one backend of a configuration. */
export async function resolvedEngine(
  projectDir: string,
  engine: unknown,
  target = linux,
): Promise<ResolvedBackend> {
  const config = await resolved(projectDir, { backends: { engine } }, target);
  const [backend] = config.backends;
  if (backend === undefined) throw new Error('no backend');
  return backend;
}

/** The error something fails with; it must be one of ours. */
export async function errorOf(work: Promise<unknown>): Promise<PyInstallerError> {
  try {
    await work;
  } catch (error) {
    if (isPyInstallerError(error)) return error;
    throw new Error(`not one of our errors: ${String(error)}`, { cause: error });
  }
  throw new Error('nothing was thrown');
}

/** Lines of the error, without the file name in front and without the heading. */
export async function problemsOf(projectDir: string, config: unknown, target = linux): Promise<string[]> {
  const { message } = await errorOf(resolved(projectDir, config, target));
  return message
    .split('\n')
    .filter((line) => !line.startsWith('The configuration has'))
    .map((line) =>
      line
        .trim()
        .replace(/^pyinstaller\.config\.ts: /, '')
        .replaceAll(projectDir, '<project>')
        .replaceAll(/<project>[^\s"')]*/g, (place) => place.replaceAll('\\', '/')),
    );
}
