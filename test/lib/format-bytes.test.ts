import { expect, it } from 'vitest';
import { formatBytes } from '../../src/lib/format-bytes.js';

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [9949, '9.9 kB'],
  [9950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [46_300_000, '46 MB'],
  [2_700_000_000, '2.7 GB'],
  [3.2e15, '3200 TB'],
])('shows %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
