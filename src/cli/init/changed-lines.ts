/**
 * The lines that differ between two texts, `+ ` and `- ` in front: enough to see what an edit does.
 *
 * Longest common subsequence; configuration files are short.
 */
export function changedLines(before: string, after: string): string[] {
  const old = before.split('\n');
  const current = after.split('\n');
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint32Array(current.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = current.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row !== undefined)
        row[j] = old[i] === current[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const changes: string[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < current.length) {
    if (i < old.length && j < current.length && old[i] === current[j]) {
      i++;
      j++;
    } else if (j < current.length && (i === old.length || at(i, j + 1) >= at(i + 1, j))) {
      changes.push(`+ ${current[j] ?? ''}`);
      j++;
    } else {
      changes.push(`- ${old[i] ?? ''}`);
      i++;
    }
  }
  return changes;
}
