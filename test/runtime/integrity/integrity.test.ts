import { promises } from 'node:fs';
import {
  chmod,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test, vi, type TestOptions } from 'vitest';
import { digestBundle, digestFile } from '../../../src/bundle/index.js';
import { digestFiles, shareOut } from '../../../src/runtime/integrity/digest-worker.js';
import { checkIntegrity, findProblems } from '../../../src/runtime/integrity/integrity.js';
import type { IntegrityCheck } from '../../../src/runtime/integrity/integrity.js';
import type { ManifestFile } from '../../../src/runtime/manifest.js';
import { peRanges } from '../../../src/runtime/integrity/pe-layout.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { fatFile, machFile, signMach } from '../../support/mach.js';
import { noLinks, noModes, notOnWindows } from '../../support/windows.js';

/** A bundle as the build digests it. */
async function bundle(): Promise<{
  directory: string;
  check: (level: IntegrityCheck['level']) => IntegrityCheck;
}> {
  const directory = await writeFiles({
    engine: 'program',
    '_internal/base_library.zip': 'library',
    '_internal/numpy/core.so': 'x'.repeat(100),
    '_internal/dätä/config.json': '{}',
  });
  await chmod(path.join(directory, 'engine'), 0o755);
  await symlink('numpy/core.so', path.join(directory, '_internal/core.so'));
  const files = await digestBundle(directory, { executable: 'engine' });
  const cacheFile = path.join(await temporaryFolder(), 'cache', 'engine.json');
  return {
    directory,
    check: (level) => ({
      name: 'engine',
      directory,
      files,
      level,
      key: 'k1',
      cacheFile,
      signal: new AbortController().signal,
    }),
  };
}

const levels = ['exe', 'cached', 'full'] as const;

test.each(levels)('an untouched bundle passes at level %s', async (level) => {
  const { check } = await bundle();
  expect(await findProblems(check(level))).toEqual([]);
  expect(await findProblems(check(level))).toEqual([]);
});

const damages: readonly (readonly [
  title: string,
  damage: (directory: string) => Promise<unknown>,
  file: string,
  problem: string,
  options?: TestOptions,
])[] = [
  [
    'a removed file',
    (dir: string) => rm(path.join(dir, '_internal/numpy/core.so')),
    '_internal/numpy/core.so',
    'is missing',
  ],
  [
    'a shorter file',
    (dir: string) => truncate(path.join(dir, '_internal/numpy/core.so'), 50),
    '_internal/numpy/core.so',
    'has 50 bytes instead of 100',
  ],
  [
    'another program',
    (dir: string) => writeFile(path.join(dir, 'engine'), 'PROGRAM'),
    'engine',
    'has other content',
  ],
  [
    'a lost execute bit',
    (dir: string) => chmod(path.join(dir, 'engine'), 0o644),
    'engine',
    'is not executable',
    notOnWindows(noModes),
  ],
  [
    'a link that became a file',
    async (dir: string) => {
      await rm(path.join(dir, '_internal/core.so'));
      await writeFile(path.join(dir, '_internal/core.so'), 'x');
    },
    '_internal/core.so',
    'is no link any more',
    notOnWindows(noLinks),
  ],
  [
    'a link to somewhere else',
    async (dir: string) => {
      await rm(path.join(dir, '_internal/core.so'));
      await symlink('/etc/passwd', path.join(dir, '_internal/core.so'));
    },
    '_internal/core.so',
    'links to /etc/passwd instead of numpy/core.so',
    notOnWindows(noLinks),
  ],
  [
    'a file that became a folder',
    async (dir: string) => {
      await rm(path.join(dir, 'engine'));
      await mkdir(path.join(dir, 'engine'));
    },
    'engine',
    'is no file any more',
  ],
];

for (const [title, damage, file, problem, options = {}] of damages)
  test(`${title} is found at every level`, options, async () => {
    for (const level of levels) {
      const { directory, check } = await bundle();
      await damage(directory);
      expect(await findProblems(check(level))).toEqual([{ path: file, problem }]);
      await expect(checkIntegrity(check(level))).rejects.toMatchObject({
        code: 'E_EXE_CORRUPT',
        retryable: false,
      });
    }
  });

test('a flipped byte in a library is found by full and cached, not by exe', async () => {
  const { directory, check } = await bundle();
  expect(await findProblems(check('cached'))).toEqual([]);
  const file = path.join(directory, '_internal/numpy/core.so');
  await writeFile(file, 'y'.repeat(100));
  expect(await findProblems(check('exe'))).toEqual([]);
  for (const level of ['full', 'cached'] as const)
    expect(await findProblems(check(level))).toEqual([
      { path: '_internal/numpy/core.so', problem: 'has other content' },
    ]);
});

