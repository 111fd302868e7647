import { PyInstallerError } from '../../errors.js';
import { cleanEnvironment } from '../clean-environment.js';
import { run } from '../../lib/run.js';

/** Python 3.11 reads TOML itself; before, pip carries a reader. */
const tomlScript = `
import json, sys
try:
    import tomllib
except ImportError:
    try:
        import tomli as tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib
with open(sys.argv[1], 'rb') as file:
    print(json.dumps(tomllib.load(file), default=str))
`;

/**
 * Read a TOML file with a Python interpreter (3.11, or one with pip).
 *
 * @param file absolute path.
 * @throws PyInstallerError `ERR_ENVIRONMENT` when it cannot be read.
 */
export async function readToml(interpreter: string, file: string, env: NodeJS.ProcessEnv): Promise<unknown> {
  const result = await run(interpreter, ['-I', '-X', 'utf8', '-c', tomlScript, file], {
    env: cleanEnvironment(env),
    timeoutMs: 60_000,
  });
  try {
    if (result.exitCode === 0) return JSON.parse(result.stdout);
  } catch {
    // Falls through to the error below.
  }
  const said = result.stderr.trim().split(/\r?\n/).at(-1) ?? '';
  throw new PyInstallerError(
    'ERR_ENVIRONMENT',
    `Could not read ${file} (exit code ${result.exitCode}): ${said}`,
    {
      file,
      hint: 'Repair the file: it is not valid TOML.',
    },
  );
}
