import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkPyInstaller,
  oldHooksWarning,
  pyinstallerRequirement,
} from '../../../src/python/environment/pyinstaller-policy.js';

describe('what is installed', () => {
  test.each([
    ['>=6.16,<7', 'onedir', 'pyinstaller==6.22.3'],
    ['*', 'onefile', 'pyinstaller==6.22.3'],
    ['~=6.22', 'onedir', 'pyinstaller==6.22.3'],
    ['6.20', 'onedir', 'pyinstaller==6.20.*,>=6.16,<7'],
    ['>=6.16,<6.22.3', 'onefile', 'pyinstaller>=6.16,<6.22.3,>=6.16,<7,!=6.22.1,!=6.22.2'],
    ['==6.22.1', 'onedir', 'pyinstaller==6.22.1,>=6.16,<7'],
  ] as const)('%s, %s: %s', (range, mode, expected) => {
    expect(pyinstallerRequirement(range, mode)).toBe(expected);
  });

  test.each([
    ['==6.22.1', 'onefile', /onefile programs that refuse to start/],
    ['6.22.2', 'onefile', /onefile programs that refuse to start/],
    ['==6.11.0', 'onedir', /6\.11\.0 is not supported/],
    ['==7.0.0', 'onedir', /7\.0\.0 is not supported/],
  ] as const)('%s with %s is refused in the configuration', (range, mode, message) => {
    expect(() => pyinstallerRequirement(range, mode)).toThrow(message);
  });
});

describe('what is there', () => {
  const needs = { range: '>=6.16,<7', mode: 'onedir', python: [3, 12, 1] } as const;
  test.each([
    ['6.22.3', needs, null],
    ['6.16.0', needs, null],
    ['6.22.1', needs, null],
    ['6.22.1', { ...needs, mode: 'onefile' }, /onefile/],
    ['6.22.3', { ...needs, mode: 'onefile' }, null],
    ['6.15.9', needs, /not supported/],
    ['5.13', needs, /not supported/],
    ['7.0', needs, /not supported/],
    ['6.20.0', { ...needs, range: '>=6.22' }, /does not satisfy pyinstaller\.version >=6\.22/],
    // The default: installed where the choice is ours, no demand on what the project chose.
    ['6.20.0', { ...needs, range: '6.22.3' }, null],
    ['6.15.0', { ...needs, range: '6.22.3' }, /not supported/],
    ['6.19.0', { ...needs, python: [3, 14, 0] }, /too old for Python 3\.14: it needs 6\.20\.0/],
    ['6.20.0', { ...needs, python: [3, 14, 0] }, null],
    ['6.20.0', { ...needs, python: [3, 15, 1] }, /too old for Python 3\.15: it needs 6\.21\.0/],
    ['git', needs, /calls itself "git"/],
  ] as const)('%s with %j', (version, wanted, message) => {
    const problem = checkPyInstaller(version, wanted);
    if (message === null) expect(problem).toBeNull();
    else expect(problem?.detail).toMatch(message);
  });

  test('whatever is installed by the requirement would be accepted', () => {
    const version = fc
      .tuple(fc.constantFrom(5, 6, 7), fc.nat(25), fc.nat(4))
      .map((numbers) => numbers.join('.'));
    fc.assert(
      fc.property(version, fc.constantFrom('onedir', 'onefile'), (pinned, mode) => {
        const accepted = checkPyInstaller(pinned, { range: `==${pinned}`, mode, python: null }) === null;
        const installable = (() => {
          try {
            pyinstallerRequirement(`==${pinned}`, mode);
            return true;
          } catch {
            return false;
          }
        })();
        expect(installable).toBe(accepted);
      }),
    );
  });
});

test.each([
  ['2026.9', '2026-11-22', null],
  ['2026.5', '2026-11-01', null],
  ['2026.4', '2026-11-01', /2026\.4 is 7 months old/],
  ['2025.12', '2026-11-01', /2025\.12 is 11 months old/],
  ['unknown', '2026-01-01', null],
  ['1.0', '2026-01-01', null],
])('hooks %s on %s', (version, now, message) => {
  const warning = oldHooksWarning(version, new Date(now));
  if (message === null) expect(warning).toBeNull();
  else expect(warning).toMatch(message);
});
