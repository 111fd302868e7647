import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BundlePlace } from '../../src/advice/bundle-file.js';
import { editFor } from '../../src/verify/further/further.js';
import { missingParts } from '../../src/verify/further/missing-parts.js';

const place: BundlePlace = { folders: ['/p/engine'], contents: '_internal', has: () => false };

test.each([
  ["ModuleNotFoundError: No module named 'a.b'", [['module', 'a.b']]],
  ['No module named a', [['module', 'a']]],
  ["ImportError: cannot import name 'x' from 'a.b' (/p/a/b/__init__.pyc)", [['module', 'a.b.x']]],
  ['importlib.metadata.PackageNotFoundError: No package metadata was found for a-b', [['metadata', 'a-b']]],
  ["pkg_resources.DistributionNotFound: The 'tqdm>=4' distribution was not found", [['metadata', 'tqdm']]],
  [
    "FileNotFoundError: [Errno 2] No such file or directory: '/p/engine/_internal/a/b.txt'",
    [['file', 'a/b.txt']],
  ],
  ["RuntimeError: Directory '/p/engine/_internal/static' does not exist", [['file', 'static']]],
  ["RuntimeError: Directory './static/' does not exist", [['relative', 'static']]],
  [
    "FileNotFoundError: [Errno 2] No such file or directory: 'config/x.json'",
    [['relative', 'config/x.json']],
  ],
  [
    "jinja2.exceptions.TemplateNotFound: 'a' not found in search path: 'templates'",
    [['relative', 'templates']],
  ],
  ["FileNotFoundError: [Errno 2] No such file or directory: '../x'", []],
  ["PermissionError: [Errno 13] Permission denied: '/etc/x'", []],
  ["FileNotFoundError: [Errno 2] No such file or directory: '/p/engine/beside.txt'", []],
  ['all is well', []],
] as const)('%s', (output, expected) => {
  expect(missingParts(output, place).map(({ kind, name }) => [kind, name])).toEqual(expected);
});

test('whatever is printed around, each thing is told once, in the order of the text', () => {
  const name = fc.stringMatching(/^[a-z]{1,8}(?:\.[a-z]{1,8}){0,2}$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 6 }),
      fc.array(fc.string()),
      (names, noise) => {
        const harmless = noise.map((text) => text.replaceAll(/['"`\\/]|No module|Error|named/g, ''));
        const text = names.flatMap((each, index) => [
          harmless[index] ?? '',
          `ModuleNotFoundError: No module named '${each}'`,
          `ModuleNotFoundError: No module named '${each}'`,
        ]);
        expect(missingParts(text.join('\n'), place).map((part) => part.name)).toEqual(names);
      },
    ),
  );
});

test('one edit asks for everything, each thing once', () => {
  const part = { source: null, folder: false, package: null };
  const project = { projectDir: '/app', source: ['/app/backend'] };
  expect(
    editFor(
      [
        { ...part, kind: 'module', name: 'a' },
        { ...part, kind: 'module', name: 'a.b' },
        { ...part, kind: 'metadata', name: 'dist' },
        { ...part, kind: 'file', name: 'res/x.txt', source: '/app/backend/res/x.txt' },
        { ...part, kind: 'file', name: 'pkg/d.bin', source: '/env/pkg/d.bin', package: 'pkg' },
        { ...part, kind: 'file', name: 'pkg/e.bin', source: '/env/pkg/e.bin', package: 'pkg' },
        { ...part, kind: 'module', name: 'c' },
      ],
      project,
    ),
  ).toBe(
    "hiddenImports: ['a.b', 'c'], collect: { metadata: ['dist'], data: ['pkg'] }, data: ['backend/res/x.txt']",
  );
});
