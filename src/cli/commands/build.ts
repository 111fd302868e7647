import path from 'node:path';
import type { FrozenBackend } from '../../bundle/frozen.js';
import { formatBytes } from '../../lib/text.js';
import { targetName } from '../../target.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadProject, parseTarget, type ProjectOptions } from '../project.js';
import { createTheme } from '../render/theme.js';
import { chooseBackends } from './backends.js';
import { freezeWithProgress, printJson, showConfigWarnings } from './work.js';

/** Options of `build`. */
export interface BuildOptions extends ProjectOptions {
  readonly target?: string;
  readonly force?: boolean | undefined;
  readonly explain?: boolean;
  readonly cacheKey?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** `build`: freeze backends and say where the bundles are. */
export async function build(names: readonly string[], options: BuildOptions, io: Io): Promise<number> {
  const target = parseTarget(options.target);
  const config = await loadProject(options, io.cwd, target);
  const backends = chooseBackends(config.backends, names);
  if (options.cacheKey === true) {
    const { cacheKey } = await import('../../freeze/index.js');
    const key = await cacheKey(backends, config.cacheDir);
    if (options.json === true) printJson(io, { ok: true, target: targetName(target), key });
    else io.out(`${key}\n`);
    return exitCodes.ok;
  }
  showConfigWarnings(config, io);
  if (options.explain === true) {
    const { explain } = await import('./explain.js');
    return await explain(config, backends, options.json === true, io);
  }
  const frozen = await freezeWithProgress(
    config,
    backends,
    io,
    options.force === true ? { force: true } : {},
  );
  const copies = options.out === undefined ? [] : await copyOut(frozen, path.resolve(io.cwd, options.out));
  if (options.json === true) {
    printJson(io, {
      ok: true,
      target: targetName(target),
      backends: frozen.map((one, i) => describe(one, copies[i])),
    });
    return exitCodes.ok;
  }
  const theme = createTheme(io.color);
  for (const [index, one] of frozen.entries()) {
    const size = theme.faint(`(${formatBytes(one.sizeBytes)}, ${one.fileCount} files)`);
    io.out(`${theme.strong(one.backend.name)}  ${copies[index] ?? one.bundleDir} ${size}\n`);
  }
  return exitCodes.ok;
}

async function copyOut(frozen: readonly FrozenBackend[], out: string): Promise<string[]> {
  const { exportBundle } = await import('../../freeze/index.js');
  const copies: string[] = [];
  for (const one of frozen) {
    const to = path.join(out, targetName(one.backend.target), one.backend.name);
    await exportBundle(one, to);
    copies.push(to);
  }
  return copies;
}

function describe(one: FrozenBackend, copy: string | undefined): Record<string, unknown> {
  const { program } = one.manifest;
  return {
    name: one.backend.name,
    bundleDir: one.bundleDir,
    ...(copy === undefined ? {} : { copiedTo: copy }),
    executable: program.type === 'frozen' ? path.join(one.bundleDir, program.executable) : null,
    key: one.key,
    cached: one.cached,
    elapsedMs: one.elapsedMs,
    sizeBytes: one.sizeBytes,
    fileCount: one.fileCount,
    warnings: one.warnings,
  };
}
