/** Words that cannot name a constant in a module (ECMAScript 2025, strict mode), or that the generated file itself uses. */
const taken = new Set(
  (
    'arguments as async await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public return static ' +
    'super switch this throw true try typeof undefined var void while with yield NaN Infinity globalThis ' +
    'app backends createBackend defaultOf eventReader openapiFetch throughBackend BackendName'
  ).split(' '),
);

/**
 * Turn a backend's name into an identifier: `image-tools` becomes `imageTools`.
 *
 * The result is a valid, unreserved name whatever the input; different inputs may give the same one, see {@link identifiers}.
 */
export function identifier(name: string): string {
  const words = name.split(/(?:[^\p{ID_Continue}$]|_)+/u).filter((word) => word !== '');
  const joined = words.map((word, index) => (index === 0 ? lowerFirst(word) : upperFirst(word))).join('');
  const started = /^[\p{ID_Start}$_]/u.test(joined) ? joined : `backend${upperFirst(joined)}`;
  return taken.has(started) ? `${started}Backend` : started;
}

/**
 * One identifier for each name, all different. The first of several names that would share one keeps it, the others get a number.
 *
 * @param names - Different names, in the order of the configuration.
 */
export function identifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const used = new Set<string>();
  const found = new Map<string, string>();
  for (const name of names) {
    const wanted = identifier(name);
    let free = wanted;
    for (let count = 2; used.has(free); count++) free = `${wanted}${count}`;
    used.add(free);
    found.set(name, free);
  }
  return found;
}

/** By code point: a letter outside the Basic Multilingual Plane is two UTF-16 units. */
function upperFirst(word: string): string {
  const [first = '', ...rest] = word;
  return first.toUpperCase() + rest.join('');
}

function lowerFirst(word: string): string {
  const [first = '', ...rest] = word;
  return first.toLowerCase() + rest.join('');
}
