import { describe, expect, it } from 'vitest';
import { manifestDifferences } from '../../src/bundle/index.js';
import type { ManifestFile } from '../../src/runtime/manifest.js';

const file = (change: Partial<Extract<ManifestFile, { type: 'file' }>> = {}): ManifestFile => ({
  type: 'file',
  path: 'a',
  size: 1,
  digest: 'x',
  algorithm: 'sha256',
  core: false,
  executable: false,
  ...change,
});
const link = (target: string): ManifestFile => ({ type: 'link', path: 'a', target });

describe('manifestDifferences', () => {
  it.each<[string, ManifestFile, ManifestFile[], string[]]>([
    ['the same', file(), [file()], []],
    ['files nobody knows', file(), [file(), file({ path: 'new' })], []],
    ['a missing file', file(), [], ['a is missing']],
    ['other content', file(), [file({ digest: 'y' })], ['a has other content']],
    [
      'a signed Windows program, longer than before',
      file({ algorithm: 'pe-sha256' }),
      [file({ algorithm: 'pe-sha256', size: 9 })],
      [],
    ],
    [
      'a Windows program that is none any more',
      file({ algorithm: 'pe-sha256' }),
      [file()],
      ['a has other content'],
    ],
    [
      'a signed Mach-O file',
      file({ algorithm: 'mach-o' }),
      [file({ algorithm: 'mach-o', digest: 'y', size: 9 })],
      [],
    ],
    [
      'a Mach-O file of which an earlier version wrote nothing down',
      file({ algorithm: 'mach-o' }),
      [file({ algorithm: 'mach-o-sha256', digest: 'y' })],
      [],
    ],
    [
      'a Mach-O file with other content',
      file({ algorithm: 'mach-o-sha256' }),
      [file({ algorithm: 'mach-o-sha256', digest: 'y' })],
      ['a has other content'],
    ],
    [
      'a Mach-O file that is none any more',
      file({ algorithm: 'mach-o-sha256' }),
      [file()],
      ['a has other content'],
    ],
    ['another signature', file({ algorithm: 'sealed' }), [file({ algorithm: 'sealed', digest: 'y' })], []],
    [
      'a property list that says something else',
      file({ path: 'b/Info.plist', algorithm: 'sealed' }),
      [file({ path: 'b/Info.plist', algorithm: 'sealed', digest: 'y' })],
      ['b/Info.plist has other content'],
    ],
    [
      'a property list of which an earlier version compared every byte',
      file({ path: 'b/Info.plist' }),
      [file({ path: 'b/Info.plist', algorithm: 'sealed', digest: 'y' })],
      [],
    ],
    ['a lost permission', file({ executable: true }), [file()], ['a is not executable']],
    ['a resolved link', link('b'), [file()], ['a is no link any more']],
    ['a rewritten link', link('b'), [link('/build/b')], ['a links to /build/b instead of b']],
    ['a file that became a link', file(), [link('b')], ['a has become a link']],
  ])('%s', (_title, expected, found, differences) => {
    expect(manifestDifferences([expected], found)).toEqual(differences);
  });
});
