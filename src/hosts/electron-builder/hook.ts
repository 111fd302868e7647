import type { BuilderContext, FinishedArtifact } from './context.js';
import { hostError } from './host-error.js';

/**
 * electron-builder hook: freeze the backends for the architecture that is about to be packed and add them to the app.
 *
 * @example
 * ```yaml
 * # electron-builder.yml, without `extends`
 * beforePack: electron-pyinstaller/electron-builder-hook
 * afterPack: electron-pyinstaller/electron-builder-hook
 * ```
 */
export async function beforePack(context: BuilderContext): Promise<void> {
  await readable(async () => {
    const { addBackends } = await import('./add-backends.js');
    await addBackends(context);
  });
}

/** The same as {@link beforePack}, for apps whose own `beforePack` took its place. Done once for each pack. */
export async function afterExtract(context: BuilderContext): Promise<void> {
  await beforePack(context);
}

/** electron-builder hook: look whether the backends arrived whole, executable and with their manifest. */
export async function afterPack(context: BuilderContext): Promise<void> {
  await readable(async () => {
    const { checkBackends } = await import('./check-backends.js');
    await checkBackends(context);
  });
}

/** electron-builder hook: look at a finished installer. */
export async function artifactBuildCompleted({ file }: FinishedArtifact): Promise<void> {
  await readable(async () => {
    const { checkArtifact } = await import('../shared/check-artifact.js');
    await checkArtifact(file);
  });
}

async function readable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw hostError(error);
  }
}