test('level cached trusts what it saw until a time, a size or an inode changes', async () => {
  const { directory, check } = await bundle();
  const file = path.join(directory, '_internal/numpy/core.so');
  const before = await stat(file);
  expect(await findProblems(check('cached'))).toEqual([]);
  // The same times and size, but another inode and change time.
  await writeFile(`${file}.new`, 'z'.repeat(100));
  await utimes(`${file}.new`, before.atime, before.mtime);
  await rename(`${file}.new`, file);
  expect(await findProblems(check('cached'))).toHaveLength(1);
});

test('level cached does not believe a cache of another version or a damaged one', async () => {
  const { directory, check } = await bundle();
  const first = check('cached');
  expect(await findProblems(first)).toEqual([]);
  await writeFile(path.join(directory, '_internal/dätä/config.json'), '[]');
  expect(await findProblems({ ...first, key: 'k2' })).toHaveLength(1);
  await writeFile(first.cacheFile, '{"key":');
  expect(await findProblems(first)).toHaveLength(1);
});

test('a signature that makes a Windows program longer is no difference, other bytes are', async () => {
  const directory = await temporaryFolder();
  const file = path.join(directory, 'engine.exe');
  await writeFile(file, windowsProgram());
  const { digest, algorithm, size } = await digestFile(file, 'win32');
  expect(algorithm).toBe('pe-sha256');
  const files: ManifestFile[] = [
    { type: 'file', path: 'engine.exe', digest, algorithm, size, core: true, executable: false },
  ];
  const problems = (): Promise<unknown> =>
    findProblems({
      name: 'engine',
      directory,
      files,
      level: 'exe',
      key: 'k',
      cacheFile: path.join(directory, 'cache'),
      signal: new AbortController().signal,
    });
  expect(await problems()).toEqual([]);
  await writeFile(file, signed(await readFile(file)));
  expect(await problems()).toEqual([]);
  const bytes = await readFile(file);
  bytes[700] = (bytes[700] ?? 0) ^ 1;
  await writeFile(file, bytes);
  expect(await problems()).toEqual([{ path: 'engine.exe', problem: 'has other content' }]);
  await writeFile(file, 'MZ and nothing more, but long enough'.padEnd(3000));
  expect(await problems()).toEqual([{ path: 'engine.exe', problem: 'is no Windows program any more' }]);
  vi.spyOn(promises, 'open').mockRejectedValueOnce(Object.assign(new Error('no'), { code: 'EACCES' }));
  expect(await problems()).toEqual([{ path: 'engine.exe', problem: 'cannot be read: EACCES' }]);
});

test('build and runtime take the same digest of every Windows program', async () => {
  const folder = await temporaryFolder();
  const program = fc.record({
    size: fc.integer({ min: 1024, max: 5000 }),
    wide: fc.boolean(),
    isSigned: fc.boolean(),
    tail: fc.nat(20),
  });
  await fc.assert(
    // Many at once: each call starts threads.
    fc.asyncProperty(fc.array(program, { minLength: 20, maxLength: 40 }), async (programs) => {
      const tasks = await Promise.all(
        programs.map(async ({ size, wide, isSigned, tail }, index) => {
          const file = path.join(folder, `${index}.exe`);
          const plain = windowsProgram(size, wide);
          const bytes = isSigned ? Buffer.concat([signed(plain), Buffer.alloc(tail, 7)]) : plain;
          await writeFile(file, bytes);
          const parts = peRanges(bytes.subarray(0, 4096), bytes.length);
          return { file, ranges: parts?.ranges ?? null, padding: parts?.padding ?? 0, size: bytes.length };
        }),
      );
      const answers = await digestFiles(tasks, new AbortController().signal);
      const built = await Promise.all(tasks.map(({ file }) => digestFile(file, 'win32')));
      const read = new Map(answers.map(({ file, digest }) => [file, digest]));
      expect(tasks.map(({ file }) => read.get(file))).toEqual(built.map(({ digest }) => digest));
    }),
    { numRuns: 3 },
  );
});

