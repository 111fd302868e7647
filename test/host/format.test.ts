import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBytes, formatDuration, plural } from '../../src/host/format.js';

test.each([
  [0, '0.0 s'],
  [420, '0.4 s'],
  [9_949, '9.9 s'],
  [9_951, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 00 s'],
  [65_000, '1 min 05 s'],
  [7_380_000, '2 h 03 min'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_949, '9.9 kB'],
  [9_951, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [63_400_000, '63 MB'],
  [2_500_000_000, '2.5 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('no number of bytes needs more than four characters before its unit', () => {
  fc.assert(
    fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (bytes) => {
      expect(formatBytes(bytes)).toMatch(/^\d{1,4}(?:\.\d)? (?:B|kB|MB|GB|TB)$/);
    }),
  );
});

test('one is singular', () => {
  expect([plural(0, 'file'), plural(1, 'file'), plural(2, 'file')]).toEqual(['0 files', '1 file', '2 files']);
});
