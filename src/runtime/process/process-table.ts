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

/** A process of which this much is known. */
export function entryOf(pid: number, known?: Partial<ProcessEntry>): ProcessEntry {
  return { pid, ppid: 0, group: 0, session: 0, started: '', zombie: false, executable: null, ...known };
}

/** A system's view of its processes. */
export interface ProcessTable {
  /** All processes, or as many as may be seen. Rejects when they cannot be read now: an empty list would mean that everything ended. */
  list(): Promise<readonly ProcessEntry[]>;
  /** Start of one process at this moment; null when it does not exist, `undefined` when this system cannot say at once. */
  startedNow(pid: number): string | null | undefined;
  /** True when the process carries the mark of a launch, false when not or when it was detached, null when that cannot be read. */
  hasMark(pid: number, instance: string): boolean | null;
  /** Executable of a process; null when unknown. */
  executable(pid: number): string | null;
  /** What a process is called, also one of another user. */
  command?(pid: number): string | null;
}

/** What a system that answers no questions about a single process says. */
export const noAnswers = { startedNow: () => undefined, hasMark: () => null, executable: () => null };

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
 * that this cannot be read): the companion's `open_external()` and `detached_environment()` take the mark away.
 *
 * @throws Error for an empty list, which would mean that everything ended.
 * @param seen Members of an earlier list: nothing may tie them to the tree any more when their parents are gone.
 */
export function treeMembers(
  list: readonly ProcessEntry[],
  roots: TreeRoots,
  isMarked: (entry: ProcessEntry) => boolean | null,
  seen: readonly ProcessEntry[] = [],
): readonly ProcessEntry[] {
  // Not even the one who asks.
  if (list.length === 0) throw new Error('no list');
  const leaders = new Set([roots.child, roots.python].filter((pid) => pid !== null));
  const below = new Set(leaders);
  for (let size = 0; size < below.size;) {
    size = below.size;
    for (const { pid, ppid } of list) if (below.has(ppid)) below.add(pid);
  }
  return list.filter((entry) => {
    if (entry.zombie) return false;
    if (leaders.has(entry.pid)) return true;
    if (seen.some(({ pid, started }) => pid === entry.pid && started === entry.started)) return true;
    if (entry.group > 0 && leaders.has(entry.group)) return true;
    if (entry.session > 0 && leaders.has(entry.session)) return true;
    const marked = isMarked(entry);
    return marked === true || (marked === null && below.has(entry.pid));
  });
}
