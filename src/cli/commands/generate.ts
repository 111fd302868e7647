import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadProject, type ProjectOptions } from '../project.js';
import { createTheme } from '../render/theme.js';
import { readText } from '../../lib/files.js';

/** Options of `generate`. */
export interface GenerateOptions extends ProjectOptions {
  readonly check?: boolean;
}

/** `generate`: write `backends.gen.ts`, or with `--check` only compare it. */
export async function generate(options: GenerateOptions, io: Io): Promise<number> {
  const config = await loadProject(options, io.cwd);
  const { generateBackends, writeGenerated } = await import('../../hosts/codegen/index.js');
  if (config.generate === null) {
    throw new PyInstallerError(
      'ERR_CONFIG',
      'The configuration switches generated code off (generate: false).',
      {
        path: 'generate',
        hint: "Name a file there: generate: 'src/backends.gen.ts'.",
      },
    );
  }
  const theme = createTheme(io.color);
  const shown = path.relative(io.cwd, config.generate);
  const text = generateBackends(config);
  if (options.check === true) {
    const current = await readText(config.generate);
    const isCurrent = current === text;
    io.out(
      isCurrent
        ? `${theme.good('✔')} ${shown} is up to date\n`
        : `${theme.bad('✖')} ${shown} is ${current === null ? 'missing' : 'out of date'}; run electron-pyinstaller generate\n`,
    );
    return isCurrent ? exitCodes.ok : exitCodes.failed;
  }
  const isChanged = await writeGenerated(config.generate, text);
  io.out(`${theme.good('✔')} ${shown} ${isChanged ? 'written' : 'is up to date'}\n`);
  return exitCodes.ok;
}
