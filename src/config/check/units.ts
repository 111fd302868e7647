const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Bytes of a size as the schema allows it: a number, or e.g. `'500 MB'` (1000s) or `'500 MiB'` (1024s). */
export function sizeInBytes(size: number | string): number {
  if (typeof size === 'number') return size;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b\s*$/i.exec(size);
  if (match === null) throw new RangeError(`not a size: ${size}`);
  return Math.round(Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? 1));
}
