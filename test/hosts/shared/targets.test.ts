import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePlatform, parseRequest } from '../../../src/hosts/shared/targets.js';

const archs = ['x64', 'arm64', 'ia32', 'armv7l'] as const;
const platforms = ['linux', 'darwin', 'win32', 'mas'] as const;

describe('parseRequest', () => {
  test.each([
    ['linux', 'x64', ['x64'], false],
    ['linux', 'x64,arm64', ['x64', 'arm64'], false],
    ['linux', ' arm64 , x64 ', ['arm64', 'x64'], false],
    ['darwin', 'universal', ['x64', 'arm64'], true],
    ['mas', 'universal', ['x64', 'arm64'], true],
    ['darwin', 'all', ['x64', 'arm64'], true],
    ['win32', 'all', ['x64', 'arm64'], false],
    ['darwin', 'arm64,universal', ['arm64', 'x64'], true],
  ] as const)('%s with --arch=%s', (platform, arch, expected, universal) => {
    const request = parseRequest(platform, arch);
    expect(request.archs).toEqual(expected);
    expect(request.universal).toBe(universal);
  });

  test('any list of architectures keeps its order, loses repetitions and adds nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...platforms),
        fc.array(fc.constantFrom(...archs), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(',', ', ', ' ,'),
        (platform, words, separator) => {
          const request = parseRequest(platform, words.join(separator));
          expect(request.archs).toEqual([...new Set(words)]);
          expect(request.universal).toBe(false);
          expect(request.platform).toBe(platform === 'mas' ? 'darwin' : platform);
        },
      ),
    );
  });

  test('any word among the known ones that is not an architecture is refused by name', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...archs), { maxLength: 4 }),
        fc
          .stringMatching(/^[a-z0-9_]{1,10}$/)
          .filter((word) => ![...archs, 'all', 'universal'].includes(word)),
        fc.nat(4),
        (words, unknown, position) => {
          const list: string[] = [...words];
          list.splice(position, 0, unknown);
          expect(() => parseRequest('linux', list.join(','))).toThrow(JSON.stringify(unknown));
        },
      ),
    );
  });

  test('an empty list is refused', () => {
    expect(() => parseRequest('linux', ' , ')).toThrow('No architecture');
  });
});

test('a platform that PyInstaller has no bundles for is refused with those it has', () => {
  expect(() => parsePlatform('freebsd')).toThrow(/"freebsd"[\s\S]*"darwin"/);
});
