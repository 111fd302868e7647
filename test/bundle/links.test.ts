import * as fc from 'fast-check';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { assertLinks, linkProblems, listBundle, type BundleEntry } from '../../src/bundle/index.js';
import { resolveLink } from '../../src/bundle/links.js';
import { temporaryFolder } from '../support/files.js';
import { noLinks, notOnWindows } from '../support/windows.js';

const file = (name: string): BundleEntry => ({ type: 'file', path: name, size: 1, mode: 0o644 });
const folder = (name: string): BundleEntry => ({ type: 'directory', path: name, mode: 0o755 });
const link = (name: string, target: string): BundleEntry => ({ type: 'link', path: name, target });

describe('linkProblems', () => {
  it('accepts what PyInstaller makes on macOS', () => {
    const framework = '_internal/Python.framework';
    expect(
      linkProblems([
        folder('_internal'),
        folder(framework),
        folder(`${framework}/Versions`),
        folder(`${framework}/Versions/3.12`),
        file(`${framework}/Versions/3.12/Python`),
        link(`${framework}/Versions/Current`, '3.12'),
        link(`${framework}/Python`, 'Versions/Current/Python'),
        link('_internal/Python', 'Python.framework/Versions/3.12/Python'),
      ]),
    ).toEqual([]);
  });

  it.each([
    ['/usr/lib/libz.so', 'absolute'],
    ['C:\\Python\\python3.dll', 'absolute'],
    ['../outside', 'outside'],
    ['sub/../../outside', 'outside'],
    ['missing', 'dangling'],
    ['file/below', 'dangling'],
    ['bad', 'loop'],
  ] as const)('refuses a link to %s (%s)', (target, reason) => {
    const entries = [link('bad', target), file('file'), folder('sub')];
    expect(linkProblems(entries)).toEqual([{ path: 'bad', target, reason }]);
  });

  it('understands .. behind a link to a folder', () => {
    const entries = [
      folder('a'),
      folder('a/b'),
      file('a/target'),
      link('short', 'a/b'),
      link('x', 'short/../target'),
    ];
    expect(resolveLink(new Map(entries.map((entry) => [entry.path, entry])), 'x')).toBe('a/target');
  });

  it('names the links and what to do', () => {
    const entries = Array.from({ length: 7 }, (_, index) => link(`l${index}`, '/build/machine'));
    expect(() => assertLinks('/bundle', entries)).toThrow(
      /7 links cannot be shipped.\n {2}l0 -> \/build\/machine is absolute[^]*and 2 more\nLinks must be relative/,
    );
    expect(() => assertLinks('/bundle', [file('a')])).not.toThrow();
  });

  it('agrees with the operating system about any set of links', notOnWindows(noLinks), async () => {
    const names = ['a', 'b', 'c', 'd/e', 'd/f', 'd/g/h'];
    const part = fc.constantFrom('..', '.', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const target = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const entry = fc.option(target, { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.tuple(entry, entry, entry, entry, entry, entry), async (targets) => {
        const root = path.join(await temporaryFolder(), 'root');
        await mkdir(path.join(root, 'd/g'), { recursive: true });
        for (const [index, name] of names.entries()) {
          const text = targets[index] ?? null;
          await (text === null ? writeFile(path.join(root, name), '') : symlink(text, path.join(root, name)));
        }
        const entries = await listBundle(root);
        const byPath = new Map(entries.map((one) => [one.path, one]));
        const real = await realpath(root);
        for (const one of entries) {
          if (one.type !== 'link') continue;
          const actual = await realpath(path.join(root, one.path)).catch(() => null);
          const ours = resolveLink(byPath, one.path);
          // Outside is refused although it exists; inside, both must name the same thing.
          if (typeof ours === 'string') expect(actual).toBe(path.join(real, ours));
          else if (ours.reason !== 'outside') expect(actual).toBeNull();
        }
      }),
      { numRuns: 60 },
    );
  });
});
