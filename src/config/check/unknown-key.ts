import { alternatives } from '../../lib/text.js';
import { nearest, normalKey } from './nearest.js';
import { otherSpellings, platformSpellings } from './other-spellings.js';
import { formatPath, type ConfigPath } from './problem.js';
import { objectNodes } from './schema-tree.js';
import { backendSchema } from '../schema/backend.js';
import { configSchema } from '../schema/config.js';

/** What to do about a key that does not exist: the key that was meant, where it belongs, or the keys there are. */
export function unknownKeyHint(key: string, allowed: readonly string[], path: ConfigPath): string {
  const same = allowed.find((candidate) => normalKey(candidate) === normalKey(key));
  if (same !== undefined) return `Did you mean "${same}"?`;
  const platform = allowed.includes('win32') ? platformSpellings.get(normalKey(key)) : undefined;
  if (platform !== undefined) return `Did you mean "${platform}"?`;
  const root = backendRoot(path);
  const other = spelledElsewhere(key, allowed, path, root);
  if (other !== undefined) return other;
  const near = nearest(key, allowed);
  if (near !== undefined) return `Did you mean "${near}"?`;
  const places = root === null ? [] : placesOf(key).filter((place) => place !== here(path, root));
  if (places.length > 0)
    return `It belongs in ${alternatives(places.map((place) => belowBackend(place, root)))}.`;
  const top = path.length > 0 ? topLevelKeys().find((name) => normalKey(name) === normalKey(key)) : undefined;
  if (top !== undefined) return `It belongs at the top level, beside "backends".`;
  return `Allowed here: ${allowed.join(', ')}.`;
}

/** Path of the backend (or of its overrides for a platform) that `path` is in; `backends.<name>` for the top level. */
function backendRoot(path: ConfigPath): ConfigPath | null {
  if (path.length === 0) return ['backends', '<name>'];
  if (path[0] !== 'backends' || path.length < 2) return null;
  return path[2] === 'platforms' && path.length > 3 ? path.slice(0, 4) : path.slice(0, 2);
}

function here(path: ConfigPath, root: ConfigPath): string {
  return path.slice(root.length).join('.');
}

function belowBackend(place: string, root: ConfigPath | null): string {
  const shown = formatPath([...(root ?? []), ...place.split('.')]);
  return shown.replace('["<name>"]', '.<name>');
}

function spelledElsewhere(
  key: string,
  allowed: readonly string[],
  path: ConfigPath,
  root: ConfigPath | null,
): string | undefined {
  const other = otherSpellings.get(normalKey(key));
  if (other === undefined || root === null) return undefined;
  if (other.key === undefined) return `${other.note}.`;
  const note = other.note === undefined ? '' : ` (${other.note})`;
  const inGroup = path.length > root.length ? `${here(path, root)}.` : '';
  if (other.key.startsWith(inGroup) && inGroup !== '')
    return `Did you mean "${other.key.slice(inGroup.length)}"?${note}`;
  if (path.length === root.length && allowed.includes(other.key))
    return `Did you mean "${other.key}"?${note}`;
  // Deep inside a group, a near key of that group is the better guess.
  if (path.length > root.length && nearest(key, allowed) !== undefined) return undefined;
  return `Did you mean ${belowBackend(other.key, root)}?${note}`;
}

let places: ReadonlyMap<string, readonly string[]> | undefined;

/** Every place below a backend where a key of this name exists, such as `ready.http` and `health.http`. */
function placesOf(key: string): readonly string[] {
  places ??= collectPlaces();
  return places.get(normalKey(key)) ?? [];
}

function collectPlaces(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const [backend] = objectNodes(backendSchema);
  for (const [key, { schema }] of backend?.keys ?? []) {
    add(key, key);
    for (const object of objectNodes(schema)) {
      for (const [inner, { schema: innerSchema }] of object.keys) {
        add(inner, `${key}.${inner}`);
        for (const deep of objectNodes(innerSchema).flatMap((node) => [...node.keys.keys()])) {
          add(deep, `${key}.${inner}.${deep}`);
        }
      }
    }
  }
  return found;

  function add(name: string, place: string): void {
    const list = found.get(normalKey(name));
    if (list === undefined) found.set(normalKey(name), [place]);
    else if (!list.includes(place)) list.push(place);
  }
}

function topLevelKeys(): readonly string[] {
  return objectNodes(configSchema).flatMap((node) => [...node.keys.keys()]);
}
