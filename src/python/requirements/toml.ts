import { readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import { PyInstallerError } from '../../errors.js';

/**
 * Read a TOML file.
 *
 * @param file absolute path.
 * @throws PyInstallerError `ERR_ENVIRONMENT` when it cannot be read.
 */
export async function readToml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'), { integersAsBigInt: 'asNeeded' });
  } catch (cause) {
    const place = cause instanceof TomlError ? `:${cause.line}:${cause.column}` : '';
    const [said] = String(cause).split('\n');
    const hint =
      place === '' ? 'Make it a file that may be read.' : 'Repair the file there: it is not valid TOML.';
    throw new PyInstallerError('ERR_ENVIRONMENT', `Could not read ${file}${place}: ${said}`, {
      file,
      cause,
      hint,
    });
  }
}
