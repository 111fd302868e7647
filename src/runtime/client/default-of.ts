/**
 * What a package exports by default, also where a bundler that leaves it outside of a CommonJS file takes all of its exports for that
 * (Rollup with its default `interop`, so electron-vite).
 */
export function defaultOf<Export>(imported: Export): Export {
  return (imported as { readonly default?: Export }).default ?? imported;
}
