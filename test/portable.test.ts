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
  {
    what: 'a program of POSIX is started',
    instead: 'Node or pythonCommand, or tell with notOnWindows() why Windows leaves the test out',
    pattern: () => {
      const names =
        'bash|cat|chmod|cp|diff|env|false|gcc|kill|ln|ls|mkfifo|mount|mv|prlimit|ps|readelf|rm|sh|sleep|strip|tar|touch|true|umount|unzip|zip';
      return new RegExp(
        String.raw`\b(?:exec\w*|spawn\w*|run|copyFile)\(\s*(['"\`])(?:(?:/usr)?/bin/\w+|${names})\1`,
      );
    },
  },
  {
    what: 'a shell script is run',
    instead: 'script() of test/python/fake-python.ts',
    pattern: () => /writeFile\([^)]*#!\/bin\/sh\\n\w/,
  },
  {
    what: 'Windows leaves a test out without a reason',
    instead: 'notOnWindows(), onlyOnLinux() or leftOutIf() of test/support/windows.ts',
    pattern: () => /\b(?:skipIf|runIf)\(process\.platform [!=]== '(?:win32|linux)'/,
  },
];

/** A source without the tests that Windows leaves out. They are laid out by the formatter: a test ends where its first line began. */
function runOnWindows(source: string): string {
  const lines: string[] = [];
  let end: string | null = null;
  let head: { readonly at: number; readonly indent: string } | null = null;
  for (const line of source.split('\n')) {
    if (end !== null) {
      lines.push('');
      if (line.startsWith(`${end})`) || line.startsWith(`${end}}`)) end = null;
      continue;
    }
    const [, indent] = /^( *)(?:test|it|describe)\b/.exec(line) ?? [];
    if (indent !== undefined) head = { at: lines.length, indent };
    lines.push(line);
    if (head === null || !line.endsWith('=> {')) continue;
    const text = lines.slice(head.at).join('\n');
    if (/\b(?:notOnWindows|onlyOnLinux|leftOutIf)\(/.test(text)) end = head.indent;
    head = null;
  }
  return lines.join('\n');
}

const folder = import.meta.dirname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !/\.e2e\.test\.ts$|^(?:windows|macos|demo|standin|portable)\b/.test(file),
);

/** What is about POSIX: support of slow tests, and a program that Windows would not start. */
const aboutPosix: ReadonlySet<string> = new Set(
  [
    'runtime/bundle.test.ts',
    'runtime/stranger.ts',
    'runtime/faults/programs.ts',
    'freeze/support/program.ts',
    'support/hosts.ts',
  ].map((file) => path.normalize(file)),
);

describe('fast tests are the same on Windows', () => {
  test.each(faults)('none in which $what: write $instead', ({ pattern }) => {
    const found = files
      .filter((file) => !aboutPosix.has(file))
      .flatMap((file) => {
        const source = runOnWindows(readFileSync(path.join(folder, file), 'utf8'));
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
    [3, "execa('sh', ['-c', ''])"],
    [3, "copyFile('/bin/sh', file)"],
    [4, String.raw`await writeFile(tool, '#!/bin/sh\nexit 1\n')`],
    [5, "test.skipIf(process.platform === 'win32')('x', () => {});"],
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
