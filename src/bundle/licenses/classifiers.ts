import { isExpression } from '../../lib/spdx.js';

/**
 * Trove classifiers (`License :: OSI Approved :: …`, without that) that stand for one license. Left out are those that name a
 * family (`BSD License`).
 * @see {@link https://pypi.org/classifiers/}
 */
const classifiers = new Map(
  Object.entries({
    'Academic Free License (AFL)': 'AFL-3.0',
    'Apache Software License': 'Apache-2.0',
    'Boost Software License 1.0 (BSL-1.0)': 'BSL-1.0',
    'Eclipse Public License 1.0 (EPL-1.0)': 'EPL-1.0',
    'Eclipse Public License 2.0 (EPL-2.0)': 'EPL-2.0',
    'European Union Public Licence 1.1 (EUPL 1.1)': 'EUPL-1.1',
    'European Union Public Licence 1.2 (EUPL 1.2)': 'EUPL-1.2',
    'GNU Affero General Public License v3': 'AGPL-3.0-only',
    'GNU Affero General Public License v3 or later (AGPLv3+)': 'AGPL-3.0-or-later',
    'GNU General Public License v2 (GPLv2)': 'GPL-2.0-only',
    'GNU General Public License v2 or later (GPLv2+)': 'GPL-2.0-or-later',
    'GNU General Public License v3 (GPLv3)': 'GPL-3.0-only',
    'GNU General Public License v3 or later (GPLv3+)': 'GPL-3.0-or-later',
    'GNU Lesser General Public License v2 (LGPLv2)': 'LGPL-2.0-only',
    'GNU Lesser General Public License v2 or later (LGPLv2+)': 'LGPL-2.0-or-later',
    'GNU Lesser General Public License v3 (LGPLv3)': 'LGPL-3.0-only',
    'GNU Lesser General Public License v3 or later (LGPLv3+)': 'LGPL-3.0-or-later',
    'Historical Permission Notice and Disclaimer (HPND)': 'HPND',
    'ISC License (ISCL)': 'ISC',
    'MIT License': 'MIT',
    'MIT No Attribution License (MIT-0)': 'MIT-0',
    'Mozilla Public License 1.1 (MPL 1.1)': 'MPL-1.1',
    'Mozilla Public License 2.0 (MPL 2.0)': 'MPL-2.0',
    'Mulan Permissive Software License v2 (MulanPSL-2.0)': 'MulanPSL-2.0',
    'Python Software Foundation License': 'PSF-2.0',
    'The Unlicense (Unlicense)': 'Unlicense',
    'Universal Permissive License (UPL)': 'UPL-1.0',
    'zlib/libpng License': 'Zlib',
    'Zope Public License': 'ZPL-2.1',
    'CC0 1.0 Universal (CC0 1.0) Public Domain Dedication': 'CC0-1.0',
  }),
);

/**
 * What a classifier or the `License` field of a package means; null: no single license. `texts` are the package's license files: they
 * say which of the BSD licenses it is.
 */
export function expressionOf(declared: string, texts: readonly string[]): string | null {
  const text = declared.trim();
  if (/^(?:(?:new|modified|simplified|revised) )?BSD(?:[ -]license)?$/i.test(text)) return bsdOf(texts);
  const known = classifiers.get(text);
  if (known !== undefined) return known;
  if (isExpression(text)) return text;
  return spellings.get(spelling(text)) ?? null;
}

/** How people write one certain license in the `License` field; families (`GPL`, `BSD`) are not among them. */
const spellings = new Map(
  Object.entries({
    'Apache-2.0': ['Apache 2', 'Apache 2.0', 'Apache Software 2.0', 'ASL 2.0', 'Apache2'],
    'BSD-2-Clause': ['BSD 2 Clause', '2 Clause BSD', 'Simplified BSD'],
    'BSD-3-Clause': ['BSD 3 Clause', '3 Clause BSD', 'New BSD', 'Modified BSD', 'BSD 3'],
    'GPL-2.0-only': ['GPLv2', 'GPL 2', 'GNU GPL v2'],
    'GPL-2.0-or-later': ['GPLv2+', 'GPL 2+', 'GPL v2 or later'],
    'GPL-3.0-only': ['GPLv3', 'GPL 3', 'GNU GPL v3'],
    'GPL-3.0-or-later': ['GPLv3+', 'GPL 3+', 'GPL v3 or later'],
    'LGPL-2.1-only': ['LGPLv2.1', 'LGPL 2.1'],
    'LGPL-2.1-or-later': ['LGPLv2.1+', 'LGPL 2.1+'],
    'LGPL-3.0-only': ['LGPLv3', 'LGPL 3'],
    'LGPL-3.0-or-later': ['LGPLv3+', 'LGPL 3+'],
    'AGPL-3.0-only': ['AGPLv3', 'AGPL 3'],
    'AGPL-3.0-or-later': ['AGPLv3+', 'AGPL 3+'],
    'MPL-2.0': ['MPL 2.0', 'MPLv2', 'MPL 2', 'Mozilla Public 2.0'],
    'PSF-2.0': ['PSF', 'PSFL', 'Python Software Foundation'],
    'ZPL-2.1': ['ZPL 2.1'],
    ISC: ['ISC', 'ISCL'],
    MIT: ['MIT', 'Expat', 'The MIT'],
    Unlicense: ['Unlicense', 'The Unlicense'],
    Zlib: ['zlib', 'zlib/libpng'],
  }).flatMap(([id, texts]) => texts.map((text) => [spelling(text), id] as const)),
);

/** Upper and lower case, punctuation and the words that every license has do not count. */
function spelling(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/\b(?:the|licen[sc]ed?|version)\b/g, ' ')
    .replaceAll(/\bv(?=\d)/g, '')
    .replaceAll(/(?<=[a-z])v(?=\d)/g, ' ')
    .replaceAll(/(?<=[a-z])(?=\d)/g, ' ')
    .replaceAll(/\.0\b/g, '')
    .replaceAll(/[^a-z0-9.+/]+/g, ' ')
    .trim();
}

function bsdOf(texts: readonly string[]): string | null {
  const text = texts.find((one) => /redistributions?\s+(?:of|in)\s+source/i.test(one));
  if (text === undefined) return null;
  if (/all\s+advertising\s+materials/i.test(text)) return 'BSD-4-Clause';
  return /(?:neither|nor)\s+the\s+names?|names?\s+of\s+(?:its|the|any)[\s\S]{0,80}endorse|may\s+not\s+be\s+used\s+to\s+endorse/i.test(
    text,
  )
    ? 'BSD-3-Clause'
    : 'BSD-2-Clause';
}
