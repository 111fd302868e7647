export type { AddressConfig, PortAddress } from './address.js';
export type { BackendConfig, BackendOverrides, PlatformArch, PlatformKey } from './backend.js';
export { backendSchema } from './backend.js';
export type { ClientConfig } from './client.js';
export type { CollectConfig, DataConfig, DataRule, NameConfig, OptionalName } from './collect.js';
export type { Config } from './config.js';
export { configSchema } from './config.js';
export type {
  AsgiEntry,
  CallEntry,
  ConsoleScriptEntry,
  EntryConfig,
  ModuleEntry,
  ScriptEntry,
  WsgiEntry,
} from './entry.js';
export type { AuthConfig, HealthConfig, LogsConfig, ReadyConfig, RestartConfig, StopConfig } from './life.js';
export type { LicensesConfig } from './licenses.js';
export type { PyInstallerConfig } from './pyinstaller.js';
export type { PythonConfig } from './python.js';
export type { RequirementsConfig, RequirementsGroup } from './requirements.js';
export type { DevelopmentConfig, RunConfig } from './run.js';
export type { VerifyConfig, VerifyRequest, VerifyResource } from './verify.js';
