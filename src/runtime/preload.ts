/** The page's half of the bridge: for preload scripts, sandboxed ones too. Needs nothing of Node. */
export { exposeBackends } from './page/preload.js';
export type { BackendBridge, PreloadElectron } from './page/preload.js';
export type { BridgeRequest, BridgeResponse } from './page/renderer-channels.js';
export type { BackendStatus } from './life/status.js';
