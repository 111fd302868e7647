/**
 * The runtime: runs in the Electron main process of the packaged app (and in development), and locates, starts, watches and stops the
 * backends.
 */
export type { AppLike } from './app-like.js';
export type { AttachTarget } from './dev/attach.js';
export { createBackend } from './backend.js';
export type { Backend, BackendOptions } from './backend.js';
export type { RequestOptions } from './talk/conversation.js';
export { BackendError, isBackendError } from './errors.js';
export type { BackendErrorCode, BackendErrorDetails, SerializedBackendError } from './errors.js';
export type { BackendAddress, BackendEvents, BackendPhase, BackendState, ReadyInfo } from './events.js';
export { createBackends } from './life/group.js';
export type { BackendGroup } from './life/group.js';
export type { JobOptions, JobProgress, JobResult } from './life/jobs.js';
export type { Logger } from './log/log-sink.js';
export type { BackendKind, BackendManifest, Manifest, RuntimeSettings } from './manifest.js';
export type { PowerMonitorLike } from './life/power.js';
export { exposeBackends } from './page/preload.js';
export type { BackendBridge, PreloadElectron } from './page/preload.js';
export { createProxyHandler } from './page/proxy.js';
export type { ProxyOptions, ProxyTarget } from './page/proxy.js';
export { stopBeforeUpdate, stopOnSessionEnd } from './life/quit.js';
export type { SessionWindow, UpdaterLike } from './life/quit.js';
export type { BridgeRequest, BridgeResponse } from './page/renderer-channels.js';
export { serveRenderer } from './page/serve-renderer.js';
export type { IpcEvent, IpcMainLike, ServedBackend, ServeRendererOptions } from './page/serve-renderer.js';
export type { ServerSentEvent } from './talk/sse.js';
export type { BackendStatus } from './life/status.js';
export type { WaitOptions } from './life/supervisor.js';
export { backendUrlPatterns, composeBeforeSend, createTokenListener } from './page/web-request.js';
export type {
  BeforeSendAnswer,
  BeforeSendListener,
  RequestDetails,
  TokenSource,
} from './page/web-request.js';
