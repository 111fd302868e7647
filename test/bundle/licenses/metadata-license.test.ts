import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { declaredLicense } from '../../../src/bundle/licenses/metadata-license.js';
import { isExpression } from '../../../src/lib/spdx.js';

const threeClauses =
  'Redistribution and use in source and binary forms … Redistributions of source code must … Neither the name of the copyright holder';
const twoClauses = 'Redistributions of source code must retain the above copyright notice';

test.each([
  [['License-Expression: MIT OR Apache-2.0'], [], 'MIT OR Apache-2.0', 'MIT OR Apache-2.0'],
  [['License-Expression: MIT', 'Classifier: License :: OSI Approved :: BSD License'], [], 'MIT', 'MIT'],
  [['Classifier: License :: OSI Approved :: MIT License'], [], 'MIT', 'MIT License'],
  [['License: Apache 2.0'], [], 'Apache-2.0', 'Apache 2.0'],
  [['License: MIT'], [], 'MIT', 'MIT'],
  [['License: Apache License, Version 2.0'], [], 'Apache-2.0', 'Apache License, Version 2.0'],
  [['License: The MIT License'], [], 'MIT', 'The MIT License'],
  [['License: BSD 3-Clause License'], [], 'BSD-3-Clause', 'BSD 3-Clause License'],
  [['License: GPLv3+'], [], 'GPL-3.0-or-later', 'GPLv3+'],
  [['License: MPL v2.0'], [], 'MPL-2.0', 'MPL v2.0'],
  [['License: MIT-like, but not for commercial use'], [], null, 'MIT-like, but not for commercial use'],
  [['Classifier: License :: OSI Approved :: BSD License'], [threeClauses], 'BSD-3-Clause', 'BSD License'],
  [['Classifier: License :: OSI Approved :: BSD License'], [twoClauses], 'BSD-2-Clause', 'BSD License'],
  [['Classifier: License :: OSI Approved :: BSD License'], [], null, 'BSD License'],
  [['License: BSD', 'Classifier: License :: OSI Approved :: BSD License'], ['nothing'], null, 'BSD License'],
  [
    [
      'License: MPL-2.0 AND MIT',
      'Classifier: License :: OSI Approved :: MIT License',
      'Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)',
    ],
    [],
    'MPL-2.0 AND MIT',
    'MIT License; Mozilla Public License 2.0 (MPL 2.0)',
  ],
  [
    [
      'Classifier: License :: OSI Approved :: MIT License',
      'Classifier: License :: OSI Approved :: Apache Software License',
    ],
    [],
    null,
    'MIT License; Apache Software License',
  ],
  [['License: GPL'], [], null, 'GPL'],
  [['License: LGPL'], [], null, 'LGPL'],
  [['License: GNU General Public License'], [], null, 'GNU General Public License'],
  [['License: Other/Proprietary License'], [], null, 'Other/Proprietary License'],
  [
    ['Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)'],
    [],
    'GPL-3.0-only',
    'GNU General Public License v3 (GPLv3)',
  ],
  [['License: UNKNOWN'], [], null, 'UNKNOWN'],
  [['Classifier: License :: OSI Approved'], [], null, 'UNKNOWN'],
  [[], [], null, 'UNKNOWN'],
] as const)(
  'the license of a package is what its metadata says for certain: %j',
  (lines, texts, expression, declared) => {
    const metadata = [
      'Metadata-Version: 2.1',
      'Name: x',
      'Version: 1',
      ...lines,
      '',
      'License: in the description',
    ].join('\n');
    expect(declaredLicense(metadata, texts)).toMatchObject({ expression, declared });
  },
);

test('a license of many lines is kept in words, and is no expression', () => {
  const { expression, declared } = declaredLicense(
    'Name: x\nLicense: Copyright (c) 2020 A\n        \n        Permission is hereby granted\nSummary: y\n',
    [],
  );
  expect(expression).toBeNull();
  expect(declared).toContain('Permission is hereby granted');
  expect(declared).not.toContain('Summary');
});

test.each([
  ['Home-page: https://a.example', 'https://a.example'],
  ['Project-URL: Changes, https://b.example\nProject-URL: Homepage, https://a.example', 'https://a.example'],
  ['Project-URL: Documentation, https://b.example', 'https://b.example'],
  ['Summary: none', null],
])('the home page: %j', (line, homepage) => {
  expect(declaredLicense(`Name: x\n${line}\n`, []).homepage).toBe(homepage);
});

test('whatever a package says, it is an SPDX expression or unknown', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), fc.array(fc.string()), (field, classifiers, texts) => {
      const lines = [`License: ${field}`, ...classifiers.map((line) => `Classifier: License :: ${line}`)];
      const { expression } = declaredLicense(`Name: x\n${lines.join('\n')}\n`, texts);
      expect(expression === null || isExpression(expression)).toBe(true);
    }),
  );
});
