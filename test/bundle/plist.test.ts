import * as fc from 'fast-check';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { plistContent } from '../../src/bundle/plist.js';

/** What `@electron/universal` reads and writes property lists with. */
const universal = createRequire(createRequire(import.meta.url).resolve('@electron/universal'));
const plist = universal('plist') as { parse: (text: string) => object; build: (value: object) => string };

const characters = ['a', 'B', '9', ' ', '<', '>', '&', '"', "'", 'é', '😀', ';', '#', 'x'];
const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 }).map((one) => one.trim());
const value = fc.letrec<{ value: unknown; dict: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer({ min: -1000, max: 1000 }),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('dict'),
  ),
  dict: fc.dictionary(
    text.filter((key) => key !== '' && key !== '__proto__'),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
})).dict;

test('a property list says the same after two architectures were joined', () => {
  fc.assert(
    fc.property(value, fc.boolean(), (said, isKnown) => {
      const before = plist.build(said);
      const integrity = isKnown ? { ElectronAsarIntegrity: { 'Resources/app.asar': { hash: 'x' } } } : {};
      const after = plist.build({ ...plist.parse(before), ...integrity });
      expect(plistContent(before)).not.toBeNull();
      expect(plistContent(after)).toBe(plistContent(before));
    }),
    { numRuns: 500 },
  );
});

test('a changed value is another content', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      const isSame = plistContent(plist.build(one)) === plistContent(plist.build(other));
      const sorted = (said: unknown): unknown =>
        JSON.parse(JSON.stringify(said), (_key, part: unknown) =>
          typeof part === 'object' && part !== null && !Array.isArray(part)
            ? Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))
            : part,
        );
      expect(isSame).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
    }),
    { numRuns: 500 },
  );
});

test('what Apple writes is read: comments, entities, types without text, sections of plain text', () => {
  const apple = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- a > b -->
<plist version="1.0">
<dict><key>a</key><string>&lt;&#65;&#x42;&amp;amp;</string><key>b</key><string/><key>c</key><array/>
<key>d</key><data>
 QUJD
</data><key>e</key><real>1.0</real><key>f</key><string><![CDATA[<x>]]></string><key>g</key><true/></dict>
</plist>
`;
  expect(JSON.parse(plistContent(apple) ?? '')).toEqual({
    a: '<AB&amp;',
    b: '',
    c: [],
    d: 'QUJD',
    e: 1,
    f: '<x>',
    g: true,
  });
});

test.each(['', 'hi', 'bplist00\u0001', '<plist>', '<plist><dict><key>a</key></plist>', '<html></html>'])(
  '%j is none',
  (text) => expect(plistContent(text)).toBeNull(),
);

test('no text makes it fail', () => {
  const part = fc.constantFrom(
    '<plist>',
    '</plist>',
    '<dict>',
    '</dict>',
    '<key>',
    '</key>',
    '<true/>',
    '&#99999999;',
    '&lt;',
    'a',
    '<',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      plistContent(`<plist>${parts.join('')}</plist>`);
    }),
  );
});
