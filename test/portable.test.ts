import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/** What makes a fast test fail on Windows although the code is right, and what to write in its place. */
const faults: readonly {
  readonly what: string;
  readonly instead: string;
  readonly pattern: (source: string) => RegExp;
}[] = [
  {
    what: 'python3 is started, which Windows does not have',
    instead: 'pythonCommand of test/support/python-command.ts',
    pattern: () => /(?:(?<![.\w])(?:exec\w*|spawn\w*|run)\(\s*|\?\? )(['"`])python3\1/,
  },
  {
    what: 'a file of POSIX is read or written',
    instead: 'a path below temporaryFolder()',
    pattern: () =>
      /\b(?:mkdtemp|mkdir|writeFile|readFile|rm|cp|copyFile|stat)(?:Sync)?\(\s*['"`]\/(?:tmp|usr|home|etc|var)\b/,
  },
  {
    what: 'a path is made with a slash, where the code makes it with the separator of the system',
    instead: 'path.join(folder, …)',
    pattern: (source) => {
      const made = /\b(?:const|let) (\w+) = await (?:temporaryFolder|writeFiles|mkdtemp)\(/g;
      const names = [...source.matchAll(made)].map(([, name]) => name ?? '');
      return names.length === 0 ? /$^/ : new RegExp(String.raw`\`\$\{(?:${names.join('|')})\}/`);
    },
  },
];

const folder = import.meta.dirname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !/\.e2e\.test\.ts$|^(?:windows|demo|standin|portable)\b/.test(file),
);

/** Support of slow tests that play another user, which is about POSIX. */
const aboutPosix: ReadonlySet<string> = new Set([path.join('runtime', 'stranger.ts')]);

describe('fast tests are the same on Windows', () => {
  test.each(faults)('none in which $what: write $instead', ({ pattern }) => {
    const found = files
      .filter((file) => !aboutPosix.has(file))
      .flatMap((file) => {
        const source = readFileSync(path.join(folder, file), 'utf8');
        const at = pattern(source).exec(source)?.index;
        return at === undefined ? [] : [`${file}:${source.slice(0, at).split('\n').length}`];
      });
    expect(found).toEqual([]);
  });

  test.each([
    [0, "execFileSync('python3', ['-c', ''])"],
    [0, 'await execa(\n  "python3", [])'],
    [0, "realPythons()[0] ?? 'python3'"],
    [1, "await mkdtemp('/tmp/x-')"],
    [1, "readFileSync('/usr/bin/env')"],
    [2, 'const root = await writeFiles({});\nexpect(x).toBe(`${root}/a`);'],
  ])('fault %i is seen in %j', (index, source) => {
    expect(faults[index]?.pattern(source).test(source)).toBe(true);
  });

  test.each([
    "fakeDisk({ '/usr/bin/python3': '' })",
    "expect(x).toBe('/tmp/_MEI')",
    'const root = await writeFiles({});\nexpect(x).toBe(path.join(root, `${name}/a`));',
    'expect(url).toBe(`${base}/a`)',
  ])('nothing is wrong with %j', (source) => {
    expect(faults.filter(({ pattern }) => pattern(source).test(source))).toEqual([]);
  });
});
