import { presetNames } from '../presets/names.js';
import type { ResolvedBackend, ResolvedConfig } from '../resolved.js';
import type { BackendConfig, BackendOverrides } from '../schema/index.js';
import { resolveClient } from './client.js';
import { resolveCollect, resolveData, resolveNames } from './collect.js';
import type { BackendContext } from './context.js';
import { resolveEntry } from './entry.js';
import { existing } from './paths.js';
import { resolvePyInstaller } from './pyinstaller.js';
import { interpreterPath, resolvePython } from './python.js';
import { resolveRequirements } from './requirements.js';
import { resolveSettings } from './settings.js';
import { checkModule, resolveSource, resolveSourceIgnore } from './source.js';
import { resolveLicenses } from './licenses.js';
import { resolveVerify } from './verify.js';
import { targetName } from '../../target.js';

/** One backend from its merged configuration; problems are noted in the context. Null when nothing starts it. */
export function resolveBackend(
  context: BackendContext,
  config: BackendOverrides & Pick<BackendConfig, 'client' | 'prebuilt'>,
  { configFile, generate }: Pick<ResolvedConfig, 'configFile' | 'generate'>,
): ResolvedBackend | null {
  const entry = resolveEntry(context, config);
  if (entry === null) return null;
  const source = resolveSource(context, config, entry);
  checkModule(context, entry, source);
  const { presets } = config;
  const named = presets === undefined || presets === false ? {} : presets;
  const { dev = {} } = config.run ?? {};
  const args = dev.args ?? config.run?.args ?? [];
  return {
    name: context.name,
    kind: config.kind ?? 'http',
    target: context.target,
    projectDir: context.projectDir,
    configFile,
    configPath: context.shown([]),
    entry,
    source,
    sourceIgnore: resolveSourceIgnore(context, config, source),
    python: resolvePython(context, config.python),
    requirements: resolveRequirements(context, config, source[0] ?? context.projectDir),
    hiddenImports: resolveNames(context, ['hiddenImports'], config.hiddenImports),
    data: resolveData(context, 'data', config.data, source),
    binaries: resolveData(context, 'binaries', config.binaries, source),
    collect: resolveCollect(context, config),
    ownDistribution: config.collect?.ownDistribution ?? true,
    excludes: [...new Set(config.excludes ?? [])],
    presets: {
      auto: presets !== false && entry.type !== 'spec',
      on: presetNames.filter((name) => named[name] === true),
      off: presetNames.filter((name) => named[name] === false),
    },
    pyinstaller: resolvePyInstaller(context, config, entry),
    settings: resolveSettings(context, config, entry),
    development: {
      interpreter: dev.interpreter === undefined ? null : interpreterPath(context, dev.interpreter),
      args: [...args],
      env: { ...config.run?.env, ...dev.env },
      watch: dev.watch ?? true,
    },
    verify: resolveVerify(context, config),
    licenses: resolveLicenses(context, config),
    client: resolveClient(context, config, generate),
    prebuilt: resolvePrebuilt(context, config),
  };
}

function resolvePrebuilt(context: BackendContext, config: Pick<BackendConfig, 'prebuilt'>): string | null {
  const name = targetName(context.target);
  const value = (config.prebuilt as Record<string, string | undefined> | undefined)?.[name];
  return value === undefined ? null : existing(context, ['prebuilt', name], value, 'file or folder');
}
