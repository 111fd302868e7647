import type { TargetPlatform } from '../../target.js';
import type { PlatformOptions } from './context.js';

/**
 * Settings that will surprise later, said before anybody waits for a build.
 *
 * @param env - environment that signing certificates are read from
 */
export function builderWarnings(
  platform: TargetPlatform,
  options: PlatformOptions,
  env: NodeJS.ProcessEnv,
): string[] {
  const warnings: string[] = [];
  if (platform === 'win32' && isWindowsSigned(options, env)) {
    const extensions = options.signExts ?? [];
    const missing = ['.dll', '.pyd'].filter((extension) => !extensions.includes(extension));
    if (missing.length > 0) {
      warnings.push(
        `only the backend's .exe is signed. To sign its libraries too: win.signExts: ${JSON.stringify([...extensions, ...missing])}`,
      );
    }
  }
  return warnings;
}

function isWindowsSigned(options: PlatformOptions, env: NodeJS.ProcessEnv): boolean {
  if (options['signAndEditExecutable'] === false || options['signExecutable'] === false) return false;
  const settings = ['signtoolOptions', 'azureSignOptions', 'sign'];
  return (
    settings.some((name) => typeof options[name] === 'object' && options[name] !== null) ||
    env['WIN_CSC_LINK'] !== undefined ||
    env['CSC_LINK'] !== undefined
  );
}
