/** What is said of a list of figures. */
export interface Summary {
  readonly median: number;
  readonly p90: number;
  readonly values: readonly number[];
}

function at(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** The middle one; between two the mean. */
export function median(values: readonly number[]): number {
  return at(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Median, ninth decile and the figures themselves, in the order in which they came. */
export function summary(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: at(sorted, 0.5), p90: at(sorted, 0.9), values };
}
