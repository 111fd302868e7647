/**
 * The runtime: runs in the Electron main process of the packaged app (and in development), and locates, starts, watches and stops the
 * backends.
 */
export type { AppLike } from './app-like.js';
export type { AttachTarget } from './attach.js';
export { createBackend } from './backend.js';
export type { Backend, BackendOptions } from './backend.js';
export type { RequestOptions } from './conversation.js';
export { BackendError, isBackendError } from './errors.js';
export type { BackendErrorCode, BackendErrorDetails, SerializedBackendError } from './errors.js';
export type { BackendAddress, BackendEvents, BackendPhase, BackendState, ReadyInfo } from './events.js';
export { createBackends } from './group.js';
export type { BackendGroup } from './group.js';
export type { JobOptions, JobProgress, JobResult } from './jobs.js';
export type { Logger } from './log-sink.js';
export type { BackendKind, BackendManifest, Manifest, RuntimeSettings } from './manifest.js';
export type { PowerMonitorLike } from './power.js';
export { exposeBackends } from './preload.js';
export type { BackendBridge, PreloadElectron } from './preload.js';
export { createProxyHandler } from './proxy.js';
export type { ProxyOptions, ProxyTarget } from './proxy.js';
export { stopBeforeUpdate, stopOnSessionEnd } from './quit.js';
export type { SessionWindow, UpdaterLike } from './quit.js';
export type { BridgeRequest, BridgeResponse } from './renderer-channels.js';
export { serveRenderer } from './serve-renderer.js';
export type { IpcEvent, IpcMainLike, ServedBackend, ServeRendererOptions } from './serve-renderer.js';
export type { ServerSentEvent } from './sse.js';
export type { BackendStatus } from './status.js';
export type { WaitOptions } from './supervisor.js';
export { backendUrlPatterns, composeBeforeSend, createTokenListener } from './web-request.js';
export type { BeforeSendAnswer, BeforeSendListener, RequestDetails, TokenSource } from './web-request.js';
