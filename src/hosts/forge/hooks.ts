import path from 'node:path';
import type { ResolvedForgeConfig } from '@electron-forge/shared-types';
import { readAppFacts } from '../shared/app-facts.js';
import { failOnProblems, findPlacementProblems } from '../shared/check-placed.js';
import { findExclusions } from '../shared/exclusions.js';
import { limitWarnings } from '../shared/installer-limits.js';
import { refuseOldForge } from '../shared/host-versions.js';
import { interruptible } from '../shared/interrupt.js';
import { universalGlob } from '../shared/mac-signing.js';
import { plainError } from '../shared/plain-error.js';
import { ProjectBuild } from '../shared/project-build.js';
import { removeConfigKey, removeExcluded } from '../shared/remove-excluded.js';
import {
  hasRuntimePackage,
  runtimePackageFolder,
  shippedPackageWarning,
  writeRuntimePackage,
} from '../shared/runtime-package.js';
import { importsRuntime } from '../shared/runtime-use.js';
import { type PackagingRequest, parseRequest, requestTargets } from '../shared/targets.js';
import { developmentManifestVariable } from '../../runtime/manifest.js';
import { hostTarget, type TargetArch } from '../../target.js';
import { concurrentList, freezeTasks } from './freeze-tasks.js';
import { type PyInstallerPluginConfig, readPluginConfig } from './options.js';
import { archOf, resourcesOf } from './outputs.js';
import { composeOsxSign, type OsxSignOptions, signingWarnings } from './sign-macos.js';
import { signExtensionModules } from './sign-windows.js';
import { isLive, keepOutput, listOptions, reportOnTask, type TaskDefinition, type TaskLike } from './task.js';

/** What the plugin does in each hook of Forge. Apart from the plugin, whose public methods everybody sees. */
export class PluginHooks {
  readonly #config: PyInstallerPluginConfig;
  #projectDir = process.cwd();
  #build: ProjectBuild | undefined;
  #keepSources = false;
  #request: PackagingRequest | undefined;
  /** It was said which installers are too small. */
  #isTold = false;

  constructor(config: PyInstallerPluginConfig) {
    this.#config = config;
  }

