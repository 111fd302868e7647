/**
 * What a typed client of a backend's API needs, in the main process, in preload scripts and in pages. Imports no Electron and nothing
 * of Node; openapi-fetch, which makes the client, is imported by whoever calls this.
 */
export { defaultOf } from './default-of.js';
export { eventReader } from './events.js';
export type { DescribedEvent, EventOptions, EventReader } from './events.js';
export { throughBackend, throughBridge } from './through.js';
export type { ClientTarget } from './through.js';
