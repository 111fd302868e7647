import path from 'node:path';
import { readAppFacts } from '../shared/app-facts.js';
import { findExclusions } from '../shared/exclusions.js';
import { limitWarnings } from '../shared/installer-limits.js';
import { interruptible } from '../shared/interrupt.js';
import { type AppBackends } from '../shared/project-build.js';
import { shippedPackageWarning, writeRuntimePackage } from '../shared/runtime-package.js';
import { importsRuntime } from '../shared/runtime-use.js';
import { developmentManifestPath } from '../../runtime/manifest.js';
import { targetName } from '../../target.js';
import { untilCancelled } from './cancellation.js';
import { appDirOf, type BuilderContext, platformOptionsOf, readPack } from './context.js';
import { excludeSources, hideConfigKey, type Injection, injectIntoApp, injectResources } from './inject.js';
import { withoutHardLinks } from './hard-links.js';
import { logLine, reportAsLines } from './log.js';
import { adaptMacOptions } from './mac-options.js';
import { buildOf } from './run-state.js';
import { builderWarnings } from './warnings.js';

/** What was told already in this run; every hook is called once per architecture. */
const told = new WeakMap<object, Set<string>>();

/**
 * Freeze what the pack needs and change electron-builder's configuration accordingly. Calling it again for the same pack
 * changes nothing.
 */
export async function addBackends(context: BuilderContext): Promise<void> {
  const { packager } = context;
  const { request, arch } = readPack(context);
  const target = { platform: request.platform, arch };
  const label = request.universal ? `${request.platform}-universal` : targetName(target);
  const build = buildOf(context);
  const configs = await build.configs(target);
  const shipped = await shippedPackageWarning(appDirOf(packager));
  for (const warning of [
    ...(configs[0]?.warnings ?? []),
    ...(shipped === null ? [] : [shipped]),
    ...builderWarnings(request.platform, platformOptionsOf(packager), process.env),
  ]) {
    tellOnce(packager.config, warning);
  }
  const lastBytes = await build.lastBytes(target);
  const isTold = lastBytes !== null && tellLimits(context, arch, lastBytes);
  const backends = await untilCancelled(packager, async (cancelled) =>
    interruptible(
      (signal) => build.forApp(request, arch, { signal, report: reportAsLines(label) }),
      cancelled,
    ),
  );
  if (!isTold) tellLimits(context, arch, totalBytes(backends));
  const { writeManifest } = await import('../../place/index.js');
  const manifestDir = path.join(
    packager.projectDir,
    path.dirname(developmentManifestPath),
    'electron-builder',
    label,
  );
  await writeManifest(manifestDir, backends.manifest);
  const facts = await readAppFacts(
    appDirOf(packager),
    path.resolve(packager.projectDir, configs[0]?.configFile ?? ''),
  );
  // Among the dependencies it is shipped whole, which is warned of.
  const runtimeDir =
    shipped === null
      ? await runtimeFor(context, facts.main, path.join(path.dirname(manifestDir), `${label}-runtime`))
      : null;

  const injections = await withoutHardLinks(
    injectionsOf(backends),
    path.join(path.dirname(manifestDir), `${label}-bundles`),
    process.env,
  );

  // Nothing asynchronous from here on: packs may run side by side, and electron-builder reads the configuration right
  // after `afterExtract`.
  const platform = platformOptionsOf(packager);
  injectResources(packager.config, injections);
  excludeSources(packager.config, platform, findExclusions(configs, facts));
  injectIntoApp(packager.config, manifestDir, runtimeDir);
  if (facts.hasConfigKey) hideConfigKey(packager.config);
  if (request.platform === 'darwin') {
    adaptMacOptions(platform, backends.manifest, request.universal, packager.platformOptions !== undefined);
  }
}

function totalBytes({ frozen }: AppBackends): number {
  return frozen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Sizes of the backends, by architecture: NSIS puts all of a run into one installer. */
const sizes = new WeakMap<object, Map<string, number>>();

/** Warn of installers that are too small; true: something was said. */
function tellLimits({ packager, targets = [] }: BuilderContext, arch: string, bytes: number): boolean {
  const { config } = packager;
  const known = sizes.get(config) ?? new Map<string, number>();
  sizes.set(config, known.set(arch, bytes));
  const warnings = limitWarnings(
    targets.map(({ name }) => name),
    [...known.values()],
  );
  for (const warning of warnings) tellOnce(config, warning);
  return warnings.length > 0;
}

function injectionsOf({ frozen }: AppBackends): Injection[] {
  return frozen.flatMap(({ bundleDir, backend, manifest }) => {
    const { program } = manifest;
    if (program.type !== 'frozen') return [];
    const to = program.directories[backend.target.arch];
    return to === undefined ? [] : [{ from: bundleDir, to }];
  });
}

/** The runtime as a package, when the main process loads it from node_modules; electron-builder leaves development dependencies out. */
async function runtimeFor(
  { packager }: BuilderContext,
  main: string | undefined,
  directory: string,
): Promise<string | null> {
  const replaced = packager.config.extraMetadata?.['main'];
  const wanted = typeof replaced === 'string' ? replaced : main;
  if (!(await importsRuntime(appDirOf(packager), wanted))) return null;
  await writeRuntimePackage(directory);
  return directory;
}

function tellOnce(config: object, message: string): void {
  const messages = told.get(config) ?? new Set();
  told.set(config, messages);
  if (messages.has(message)) return;
  messages.add(message);
  logLine(`python backend  warning: ${message}`);
}
