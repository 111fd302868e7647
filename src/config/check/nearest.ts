const longestCompared = 60;

/**
 * Edits (insert, delete, replace, swap neighbours) between two texts: optimal string alignment distance. Texts longer
 * than 60 characters are never near anything.
 */
export function editDistance(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length > longestCompared || b.length > longestCompared) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** A key without case and separators: `hidden-import`, `hidden_import` and `hiddenImport` are the same. */
export function normalKey(key: string): string {
  return key.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * The candidate most like `name`, or undefined when none is like it: equal but for case and separators, or up to a third
 * of the letters (at least one, at most three) different.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = normalKey(name);
  const allowed = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const distance = wanted !== '' && wanted === normalKey(candidate) ? 0.5 : editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
