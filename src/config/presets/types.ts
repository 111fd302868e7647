import type { PresetName } from './names.js';

/** Something a preset asks for: the kinds of the configuration, and four that read code. */
export interface PresetRequest {
  readonly kind:
    | 'import'
    | 'submodules'
    | 'data'
    | 'binaries'
    | 'all'
    | 'metadata'
    | 'entryPoints'
    /** Modules named as text where a server is started: `uvicorn.run("main:app")`. */
    | 'serverTargets'
    /** Plugins of the groups that first-party code and libraries in the bundle ask for. */
    | 'pluginGroups'
    /** What Django loads by the names in its settings. */
    | 'django'
    /** A file of companion/freezer/runtime_hooks, run at the start of the frozen program. */
    | 'runtimeHook'
    /** What installed packages load and read, where PyInstaller has no hook that says so. */
    | 'installedPackages';
  /** Module, package, distribution or group; for the others the framework. */
  readonly name: string;
}

/** One row of the table. */
export interface Preset {
  /** Key in `presets` of the configuration. */
  readonly name: PresetName;
  readonly title: string;
  /** Normalised names of distributions; one of them installed switches the preset on. */
  readonly when: readonly string[];
  /** What it adds and why, in one to three sentences for docs/presets.md. */
  readonly why: string;
  readonly requests: readonly PresetRequest[];
  /** Folders beside the entry module that the framework reads by convention; collected when they exist. */
  readonly folders?: readonly string[];
}

/** What a switched-on preset adds to a freeze. */
export interface PresetAddition {
  readonly name: string;
  readonly requests: readonly PresetRequest[];
  readonly folders?: readonly string[];
}
