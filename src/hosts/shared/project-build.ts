import type { LoadedConfig } from '../../config/index.js';
import type { ResolvedConfig } from '../../config/resolved.js';
import type { FrozenBackend } from '../../bundle/frozen.js';
import type { FreezeOptions } from '../../freeze/types.js';
import type { Manifest } from '../../runtime/manifest.js';
import type { Target, TargetArch } from '../../target.js';
import type { PackagingRequest } from './targets.js';
import { separateFolders } from './universal.js';

/** Where a host finds the configuration. */
export interface ConfigSource {
  /** Absolute folder of the project. */
  readonly projectDir: string;
  /** Configuration file, absolute or relative to the project; default: looked for. */
  readonly file?: string;
  /** Configuration given in the host's own. */
  readonly inline?: unknown;
  /** What to call `inline` in messages, e.g. `forge.config.ts (PyInstallerPlugin)`. */
  readonly inlineSource?: string;
  /** Path in front of `inline` in the host's own configuration. */
  readonly inlinePrefix?: readonly string[];
}

/** Everything that goes into one packaged app. */
export interface AppBackends {
  readonly frozen: readonly FrozenBackend[];
  readonly manifest: Manifest;
}

/** Receives progress and cancels. */
export type BuildOptions = Pick<FreezeOptions, 'report' | 'signal' | 'force'>;

/**
 * The configuration of one project and what was frozen from it, for hosts that package several architectures one after
 * the other or at once. A target is frozen once; a failure is not remembered.
 */
export class ProjectBuild {
  readonly #source: ConfigSource;
  #loaded: Promise<LoadedConfig> | undefined;
  readonly #frozen = new Map<string, Promise<readonly FrozenBackend[]>>();

  constructor(source: ConfigSource) {
    this.#source = source;
  }

  /** Forget what was loaded and frozen: the files may have changed since. */
  reset(): void {
    this.#loaded = undefined;
    this.#frozen.clear();
  }

  /**
   * The configuration for one target.
   *
   * @throws PyInstallerError `ERR_CONFIG`
   */
  async config(target: Target): Promise<ResolvedConfig> {
    const { loadConfig, resolveConfig } = await import('../../config/index.js');
    this.#loaded ??= loadConfig(this.#source);
    const loading = this.#loaded;
    try {
      return resolveConfig(await loading, { target });
    } catch (error) {
      if (this.#loaded === loading) this.#loaded = undefined;
      throw error;
    }
  }

  /**
   * The configuration for one target and for every other that it can be resolved for: what only another target needs
   * stays out of the app too.
   */
  async configs(target: Target): Promise<ResolvedConfig[]> {
    const configs = [await this.config(target)];
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      for (const arch of ['x64', 'arm64'] as const) {
        const other = await this.config({ platform, arch }).catch(() => null);
        if (other !== null) configs.push(other);
      }
    }
    return configs;
  }

  /** Size of what the last build made of all backends for one target; null: not known of every one. */
  async lastBytes(target: Target): Promise<number | null> {
    const { backends, cacheDir } = await this.config(target);
    const { lastBundleBytes } = await import('../../freeze/index.js');
    const sizes = await Promise.all(backends.map((backend) => lastBundleBytes(backend, cacheDir)));
    return sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0);
  }

  /** Freeze every backend for one target, or wait for the run that does so already. */
  async freeze(target: Target, options: BuildOptions = {}): Promise<readonly FrozenBackend[]> {
    const key = `${target.platform}-${target.arch}`;
    const running = this.#frozen.get(key);
    if (running !== undefined) return await running;
    const run = this.#freeze(target, options);
    this.#frozen.set(key, run);
    try {
      return await run;
    } catch (error) {
      if (this.#frozen.get(key) === run) this.#frozen.delete(key);
      throw error;
    }
  }

  async #freeze(target: Target, options: BuildOptions): Promise<readonly FrozenBackend[]> {
    const config = await this.config(target);
    const { freezeAll } = await import('../../freeze/freeze-all.js');
    const freeze: typeof freezeAll = config.backends.every(({ client }) => client === null)
      ? freezeAll
      : (await import('../client/after-freeze.js')).typing(freezeAll);
    return await freeze(config.backends, {
      cacheDir: config.cacheDir,
      verify: async (...what) => await (await import('../../verify/index.js')).verifyBundle(...what),
      ...options,
    });
  }

  /**
   * What goes into the app for one architecture; for a request with a universal app among its results, both
   * architectures in folders of their own.
   */
  async forApp(
    request: PackagingRequest,
    arch: TargetArch,
    options: BuildOptions = {},
  ): Promise<AppBackends> {
    const { createManifest } = await import('../../freeze/index.js');
    const { platform } = request;
    if (!request.universal) {
      const frozen = await this.freeze({ platform, arch }, options);
      return { frozen, manifest: createManifest(frozen) };
    }
    const frozen: FrozenBackend[] = [];
    for (const slice of ['x64', 'arm64'] as const) {
      frozen.push(...separateFolders(await this.freeze({ platform, arch: slice }, options)));
    }
    return { frozen, manifest: createManifest(frozen) };
  }
}
