import { statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { systemClock } from './clock.js';
import type { TimerHandle } from './clock.js';

/** Milliseconds of quiet after a change: editors write in several steps. */
const quietMs = 300;

/** Written by Python, editors and version control, not by the developer. */
const ignored =
  /(?:^|[/\\])(?:__pycache__|\.git|\.hg|\.venv|venv|node_modules|\.mypy_cache|\.pytest_cache|\.ruff_cache)(?:[/\\]|$)|(?:\.py[co]|\.sw[px]|~|\.tmp|\.log|\.sqlite3?(?:-journal|-wal|-shm)?|\.db)$/;

/** True when a changed file should not restart the backend. Pure. */
export function isIgnoredChange(file: string): boolean {
  return ignored.test(file);
}

/**
 * Watch the sources of a backend in development. Call the result to end it.
 *
 * @param onChange Called once per burst of changes, with one of the changed files.
 */
export function watchSources(
  paths: readonly string[],
  onChange: (file: string) => void,
  onTrouble: (error: unknown) => void,
): () => void {
  let timer: TimerHandle | null = null;
  const watchers: FSWatcher[] = [];
  const changed = (file: string): void => {
    if (isIgnoredChange(file)) return;
    if (timer !== null) systemClock.clearTimer(timer);
    timer = systemClock.setTimer(() => {
      timer = null;
      onChange(file);
    }, quietMs);
  };
  for (const path of paths) {
    try {
      const recursive = statSync(path).isDirectory();
      const watcher = watch(path, { recursive, persistent: false }, (_event, name) => changed(name ?? path));
      watcher.on('error', onTrouble);
      watchers.push(watcher);
    } catch (error) {
      onTrouble(error);
    }
  }
  return () => {
    if (timer !== null) systemClock.clearTimer(timer);
    for (const watcher of watchers) watcher.close();
  };
}
