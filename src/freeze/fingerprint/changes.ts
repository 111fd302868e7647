import type { Inputs } from './inputs.js';

/** One input that differs between two builds. */
export interface InputChange {
  readonly input: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** null where it did not exist. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What differs, sorted by name. */
export function compareInputs(before: Inputs, after: Inputs): InputChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((input): InputChange[] => {
    const old = before[input] ?? null;
    const current = after[input] ?? null;
    if (old === current) return [];
    const change = old === null ? 'added' : current === null ? 'removed' : 'changed';
    return [{ input, change, before: old, after: current }];
  });
}

/** One line for people: `source backend/main.py changed, package numpy changed and 3 more`. */
export function describeChanges(changes: readonly InputChange[]): string {
  if (changes.length === 0) return 'nothing it depends on changed, but its bundle is no longer in the cache';
  const shown = changes.slice(0, 3).map((change) => `${change.input} ${verbs[change.change](change)}`);
  const more = changes.length > shown.length ? ` and ${changes.length - shown.length} more` : '';
  return shown.join(', ') + more;
}

const verbs: Readonly<Record<InputChange['change'], (change: InputChange) => string>> = {
  added: () => 'is new',
  removed: () => 'is gone',
  changed: ({ before, after }) => {
    // Digests say nothing to people; versions and settings do.
    const legible = (text: string | null): text is string =>
      text !== null && text.length <= 40 && !/[0-9a-f]{40}/.test(text);
    return legible(before) && legible(after) ? `changed from ${before} to ${after}` : 'changed';
  },
};
