/**
 * The runtime: runs in the Electron main process of the packaged app (and in development), and locates, starts, watches and stops the
 * backends.
 */
export { createBackend } from './backend.js';
export type { Backend, BackendOptions } from './backend.js';
export type { AppLike } from './app-like.js';
export { BackendError, isBackendError } from './errors.js';
export type { BackendErrorCode, BackendErrorDetails, SerializedBackendError } from './errors.js';
export type { BackendAddress, BackendEvents, BackendPhase, BackendState, ReadyInfo } from './events.js';
export type { Logger } from './log-sink.js';
export type { BackendManifest, Manifest, RuntimeSettings } from './manifest.js';
export { stopBeforeUpdate, stopOnSessionEnd } from './quit.js';
export type { SessionWindow, UpdaterLike } from './quit.js';
export type { BackendStatus } from './status.js';
export type { WaitOptions } from './supervisor.js';