test('what is left to the system is only looked at', async () => {
  const directory = await writeFiles({ lib: 'abc' });
  const file = {
    type: 'file',
    path: 'lib',
    size: 99,
    digest: 'x',
    algorithm: 'mach-o',
    core: true,
    executable: false,
  } as const;
  const check = {
    name: 'e',
    directory,
    files: [file],
    level: 'full',
    key: 'k',
    cacheFile: '/x',
    signal: new AbortController().signal,
  } as const;
  expect(await findProblems(check)).toEqual([]);
  await truncate(path.join(directory, 'lib'), 0);
  expect(await findProblems(check)).toEqual([{ path: 'lib', problem: 'is empty' }]);
});

test('a macOS program is the same however it is signed, and not after anything else', async () => {
  const python = 'Python.framework/Versions/3.13/Python';
  const plain = machFile({ content: Buffer.alloc(5000, 3) });
  const directory = await writeFiles({ engine: signMach(plain), [python]: fatFile([plain, plain], true) });
  await chmod(path.join(directory, 'engine'), 0o755);
  const files = await digestBundle(directory, { executable: 'engine', platform: 'darwin' });
  const check = (level: 'exe' | 'full') =>
    findProblems({
      name: 'e',
      directory,
      files,
      level,
      key: 'k',
      cacheFile: '/x',
      signal: new AbortController().signal,
    });
  const put = (file: string, bytes: Buffer) => writeFile(path.join(directory, file), bytes);
  for (const level of ['exe', 'full'] as const) {
    await put('engine', signMach(plain, { kind: 'adhoc', size: 20_000 }));
    await put(python, fatFile([signMach(plain), plain], true));
    expect(await check(level)).toEqual([]);
    const flipped = signMach(plain);
    flipped[3000] = 4;
    await put('engine', flipped);
    await put(python, Buffer.alloc(40_000));
    expect(await check(level)).toEqual([
      { path: python, problem: 'is no macOS program any more' },
      { path: 'engine', problem: 'has other content' },
    ]);
    await put(python, Buffer.from('hi'));
    expect(await check(level)).toEqual([
      { path: python, problem: expect.stringMatching(/^has only 2 bytes/) },
    ]);
  }
});

test('hashing does not hold up the main thread, and ends when asked to', async () => {
  const directory = await temporaryFolder();
  const file = path.join(directory, 'large');
  await writeFile(file, '');
  await truncate(file, 192 * 1024 * 1024);
  const task = { file, ranges: null, padding: 0, size: 192 * 1024 * 1024 };
  const lag = monitorEventLoopDelay({ resolution: 2 });
  lag.enable();
  const answers = await digestFiles([task, task], new AbortController().signal);
  lag.disable();
  expect(answers).toHaveLength(2);
  expect(answers[0]?.digest).toBe(answers[1]?.digest);
  // Far below what hashing here would take (half a second); the machine may be busy.
  expect(lag.percentile(99) / 1e6).toBeLessThan(100);
  await expect(digestFiles([task], AbortSignal.timeout(20))).rejects.toThrow(/timeout/i);
});

test('shares the work by bytes', () => {
  const task = (size: number) => ({ file: String(size), ranges: null, padding: 0, size });
  expect(shareOut([1, 2, 3, 10].map(task), 2).map((share) => share.map(({ size }) => size))).toEqual([
    [10],
    [3, 2, 1],
  ]);
});

/** The headers of a Windows program, then arbitrary bytes. */
function windowsProgram(size = 2001, wide = true): Buffer {
  const bytes = Buffer.alloc(size);
  for (let index = 0; index < size; index++) bytes[index] = (index * 31) % 251;
  bytes.fill(0, 0, 512);
  bytes.write('MZ', 0, 'latin1');
  bytes.writeUInt32LE(128, 0x3c);
  bytes.write('PE\0\0', 128, 'latin1');
  bytes.writeUInt16LE(0x8664, 132);
  const optional = 152;
  bytes.writeUInt16LE(240, optional - 4);
  bytes.writeUInt16LE(wide ? 0x20b : 0x10b, optional);
  bytes.writeUInt32LE(16, optional + (wide ? 108 : 92));
  return bytes;
}

/** The same with a checksum and a certificate table, as signing leaves it. */
function signed(program: Buffer): Buffer {
  const padded = Buffer.concat([program, Buffer.alloc((8 - (program.length % 8)) % 8)]);
  const optional = 152;
  const directories = optional + (padded.readUInt16LE(optional) === 0x20b ? 112 : 96);
  padded.writeUInt32LE(0xabcdef, optional + 64);
  padded.writeUInt32LE(padded.length, directories + 32);
  padded.writeUInt32LE(256, directories + 36);
  return Buffer.concat([padded, Buffer.alloc(256, 0xcc)]);
}
