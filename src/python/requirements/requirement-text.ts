import path from 'node:path';
import { parse } from 'smol-toml';
import { PyInstallerError } from '../../errors.js';
import { readCondaEnvironment } from './conda-environment.js';
import { readPipfile } from './pipfile.js';

/** Files that pip cannot read by itself; see {@link requirementText}. */
export function isForeign(file: string): boolean {
  const name = path.basename(file);
  return name === 'Pipfile' || /\.ya?ml$/i.test(name);
}

/** A file that names packages, in the words of pip: a `Pipfile` and the pip part of a conda environment are put into them. */
export function requirementText(file: string, text: string): string {
  if (!isForeign(file)) return text;
  if (path.basename(file) !== 'Pipfile') return `${readCondaEnvironment(text, file).pip.join('\n')}\n`;
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new PyInstallerError('ERR_ENVIRONMENT', `Could not read ${file}: ${String(cause).split('\n')[0]}`, {
      file,
      cause,
      hint: 'Repair the file: it is not valid TOML.',
    });
  }
  return `${readPipfile(content, file).join('\n')}\n`;
}

/** The same with files that it includes named by their whole path, so that it can stand elsewhere. Pure. */
export function movableText(file: string, text: string): string {
  return requirementText(file, text).replaceAll(
    /^(\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=))(?![a-z]+:\/\/)(\S.*)$/gim,
    (_line, option: string, target: string) => {
      const whole = path.resolve(path.dirname(file), target.trim().replaceAll(/^["']|["']$/g, ''));
      return `${option}${/\s/.test(whole) ? `"${whole}"` : whole}`;
    },
  );
}
