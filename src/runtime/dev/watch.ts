import type { FSWatcher } from 'node:fs';
import { systemClock } from '../clock.js';
import type { TimerHandle } from '../clock.js';
import type { DevelopmentProgram } from '../manifest.js';
import { node } from '../node.js';
import { followApi } from './follow-api.js';
import type { AskedBackend, Remark } from './follow-api.js';
import { isIgnored } from './ignored-path.js';

/** Milliseconds of quiet after a change: editors write in several steps. */
const quietMs = 300;

/** True when a changed file, or something in a changed folder, should not restart the backend. Pure. */
export function isIgnoredChange(file: string, patterns: readonly RegExp[]): boolean {
  return isIgnored(file.replaceAll('\\', '/'), patterns);
}

/** Watch what a manifest says, as {@link watchSources} does, and let the types of the API follow. */
export function watchProgram(
  program: DevelopmentProgram,
  onChange: (file: string) => void,
  onTrouble: (error: unknown) => void,
  backend?: AskedBackend,
  remark: Remark = () => undefined,
): () => void {
  const { watch: paths, watchIgnore = [] } = program;
  const stopFollowing = backend === undefined ? undefined : followApi(program, backend, remark);
  const stopWatching = watchSources(
    paths,
    watchIgnore.map((source) => new RegExp(source, 's')),
    onChange,
    onTrouble,
  );
  return () => {
    stopFollowing?.();
    stopWatching();
  };
}

/**
 * Watch the sources of a backend in development. Call the result to end it.
 *
 * @param patterns For paths below the folders that do not matter.
 * @param onChange Called once per burst of changes, with one of the changed files.
 */
export function watchSources(
  paths: readonly string[],
  patterns: readonly RegExp[],
  onChange: (file: string) => void,
  onTrouble: (error: unknown) => void,
): () => void {
  let timer: TimerHandle | null = null;
  const watchers = new Map<string, FSWatcher>();
  let troubled = false;
  const trouble = (error: unknown): void => {
    if (!troubled) onTrouble(error);
    troubled = true;
  };
  const changed = (file: string): void => {
    if (timer !== null) systemClock.clearTimer(timer);
    timer = systemClock.setTimer(() => {
      timer = null;
      onChange(file);
    }, quietMs);
  };
  for (const root of paths) watchBelow(root, '');

  function watchBelow(root: string, below: string): void {
    const place = node.path.join(root, below);
    try {
      const isFolder = node.fs.statSync(place).isDirectory();
      // Node's own recursion on Linux looks at every file first, those of a virtual environment included.
      const byFolder = isFolder && process.platform === 'linux';
      if (below !== '' && !byFolder) return;
      watchers.get(place)?.close();
      const watcher = node.fs.watch(
        place,
        { recursive: isFolder && !byFolder, persistent: false },
        (event, name) => {
          const file = isFolder && name !== null ? node.path.join(below, name) : (name ?? place);
          if (isIgnoredChange(file, patterns)) return;
          changed(file);
          // A new folder, perhaps.
          if (byFolder && event === 'rename') watchBelow(root, file);
        },
      );
      watcher.on('error', trouble);
      watchers.set(place, watcher);
      if (!byFolder) return;
      for (const entry of node.fs.readdirSync(place, { withFileTypes: true })) {
        const next = node.path.join(below, entry.name);
        if (entry.isDirectory() && !isIgnoredChange(next, patterns)) watchBelow(root, next);
      }
    } catch (error) {
      // What is below may be gone again.
      if (below === '' || (error as NodeJS.ErrnoException).code !== 'ENOENT') trouble(error);
    }
  }

  return () => {
    if (timer !== null) systemClock.clearTimer(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}
