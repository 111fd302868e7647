import zlib from 'node:zlib';
import type { Transform } from 'node:stream';

// What arrives is passed on at once, and a missing end is no error: as `fetch` does it.
const inflating = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const brotli = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};

const decoders: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: () => zlib.createGunzip(inflating),
  'x-gzip': () => zlib.createGunzip(inflating),
  deflate: () => zlib.createInflate(inflating),
  br: () => zlib.createBrotliDecompress(brotli),
  // Since Node 22.15.
  zstd: 'createZstdDecompress' in zlib ? () => zlib.createZstdDecompress() : undefined,
};

/**
 * Streams that undo a `content-encoding`, in the order in which the bytes go through them. None when there is nothing to undo, or
 * something unknown among it: then the body stays as it is.
 */
export function decodersOf(contentEncoding: string | null): readonly (() => Transform)[] {
  const names = (contentEncoding ?? '').toLowerCase().split(',');
  const found = names
    .map((name) => name.trim())
    .map((name) => (Object.hasOwn(decoders, name) ? decoders[name] : undefined));
  return found.includes(undefined) ? [] : (found as (() => Transform)[]).toReversed();
}
