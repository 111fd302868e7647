import path from 'node:path';
import type { ResolvedConfig } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { interruptible } from '../../hosts/shared/interrupt.js';
import { readText } from '../../lib/files.js';
import type { WorkOptions } from '../../report.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadProject, type ProjectOptions } from '../project.js';
import { showEvents } from '../render/events.js';
import { createTheme } from '../render/theme.js';

/** Options of `generate`. */
export interface GenerateOptions extends ProjectOptions {
  readonly check?: boolean;
}

/** `generate`: write `backends.gen.ts` and the types of every API that has a `client`, or with `--check` only compare them. */
export async function generate(options: GenerateOptions, io: Io): Promise<number> {
  const config = await loadProject(options, io.cwd);
  const { typedBackends } = await import('../../hosts/client/index.js');
  const typed = typedBackends(config.backends);
  if (config.generate === null && typed.length === 0) {
    throw new PyInstallerError(
      'ERR_CONFIG',
      'The configuration switches generated code off (generate: false).',
      {
        path: 'generate',
        hint: "Name a file there: generate: 'src/backends.gen.ts'.",
      },
    );
  }
  const isCheck = options.check === true;
  let isCurrent = true;
  if (config.generate !== null) isCurrent = await backendsModule(config, config.generate, isCheck, io);
  if (typed.length > 0) {
    const view = showEvents(io);
    try {
      const isTyped = await interruptible((signal) => {
        const work = { cacheDir: config.cacheDir, report: view.report, signal };
        return isCheck ? checkTypes(config, work, io) : writeAllTypes(config, work, io);
      });
      isCurrent &&= isTyped;
    } finally {
      view.close();
    }
  }
  return isCurrent ? exitCodes.ok : exitCodes.failed;
}

async function backendsModule(
  config: ResolvedConfig,
  file: string,
  isCheck: boolean,
  io: Io,
): Promise<boolean> {
  const { generateBackends, writeBackendsModule } = await import('../../hosts/codegen/index.js');
  const theme = createTheme(io.color);
  const shown = path.relative(io.cwd, file);
  if (!isCheck) {
    const isChanged = (await writeBackendsModule(config)) !== null;
    io.out(`${theme.good('✔')} ${shown} ${isChanged ? 'written' : 'is up to date'}\n`);
    return true;
  }
  const text = generateBackends(config);
  const current = await readText(file);
  io.out(
    current === text
      ? `${theme.good('✔')} ${shown} is up to date\n`
      : `${theme.bad('✖')} ${shown} is ${current === null ? 'missing' : 'out of date'}; run electron-pyinstaller generate\n`,
  );
  return current === text;
}

async function writeAllTypes(config: ResolvedConfig, work: WorkOptions, io: Io): Promise<true> {
  const client = await import('../../hosts/client/index.js');
  const theme = createTheme(io.color);
  for (const backend of client.typedBackends(config.backends)) {
    const document = await client.presentDocument(backend, work);
    const version = await client.generatorVersion(config.projectDir);
    const found = await client.typesState(backend, document, version);
    if (found.state !== 'current')
      await client.writeTypes(backend, document, await client.findTypeGenerator(config.projectDir, work));
    const shown = path.relative(io.cwd, backend.client.output);
    io.out(`${theme.good('✔')} ${shown} ${found.state === 'current' ? 'is up to date' : 'written'}\n`);
    if (found.state === 'outdated') io.out(client.changesText(found.changes));
  }
  return true;
}

async function checkTypes(config: ResolvedConfig, work: WorkOptions, io: Io): Promise<boolean> {
  const client = await import('../../hosts/client/index.js');
  const theme = createTheme(io.color);
  let isCurrent = true;
  for (const backend of client.typedBackends(config.backends)) {
    const found = await client.typesState(backend, await client.presentDocument(backend, work));
    const shown = path.relative(io.cwd, backend.client.output);
    if (found.state === 'current') {
      io.out(`${theme.good('✔')} ${shown} is up to date\n`);
      continue;
    }
    isCurrent = false;
    const what = found.state === 'missing' ? 'missing' : `out of date: the API of ${backend.name} changed`;
    io.out(`${theme.bad('✖')} ${shown} is ${what}; run electron-pyinstaller generate\n`);
    if (found.state === 'outdated') io.out(client.changesText(found.changes));
  }
  return isCurrent;
}
