/**
 * The part of Electron's `app` the runtime uses; Electron's own fits. Structural, so that the runtime does not import Electron and
 * can run under a test or a build.
 */
export interface AppLike {
  /** Packaged apps read the manifest from the app, others the development manifest. */
  readonly isPackaged: boolean;
  getAppPath(): string;
  getPath(name: 'userData' | 'logs'): string;
  on(event: 'will-quit', listener: (event: { preventDefault(): void }) => void): unknown;
  quit(): void;
}
