import { describe, expect, it } from 'vitest';
import { bundleFile } from '../../src/advice/bundle-file.js';

const place = (contents: string | null, folder = '/opt/My App/resources/engine') => ({
  folders: [folder],
  contents,
  has: () => false,
});

describe('a path inside a frozen program', () => {
  it.each<[string, string, Parameters<typeof bundleFile>[1], ReturnType<typeof bundleFile>]>([
    ['onedir', '/x/engine/_internal/a/b.txt', undefined, { where: 'contents', path: 'a/b.txt' }],
    ['onefile', '/tmp/_MEIab12/b.txt', undefined, { where: 'contents', path: 'b.txt' }],
    ['Windows', String.raw`C:\\x\\_internal\\a\\b.txt`, undefined, { where: 'contents', path: 'a/b.txt' }],
    ['nothing of a bundle', '/home/me/b.txt', undefined, null],
    [
      'the known folder',
      '/opt/My App/resources/engine/_internal/a',
      place('_internal'),
      { where: 'contents', path: 'a' },
    ],
    [
      'a folder of its own name',
      '/opt/My App/resources/engine/lib/a',
      place('lib'),
      { where: 'contents', path: 'a' },
    ],
    ['no folder', '/opt/My App/resources/engine/a/b', place('.'), { where: 'contents', path: 'a/b' }],
    [
      'beside the executable',
      '/opt/My App/resources/engine/a/b',
      place('_internal'),
      { where: 'beside', path: 'a/b' },
    ],
    [
      'above the contents',
      '/opt/My App/resources/engine/_internal/../a',
      place('_internal'),
      { where: 'beside', path: 'a' },
    ],
    [
      'beside a onefile program',
      '/opt/My App/resources/engine/a',
      place(null),
      { where: 'beside', path: 'a' },
    ],
    ['the folder itself', '/opt/My App/resources/engine', place('.'), null],
    ['a neighbour', '/opt/My App/resources/engine2/a', place('.'), null],
    [
      'a drive in other letters',
      String.raw`c:\apps\Engine\a`,
      place('.', String.raw`C:\Apps\engine`),
      { where: 'contents', path: 'a' },
    ],
    [
      'an app of macOS',
      '/x/engine/engine.app/Contents/Frameworks/a',
      place('engine.app/Contents/Frameworks', '/x/engine'),
      { where: 'contents', path: 'a' },
    ],
  ])('%s: %s', (_title, file, where, expected) => {
    expect(bundleFile(file, where)).toEqual(expected);
  });
});
