import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { installerLimits, limitWarnings } from '../../../src/hosts/shared/installer-limits.js';

const small = [
  { kinds: ['nsis', 'portable'], limitBytes: 100, together: true, seen: 'holds 100 B', fix: 'Use less' },
  { kinds: ['deb'], limitBytes: 1000, seen: 'holds 1000 B', fix: 'Use less' },
];

test('what may not fit is told with the installer, the size and what to do', () => {
  expect(limitWarnings(['dir', 'NSIS', 'deb'], [150], small)).toEqual([
    'the backends have 150 bytes, and NSIS holds 100 B. Use less (`npx electron-pyinstaller report` shows what is big; docs/installers.md).',
  ]);
  expect(limitWarnings(['deb'], [150], small)).toEqual([]);
  // One installer of NSIS holds every architecture; packages of Debian are one each.
  expect(limitWarnings(['nsis'], [60, 60], small)).toHaveLength(1);
  expect(limitWarnings(['deb'], [600, 600], small)).toEqual([]);
});

test('a stack of 5 GB is told for Windows and not for AppImage; a small backend never', () => {
  const kinds = installerLimits.flatMap((limit) => limit.kinds);
  expect(limitWarnings(['AppImage', 'zip', 'dmg', 'nsis-web'], [5_200_000_000])).toEqual([]);
  expect(limitWarnings(kinds, [5_200_000_000])).toHaveLength(3);
  expect(limitWarnings(kinds, [80_000_000, 80_000_000])).toEqual([]);
});

test('more data never takes a warning away, and one is given exactly where a limit is reached', () => {
  const kind = fc.constantFrom('nsis', 'portable', 'deb', 'dir', 'zip');
  const sizes = fc.array(fc.nat(2000), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.uniqueArray(kind), sizes, fc.nat(500), (kinds, bytes, more) => {
      const told = limitWarnings(kinds, bytes, small);
      const sum = bytes.reduce((a, b) => a + b, 0);
      const expected =
        Number(kinds.some((one) => one === 'nsis' || one === 'portable') && sum >= 100) +
        Number(kinds.includes('deb') && Math.max(...bytes) >= 1000);
      expect(told).toHaveLength(expected);
      const larger = bytes.map((size) => size + more);
      expect(limitWarnings(kinds, larger, small).length).toBeGreaterThanOrEqual(told.length);
    }),
  );
});
