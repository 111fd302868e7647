import { BackendError } from '../errors.js';

/**
 * Order backends so that each comes after those it needs; otherwise the given order stays. Names that are not in the map are ignored. Pure.
 *
 * @throws BackendError `E_MANIFEST` when they need each other in a circle.
 */
export function startOrder<Name extends string>(before: ReadonlyMap<Name, readonly Name[]>): readonly Name[] {
  const order: Name[] = [];
  const visiting: Name[] = [];
  const visit = (name: Name): void => {
    if (order.includes(name) || !before.has(name)) return;
    if (visiting.includes(name)) {
      throw new BackendError(
        'E_MANIFEST',
        `Ordering the backends: they start after each other in a circle: ${[...visiting.slice(visiting.indexOf(name)), name].join(' -> ')}`,
        { hint: 'Remove one of these from `startAfter`.' },
      );
    }
    visiting.push(name);
    for (const other of before.get(name) ?? []) visit(other);
    visiting.pop();
    order.push(name);
  };
  for (const name of before.keys()) visit(name);
  return order;
}
