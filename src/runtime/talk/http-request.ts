import type { BackendAddress } from '../events.js';

/** One request to a backend. */
export interface HttpRequest {
  readonly address: Exclude<BackendAddress, { type: 'none' }>;
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** Bytes are written at once and can be sent again; a blob is read as it is sent; a stream is sent as it comes, once. */
  readonly body: Uint8Array<ArrayBuffer> | Blob | ReadableStream | null;
  /** The token, when the backend can prove that it has it: asked for on each new connection; null: it cannot, or need not. */
  readonly key: string | null;
  /** Aborted when the generation ends: its connections end with it. */
  readonly ended: AbortSignal;
  /** The caller's own. */
  readonly signal: AbortSignal | null;
}
