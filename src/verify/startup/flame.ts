import { costsOf, importPhase, ownerOf, type Startup } from './costs.js';

/** Time of a start that hangs together: a phase, or an import with all that it imports. Milliseconds. */
export interface FlameBox {
  readonly title: string;
  /** Null: a phase. */
  readonly owner: string | null;
  readonly depth: number;
  readonly fromMs: number;
  readonly ms: number;
  /** Without what it imports. */
  readonly aloneMs: number;
}

/** Shorter ones could not be seen. */
const shownShare = 0.002;

/**
 * A start as boxes that lie upon each other, in the order of the tree. An import begins with what it imports; when it did what by itself
 * is not known. Pure.
 */
export function flameOf(startup: Startup, distributionOf: ReadonlyMap<string, string>): readonly FlameBox[] {
  const { totalMs, phases } = costsOf(startup, distributionOf);
  const importedBy = new Map<number, number[]>();
  for (const [row, [, importer]] of startup.imports.entries())
    importedBy.set(importer, [...(importedBy.get(importer) ?? []), row]);
  const msOf = (row: number): number => startup.imports[row]?.[2] ?? 0;
  const sumOf = (rows: readonly number[]): number => rows.reduce((sum, row) => sum + msOf(row), 0);
  const below = (importer: number, depth: number, beginMs: number): FlameBox[] => {
    let fromMs = beginMs;
    return (importedBy.get(importer) ?? []).flatMap((row) => {
      const ms = msOf(row);
      if (ms < totalMs * shownShare) return [];
      const title = startup.imports[row]?.[0] ?? '';
      const aloneMs = Math.max(0, ms - sumOf(importedBy.get(row) ?? []));
      const box = { title, owner: ownerOf(title, distributionOf), depth, fromMs, ms, aloneMs };
      const boxes = [box, ...below(row, depth + 1, fromMs)];
      fromMs += ms;
      return boxes;
    });
  };
  let fromMs = 0;
  return phases.flatMap(({ title, ms }) => {
    const isImports = title === importPhase;
    const box = { title, owner: null, depth: 0, fromMs, ms, aloneMs: isImports ? 0 : ms };
    const boxes = [box, ...(isImports ? below(-1, 1, fromMs) : [])];
    fromMs += ms;
    return boxes;
  });
}
