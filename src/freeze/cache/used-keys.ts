/** Keys of the bundles that this process found or made. Until it ends they may be run, placed or copied. */
export const usedKeys = new Set<string>();
