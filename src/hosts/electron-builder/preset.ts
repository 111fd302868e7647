import { fileURLToPath } from 'node:url';

const hook = fileURLToPath(new URL('./hook.js', import.meta.url));

/**
 * Configuration preset for electron-builder: `extends: electron-pyinstaller/electron-builder`.
 *
 * It holds hooks and nothing else, as absolute paths: a hook of the app's own then simply takes the place of ours, where
 * two functions would crash electron-builder's merge, and no package manager's layout matters. The early work is
 * registered twice, on `beforePack` and on `afterExtract`, and done once, so that an app with a `beforePack` of its own
 * still gets its backends.
 */
const preset = { beforePack: hook, afterExtract: hook, afterPack: hook, artifactBuildCompleted: hook };

export default preset;
