export { PyInstallerPlugin, PyInstallerPlugin as default } from './plugin.js';
export type { PyInstallerPluginConfig, PyInstallerPluginOptions } from './options.js';
