/** One running process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly ppid: number;
  /** Process group; 0 where the system has none. */
  readonly group: number;
  /** Session; 0 where unknown. */
  readonly session: number;
  /**
   * When it started, in whatever form the system tells it. Together with `pid` it identifies a process: a recycled pid has another
   * start.
   */
  readonly started: string;
  /** Dead but not yet collected by its parent. */
  readonly zombie: boolean;
  /** Executable; null where the list does not say. */
  readonly executable: string | null;
}

/** A system's view of its processes. */
export interface ProcessTable {
  /** All processes, or as many as may be seen. Rejects when they cannot be read now: an empty list would mean that everything ended. */
  list(): Promise<readonly ProcessEntry[]>;
  /** Start of one process at this moment; null when it does not exist, `undefined` when this system cannot say at once. */
  startedNow(pid: number): string | null | undefined;
  /** True when the process carries this mark in its environment, false when not, null when that cannot be read. */
  hasMark(pid: number, variable: string, value: string): boolean | null;
  /** Executable of a process; null when unknown. */
  executable(pid: number): string | null;
}

/** What belongs to one generation. */
export interface TreeRoots {
  /** The spawned process: leader of its own group and session on POSIX. */
  readonly child: number | null;
  /** Python; another process than `child` in a onefile program, then leader of a group of its own. */
  readonly python: number | null;
}

/**
 * Select a generation's processes from a list: everything in the session or groups it leads, and all descendants. Pure.
 *
 * A descendant that moved into a session of its own is included only when `isMarked` says that it carries the generation's mark (or
 * that this cannot be read): removing the mark is how a backend starts something meant to outlive it.
 */
export function treeMembers(
  list: readonly ProcessEntry[],
  roots: TreeRoots,
  isMarked: (entry: ProcessEntry) => boolean | null,
): readonly ProcessEntry[] {
  const leaders = new Set([roots.child, roots.python].filter((pid) => pid !== null));
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of list) {
    const siblings = children.get(entry.ppid);
    if (siblings === undefined) children.set(entry.ppid, [entry]);
    else siblings.push(entry);
  }
  const descendants = new Set<number>();
  const visit = (pid: number): void => {
    for (const entry of children.get(pid) ?? []) {
      if (descendants.has(entry.pid)) continue;
      descendants.add(entry.pid);
      visit(entry.pid);
    }
  };
  for (const leader of leaders) visit(leader);
  return list.filter((entry) => {
    if (entry.zombie) return false;
    if (leaders.has(entry.pid)) return true;
    if (entry.group > 0 && leaders.has(entry.group)) return true;
    if (entry.session > 0 && leaders.has(entry.session)) return true;
    const marked = isMarked(entry);
    return marked === true || (marked === null && descendants.has(entry.pid));
  });
}
