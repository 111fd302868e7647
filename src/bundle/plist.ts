import { canonicalJson } from '../lib/canonical.js';

/** What a property list can hold, as far as two of them are told apart. */
type Plist = string | boolean | number | readonly Plist[] | { readonly [key: string]: Plist };

/** Added to each `Info.plist` of an app when two architectures are joined. */
const integrityKey = 'ElectronAsarIntegrity';

/**
 * What a property list says, as canonical JSON: the same for each way of writing it, and without what `@electron/universal` adds to every
 * `Info.plist` it finds in an app.
 *
 * @returns null when it is none in XML.
 */
export function plistContent(text: string): string | null {
  const plain = text
    .replaceAll(/<!--[^]*?-->/g, '')
    .replaceAll(/<!\[CDATA\[([^]*?)\]\]>/g, (_all, inside: string) =>
      inside.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
    );
  const tags = Array.from(plain.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>([^<]*)/g), (match) => ({
    name: match[2] ?? '',
    isEnd: match[1] === '/',
    isWhole: match[3] === '/',
    text: decode(match[4] ?? ''),
  }));
  const [root] = tags.splice(0, 1);
  if (root?.name !== 'plist' || root.isEnd || root.isWhole) return null;
  const last = tags.pop();
  if (last?.name !== 'plist' || !last.isEnd) return null;
  try {
    const value = readValue(tags);
    return tags.length > 0 ? null : canonicalJson(value);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  /** `<true/>` */
  readonly isWhole: boolean;
  readonly text: string;
}

/** Take one value from the front. */
function readValue(tags: Tag[]): Plist {
  const tag = tags.shift();
  if (tag === undefined || tag.isEnd) throw new SyntaxError('a value is missing');
  const { name } = tag;
  const isOpen = (): boolean => !tag.isWhole && !(tags[0]?.isEnd ?? true);
  const close = <Value extends Plist>(value: Value): Value => {
    if (tag.isWhole) return value;
    const end = tags.shift();
    if (end === undefined || !end.isEnd || end.name !== name) throw new SyntaxError(`<${name}> does not end`);
    return value;
  };
  switch (name) {
    case 'dict': {
      const entries: [string, Plist][] = [];
      while (isOpen()) {
        const key = readValue(tags);
        if (typeof key !== 'string') throw new SyntaxError('a key is missing');
        const value = readValue(tags);
        if (key !== integrityKey) entries.push([key, value]);
      }
      return close(Object.fromEntries(entries));
    }
    case 'array': {
      const items: Plist[] = [];
      while (isOpen()) items.push(readValue(tags));
      return close(items);
    }
    case 'true':
    case 'false':
      return close(name === 'true');
    case 'integer':
    case 'real':
      return close(Number(tag.text));
    case 'data':
      return close(tag.text.replaceAll(/\s/g, ''));
    default:
      return close(tag.isWhole ? '' : tag.text.trim());
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text
    .replaceAll(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (all: string, hex, decimal, name: string) => {
      if (name !== undefined) return entities[name] ?? all;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16);
      return code > 0x10ffff ? all : String.fromCodePoint(code);
    })
    .replaceAll('\r', '');
}
