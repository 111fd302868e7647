import { ProjectBuild } from '../shared/project-build.js';
import { configSourceOf } from './config-source.js';
import type { BuilderContext } from './context.js';

/**
 * One build per run of electron-builder. All packs of a run share one configuration object, which makes it the key;
 * architectures may be packed side by side.
 */
const builds = new WeakMap<object, ProjectBuild>();

/** The build that this pack belongs to. */
export function buildOf({ packager }: BuilderContext): ProjectBuild {
  const { config, projectDir } = packager;
  let build = builds.get(config);
  if (build === undefined) {
    build = new ProjectBuild(configSourceOf(config, projectDir));
    builds.set(config, build);
  }
  return build;
}
