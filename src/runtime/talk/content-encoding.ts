import type { Transform } from 'node:stream';
import type * as zlibModule from 'node:zlib';

type Zlib = typeof zlibModule;

const decoders: Readonly<Record<string, ((zlib: Zlib) => Transform) | undefined>> = {
  gzip: (zlib) => zlib.createGunzip(inflating(zlib)),
  'x-gzip': (zlib) => zlib.createGunzip(inflating(zlib)),
  deflate: (zlib) => zlib.createInflate(inflating(zlib)),
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

/** Names of what a `content-encoding` applied and can be undone here; none when something else is among it: the body stays as it is. Pure. */
export function knownEncodings(contentEncoding: string | null): readonly string[] {
  const names = (contentEncoding ?? '').toLowerCase().split(',');
  const trimmed = names.map((name) => name.trim());
  const isKnown = (name: string): boolean =>
    Object.hasOwn(decoders, name) && (name !== 'zstd' || 'zstd' in process.versions);
  return trimmed.every((name) => isKnown(name)) ? trimmed : [];
}

/**
 * Streams that undo encodings, in the order in which the bytes go through them.
 *
 * Few backends compress on one machine, and loading zlib takes a tenth of the time of loading all of the runtime.
 */
export async function decodersOf(encodings: readonly string[]): Promise<readonly Transform[]> {
  const zlib = await import('node:zlib');
  return encodings
    .map((name) => decoders[name]?.(zlib))
    .filter((one) => one !== undefined)
    .toReversed();
}