  /** Forge 7 calls it several times for one command. */
  init(projectDir: string): void {
    const { source, keepSources } = readPluginConfig(this.#config, projectDir);
    if (this.#build === undefined || this.#projectDir !== projectDir) this.#build = new ProjectBuild(source);
    this.#projectDir = projectDir;
    this.#keepSources = keepSources;
  }

  /**
   * Compose the signing settings. Nothing else is changed, and nothing in place: Forge 7 resolves the same object up to
   * three times in one command.
   */
  async resolveForgeConfig(config: ResolvedForgeConfig): Promise<ResolvedForgeConfig> {
    const { packagerConfig } = config;
    const { osxSign, osxUniversal } = packagerConfig;
    let resolved;
    try {
      resolved = await this.#project().config({ ...hostTarget(), platform: 'darwin' });
    } catch {
      // A broken configuration is reported where there is a task to show it on: in prePackage and preStart.
      return config;
    }
    const x64ArchFiles = universalGlob(
      resolved.backends.map(({ name }) => name),
      osxUniversal?.x64ArchFiles,
    );
    const changes = {
      ...(osxSign === undefined
        ? {}
        : { osxSign: composeOsxSign(osxSign as true | OsxSignOptions, resolved) }),
      ...(x64ArchFiles === undefined ? {} : { osxUniversal: { ...osxUniversal, x64ArchFiles } }),
    };
    return {
      ...config,
      packagerConfig: { ...packagerConfig, ...changes } as ResolvedForgeConfig['packagerConfig'],
    };
  }

  /** Write `backends.gen.ts`, before `start` and before `package`. */
  async generateAssets(task: TaskLike | null): Promise<void> {
    await readable(async () => {
      // The first hook that every version of Forge runs, at `start` and at `package`.
      await refuseOldForge(this.#projectDir);
      const config = await this.#project().config(hostTarget());
      const { writeBackendsModule } = await import('../codegen/index.js');
      const written = await writeBackendsModule(config);
      if (task !== null && written !== null)
        task.output = `Wrote ${path.relative(this.#projectDir, written)}`;
    });
  }

  /** Make the backends runnable from source and tell the app where their manifest is. */
  async preStart(task: TaskLike | null): Promise<void> {
    await readable(async () => {
      const config = await this.#project().config(hostTarget());
      const { debugMode, debugVariable, prepareDevelopment } = await import('../dev/index.js');
      const shown = task === null ? null : reportOnTask(task, isLive());
      for (const message of config.warnings) shown?.report({ type: 'warning', backend: '', message });
      try {
        const { manifestFile } = await interruptible((signal) =>
          prepareDevelopment(
            config,
            {
              cacheDir: config.cacheDir,
              signal,
              ...(shown === null ? {} : { report: shown.report }),
            },
            'electron-forge start',
            debugMode(process.env[debugVariable]),
          ),
        );
        // Forge hands its own environment to Electron.
        process.env[developmentManifestVariable] = manifestFile;
      } finally {
        shown?.close();
      }
    });
  }

  /**
   * Freeze for every architecture asked for. All failures of freezing happen here, where Forge shows them well.
   *
   * @param arch - as typed: `x64`, `x64,arm64`, `all`, `universal`
   */
  async prePackage(
    task: TaskLike | null,
    config: ResolvedForgeConfig,
    platform: string,
    arch: string,
  ): Promise<unknown> {
    return await readable(async () => {
      const build = this.#project();
      build.reset();
      const request = parseRequest(platform, arch);
      this.#request = request;
      if (task === null) {
        for (const one of request.archs) await build.freeze({ platform: request.platform, arch: one });
        return undefined;
      }
      const tasks = await freezeTasks(build, request, isLive());
      const shipped = await shippedPackageWarning(this.#projectDir);
      const warnings = [
        ...(await this.#configWarnings(request)).map((message) => warningTask('Configuration', message)),
        ...(shipped === null ? [] : [warningTask('Dependencies', shipped)]),
        ...(await this.#limitWarnings(config, request)).map((message) => warningTask('Installers', message)),
        ...signingWarnings(config.packagerConfig?.osxSign, platform).map((message) =>
          warningTask('Signing settings', message),
        ),
      ];
      const isOneTarget = request.archs.length === 1;
      return task.newListr([...warnings, ...tasks], isOneTarget ? concurrentList : listOptions);
    });
  }

  /** Put the backends beside the app, the manifest into it, and take the Python sources out. */
  async packageAfterCopy(
    config: ResolvedForgeConfig,
    buildPath: string,
    platform: string,
    arch: string,
  ): Promise<void> {
    await readable(async () => {
      const build = this.#project();
      const target = { platform: parseRequest(platform, arch).platform, arch: arch as TargetArch };
      const { frozen, manifest } = await build.forApp(this.#requestFor(platform, arch), target.arch);
      const { placeBackends, writeManifest } = await import('../../place/index.js');
      if (!this.#keepSources) await this.#removeSources(buildPath, target);
      const placed = await placeBackends([...frozen], path.dirname(buildPath));
      await writeManifest(buildPath, manifest);
      await addRuntime(buildPath);
      const { windowsSign } = config.packagerConfig;
      if (platform === 'win32' && isWanted(windowsSign)) {
        await signExtensionModules(
          placed.map(({ directory }) => directory),
          windowsSign,
          this.#projectDir,
        );
      }
    });
  }

  /** Look into every packaged app: are the backends complete? */
  async postPackage(result: PackageResult): Promise<void> {
    await readable(async () => {
      const request = this.#requestFor(result.platform, result.arch);
      for (const output of result.outputPaths) {
        const arch = archOf(output) ?? request.archs[0];
        const resources = await resourcesOf(output, result.platform);
        if (arch === undefined || resources === null) continue;
        const { manifest } = await this.#project().forApp(request, arch);
        const problems = await findPlacementProblems(resources, manifest, result.platform);
        failOnProblems(
          problems,
          'Look for a hook, plugin or tool that changes the resources folder after it was filled.',
        );
      }
    });
  }

  /** Before the installers are made: are they large enough for the backends? Told before freezing where the size was known. */
  async preMake(task: TaskLike | null, config: ResolvedForgeConfig): Promise<void> {
    const request = this.#request;
    if (request === undefined || this.#isTold) return;
    await readable(async () => {
      const warnings = await this.#limitWarnings(config, request);
      if (task !== null && warnings.length > 0) task.output = `Warning: ${warnings.join('\nWarning: ')}`;
    });
  }

  /** Look at the finished installers. */
  async postMake(artifacts: readonly string[]): Promise<void> {
    await readable(async () => {
      const { checkArtifact } = await import('../shared/check-artifact.js');
      for (const file of artifacts) await checkArtifact(file);
    });
  }

  /** By the size of the last build: before freezing that of another run, afterwards that of this one. */
  async #limitWarnings(config: ResolvedForgeConfig, request: PackagingRequest): Promise<string[]> {
    const sizes = await Promise.all(
      requestTargets(request).map((target) => this.#project().lastBytes(target)),
    );
    const warnings = limitWarnings(
      makersFor(config, request.platform),
      sizes.map((size) => size ?? 0),
    );
    this.#isTold = warnings.length > 0;
    return warnings;
  }

  #project(): ProjectBuild {
    this.#build ??= new ProjectBuild(readPluginConfig(this.#config, this.#projectDir).source);
    return this.#build;
  }

  /** The request of the running command, unless the hooks are called for something else. */
  #requestFor(platform: string, arch: string): PackagingRequest {
    const asked = parseRequest(platform, arch);
    const running = this.#request;
    const isCovered =
      running?.platform === asked.platform && asked.archs.every((one) => running.archs.includes(one));
    return isCovered ? running : asked;
  }

  async #configWarnings(request: PackagingRequest): Promise<string[]> {
    const configs = await Promise.all(
      requestTargets(request).map((target) => this.#project().config(target)),
    );
    return [...new Set(configs.flatMap(({ warnings }) => warnings))];
  }

  async #removeSources(buildPath: string, target: Parameters<ProjectBuild['config']>[0]): Promise<void> {
    const configs = await this.#project().configs(target);
    const configFile = path.resolve(this.#projectDir, configs[0]?.configFile ?? '');
    const facts = await readAppFacts(this.#projectDir, configFile);
    await removeExcluded(buildPath, findExclusions(configs, facts));
    await removeConfigKey(buildPath);
  }
}

/** Names of the makers for a platform, without the package's prefix. Of one that says nothing, its own platforms are not known: it counts. */
function makersFor({ makers }: ResolvedForgeConfig, platform: string): string[] {
  const named = (Array.isArray(makers) ? makers : []) as readonly {
    readonly name?: unknown;
    readonly platforms?: unknown;
  }[];
  return named.flatMap(({ name, platforms }) => {
    if (typeof name !== 'string' || (Array.isArray(platforms) && !platforms.includes(platform))) return [];
    return [name.replace(/^@electron-forge\/maker-/, '')];
  });
}

/** What Forge passes to `postPackage`. */
export interface PackageResult {
  readonly platform: string;
  readonly arch: string;
  readonly outputPaths: string[];
}

/** A main process that is not bundled finds the runtime in the app, though packaging left development dependencies out. */
async function addRuntime(appDir: string): Promise<void> {
  const { main } = await readAppFacts(appDir);
  if ((await hasRuntimePackage(appDir)) || !(await importsRuntime(appDir, main))) return;
  await writeRuntimePackage(path.join(appDir, runtimePackageFolder));
}

function warningTask(title: string, message: string): TaskDefinition {
  return {
    title,
    rendererOptions: keepOutput,
    task: (_context, task) => {
      task.output = `Warning: ${message}`;
    },
  };
}

/** Run a hook so that its error is one readable message. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw plainError(error);
  }
}

/** `windowsSign` is `true` or an object when wanted; people also write `false`. */
function isWanted(windowsSign: unknown): boolean {
  return windowsSign !== undefined && windowsSign !== null && windowsSign !== false;
}
