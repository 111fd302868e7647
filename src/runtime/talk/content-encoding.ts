import type { Transform } from 'node:stream';
import { node } from '../node.js';

type Zlib = typeof node.zlib;

const decoders: Readonly<Record<string, ((zlib: Zlib) => Transform | readonly Transform[]) | undefined>> = {
  gzip: (zlib) => zlib.createGunzip(inflating(zlib)),
  'x-gzip': (zlib) => zlib.createGunzip(inflating(zlib)),
  deflate: (zlib) => [withZlibHeader(), zlib.createInflate(inflating(zlib))],
  br: (zlib) => {
    const flush = zlib.constants.BROTLI_OPERATION_FLUSH;
    return zlib.createBrotliDecompress({ flush, finishFlush: flush });
  },
  // Since Node 22.15.
  zstd: (zlib) => zlib.createZstdDecompress(),
};

// What arrives is passed on at once, and a missing end is no error: as `fetch` does it.
function inflating(zlib: Zlib): { readonly flush: number; readonly finishFlush: number } {
  const { Z_SYNC_FLUSH: flush } = zlib.constants;
  return { flush, finishFlush: flush };
}

/** Many servers send `deflate` without the header of zlib, and browsers read it: here it gets one. Its missing end is no error. */
function withZlibHeader(): Transform {
  let isFirst = true;
  return new node.stream.Transform({
    transform(chunk: Uint8Array, _encoding, done): void {
      if (isFirst && ((chunk[0] ?? 0) & 15) !== 8) this.push(Buffer.from([0x78, 0x9c]));
      isFirst = false;
      done(null, chunk);
    },
  });
}

/** Names of what a `content-encoding` applied and can be undone here; none when something else is among it: the body stays as it is. Pure. */
export function knownEncodings(contentEncoding: string | null): readonly string[] {
  const names = (contentEncoding ?? '').toLowerCase().split(',');
  const trimmed = names.map((name) => name.trim());
  const isKnown = (name: string): boolean =>
    Object.hasOwn(decoders, name) && (name !== 'zstd' || 'zstd' in process.versions);
  return trimmed.every((name) => isKnown(name)) ? trimmed : [];
}

/** Streams that undo encodings, in the order in which the bytes go through them. */
export function decodersOf(encodings: readonly string[]): readonly Transform[] {
  return encodings.toReversed().flatMap((name) => decoders[name]?.(node.zlib) ?? []);
}
