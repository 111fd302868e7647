import type {
  ForgeArch,
  ForgeMultiHookMap,
  ForgePlatform,
  IForgePlugin,
  ResolvedForgeConfig,
} from '@electron-forge/shared-types';
import { type PackageResult, PluginHooks } from './hooks.js';
import type { PyInstallerPluginConfig } from './options.js';
import { hookWithTask } from './task.js';

type Listr = Exclude<Awaited<ReturnType<NonNullable<ForgePrePackage>>>, void>;
type ForgePrePackage = Extract<ForgeMultiHookMap['prePackage'], (...rest: never[]) => unknown>;

/**
 * Electron Forge plugin (7.6 and later, 8): freezes the configured Python backends during `package` and `make`, puts them into
 * the app's resources, and prepares them for `start`.
 *
 * It implements Forge's plugin interface without extending `PluginBase`: a second copy of that class would make Forge
 * believe that the plugin takes over `start` (docs/adr/0002-forge-plugin-interface.md).
 *
 * @example
 * ```ts
 * // forge.config.ts; the backends are described in pyinstaller.config.ts
 * import { PyInstallerPlugin } from 'electron-pyinstaller/forge';
 * export default { plugins: [new PyInstallerPlugin()] };
 * ```
 */
export class PyInstallerPlugin implements IForgePlugin {
  /** @internal */
  declare readonly __isElectronForgePlugin: boolean;
  readonly name = 'pyinstaller';

  // Private fields on purpose: Forge 7 walks the enumerable ones and fills in templates (`<%= version %>`).
  readonly #config: PyInstallerPluginConfig;
  readonly #hooks: PluginHooks;

  /**
   * @param config - the configuration, inline; default: read from `pyinstaller.config.*` or package.json
   */
  constructor(config: PyInstallerPluginConfig = {}) {
    this.#config = config;
    this.#hooks = new PluginHooks(config);
    Object.defineProperty(this, '__isElectronForgePlugin', { value: true });
  }

  /** The argument given to the constructor. */
  get config(): PyInstallerPluginConfig {
    return this.#config;
  }

  /** Called by Forge, in version 7 several times for one command. */
  init(projectDir: string): void {
    this.#hooks.init(projectDir);
  }

  /** The hooks, for Forge. */
  getHooks(): ForgeMultiHookMap {
    const hooks = this.#hooks;
    return {
      resolveForgeConfig: async (config) => await hooks.resolveForgeConfig(config),
      generateAssets: hookWithTask('Describing the Python backends', async (task, _config) => {
        await hooks.generateAssets(task);
      }),
      preStart: hookWithTask('Preparing the Python backends', async (task) => {
        await hooks.preStart(task);
      }),
      prePackage: hookWithTask(
        'Freezing the Python backends',
        async (task, config: ResolvedForgeConfig, platform: ForgePlatform, arch: ForgeArch) =>
          (await hooks.prePackage(task, config, platform, arch)) as Listr,
      ),
      packageAfterCopy: async (config, buildPath, _electronVersion, platform, arch) => {
        await hooks.packageAfterCopy(config, buildPath, platform, arch);
      },
      postPackage: hookWithTask(
        'Checking the packaged Python backends',
        async (_task, _config: ResolvedForgeConfig, result: PackageResult) => {
          await hooks.postPackage(result);
        },
      ),
      preMake: hookWithTask(
        'Comparing the Python backends with the installers',
        async (task, config: ResolvedForgeConfig) => {
          await hooks.preMake(task, config);
        },
      ),
      postMake: async (_config, results) => {
        await hooks.postMake(results.flatMap(({ artifacts }) => artifacts));
        return results;
      },
    };
  }
}
