import * as fc from 'fast-check';
import { chmod, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inspectBytes } from '../../src/bundle/binary/inspect.js';
import { checkBundle } from '../../src/bundle/checks.js';
import { isLoaded } from '../../src/bundle/parts.js';
import { writeFiles } from '../support/files.js';
import { windowsProgram } from '../support/foreign.js';
import { archive, extension, macBundle, signed, version } from '../support/mac-bundle.js';
import { machFile } from '../support/mach.js';
import { wheelFile, wheelFolder } from './wheels.js';
import { isWine, leaveOut, needsLinks, noWineLinks } from '../support/windows.js';

beforeAll(async () => {
  for (const name of ['orjsonLinux', 'orjsonWindows', 'pyinstallerLinuxArm', 'markupsafeMac'] as const)
    await wheelFolder(name);
}, 600_000);

async function problems(
  folder: string,
  platform: 'darwin' | 'linux' | 'win32' = 'darwin',
  arch: 'arm64' | 'x64' = 'arm64',
): Promise<string[]> {
  const executable = platform === 'win32' ? 'engine.exe' : 'engine';
  const expectations = {
    console: null,
    glibc: null,
    maxSizeBytes: null,
    target: { platform, arch },
    executable,
  };
  const check = await checkBundle(folder, expectations);
  return check.problems.map(({ id, severity, message }) => `${severity} ${id}: ${message}`);
}

describe('a bundle for macOS that was made elsewhere', () => {
  test('is accepted when it is whole', needsLinks, async () => {
    const folder = await macBundle();
    expect(await problems(folder)).toEqual([]);
  });

  const put = (file: string, bytes: Buffer) => (folder: string) => writeFile(path.join(folder, file), bytes);
  const framework = '_internal/Python.framework';
  test.for<[string, (folder: string) => Promise<unknown>, string]>([
    [
      'a library of Python for Linux',
      async (folder) =>
        writeFile(
          path.join(folder, version, 'Python'),
          await readFile(await wheelFile('orjsonLinux', 'orjson/orjson.cpython-312-x86_64-linux-gnu.so')),
        ),
      'error format: One file that Python loads is not for darwin-arm64:\n  ' +
        `${version}/Python (Linux (ELF))`,
    ],
    ['an extension for Windows', put(extension, windowsProgram()), `${extension} (Windows (PE))`],
    ['a text instead of an extension', put(extension, Buffer.from('hi')), `${extension} (no library)`],
    [
      'an emptied library of Python',
      put(`${version}/Python`, Buffer.alloc(0)),
      `${version}/Python (no library)`,
    ],
    [
      'no Python',
      async (folder) => {
        await rm(path.join(folder, framework), { recursive: true });
        await rm(path.join(folder, '_internal/Python'));
      },
      'error python: There is no Python in it: the program loads _internal/Python, which is missing.',
    ],
    [
      'no link to the current version',
      (folder) => rm(path.join(folder, framework, 'Versions/Current')),
      `${framework}/Versions/Current is missing`,
    ],
    [
      'links that became copies',
      async (folder) => {
        await rm(path.join(folder, framework, 'Python'));
        await put(`${framework}/Python`, signed('library'))(folder);
        await rm(path.join(folder, framework, 'Resources'));
        await mkdir(path.join(folder, framework, 'Resources'));
      },
      `${framework}/Python is a file, not a link\n  ${framework}/Resources is a directory, not a link`,
    ],
    [
      'no Info.plist',
      (folder) => rm(path.join(folder, version, 'Resources/Info.plist')),
      `error framework: A framework is not complete; \`codesign\` and macOS refuse it:\n  ${version}/Resources/Info.plist is missing`,
    ],
    [
      'a program without signature',
      put('engine', Buffer.concat([machFile({ type: 'executable' }), archive('Python')])),
      'error signature: One file has no signature',
    ],
    ['an extension without signature', put(extension, machFile()), `such files:\n  ${extension}`],
    [
      'half a library of Python',
      (folder) => truncate(path.join(folder, version, 'Python'), 16384 + 530),
      `error damaged: One file is damaged or cut short:\n  ${version}/Python: it begins like macOS (Mach-O), but`,
    ],
    [
      'an emptied base_library.zip',
      put('_internal/base_library.zip', Buffer.alloc(0)),
      'error python: Python',
    ],
  ])('is refused with %s', async ([title, damage, expected], context) => {
    if (isWine && /^(?:no Python|no link|links)/.test(title)) leaveOut(context, noWineLinks);
    const folder = await macBundle();
    await damage(folder);
    const found = await problems(folder);
    expect(found.filter((line) => line.startsWith('error')).join('\n')).toContain(expected);
  });

  test(
    'may have a framework without Info.plist and links, as old packages of Qt do, but is warned of',
    needsLinks,
    async () => {
      const folder = await macBundle();
      await writeFiles({ '_internal/Q/QtCore.framework/Versions/5/QtCore': signed('library') }, folder);
      expect(await problems(folder)).toEqual([
        expect.stringMatching(/^warning framework: One framework has no/),
      ]);
    },
  );

  test('needs no signature for Intel', needsLinks, async () => {
    const folder = await macBundle();
    const x64 = machFile({ arch: 'x64' });
    await put(
      'engine',
      Buffer.concat([machFile({ arch: 'x64', type: 'executable' }), archive('Python')]),
    )(folder);
    await put(extension, x64)(folder);
    expect(await problems(folder, 'darwin', 'x64')).toEqual([]);
  });
});

test.each([
  ['_internal/python312.dll', 'PK', '_internal/python312.dll (no library)'],
  ['_internal/a/_x.cp312-win_amd64.pyd', signed('library'), '_x.cp312-win_amd64.pyd (macOS (Mach-O))'],
  ['_internal/a/_x.cp312-win_amd64.pyd', windowsProgram().subarray(0, 70), 'damaged or cut short|no library'],
  [
    '_internal/unused.dll',
    windowsProgram(),
    'There is no Python in it: the program loads _internal/python312.dll',
  ],
])('a bundle for Windows with another %s is refused', async (file, bytes, expected) => {
  const folder = await writeFiles({
    'engine.exe': Buffer.concat([windowsProgram(), archive('python312.dll')]),
    ...(file === '_internal/unused.dll' ? {} : { '_internal/python312.dll': windowsProgram() }),
    [file]: bytes,
  });
  expect((await problems(folder, 'win32', 'x64')).join('\n')).toMatch(
    new RegExp(`error .*${expected.includes('|') ? expected : expected.replaceAll(/[.()]/g, '\\$&')}`, 's'),
  );
});

test('a bundle for Linux with a library of another system is refused', async () => {
  const program = await readFile(
    await wheelFile('pyinstallerLinuxArm', 'PyInstaller/bootloader/Linux-64bit-arm/run'),
  );
  const folder = await writeFiles({
    engine: Buffer.concat([program, archive('libpython3.13.so.1.0')]),
    '_internal/libpython3.13.so.1.0': signed('library'),
    '_internal/a/_x.cpython-313-darwin.so': signed('library'),
    '_internal/a/_x.cpython-313-aarch64-linux-gnu.so': program.subarray(0, program.length - 9000),
  });
  await chmod(path.join(folder, 'engine'), 0o755);
  expect(await problems(folder, 'linux', 'arm64')).toEqual([
    expect.stringContaining(
      'error format: One file that Python loads is not for linux-arm64:\n  _internal/libpython3.13.so.1.0 (macOS (Mach-O))',
    ),
    expect.stringContaining('error damaged: One file is damaged'),
  ]);
});

test.each([
  ['_internal/a/_x.cpython-313-darwin.so', 'darwin', true],
  ['_internal/a/_x.cpython-313-darwin.so', 'linux', false],
  ['_internal/a/_x.cpython-313-x86_64-linux-gnu.so', 'linux', true],
  ['_internal/a/_x.cpython-313-x86_64-linux-gnu.so', 'darwin', false],
  ['_internal/a/_x.abi3.so', 'darwin', true],
  ['_internal/python3.13/lib-dynload/math.so', 'darwin', true],
  ['_internal/a/_x.pyd', 'win32', true],
  ['_internal/a/_x.pyd', 'linux', false],
  ['_internal/base_library.zip', 'linux', false],
  ['_internal/PythonT.framework/Versions/3.13/PythonT', 'darwin', true],
] as const)('%s is loaded by Python on %s: %s', (file, platform, isExpected) => {
  expect(isLoaded(file, 'engine', platform)).toBe(isExpected);
});

test('a real library that is cut anywhere is damaged, or none', async () => {
  const members = [
    ['orjsonLinux', 'orjson/orjson.cpython-312-x86_64-linux-gnu.so'],
    ['orjsonWindows', 'orjson/orjson.cp312-win_amd64.pyd'],
    ['markupsafeMac', 'markupsafe/_speedups.cpython-312-darwin.so'],
  ] as const;
  for (const [wheel, member] of members) {
    const bytes = await readFile(await wheelFile(wheel, member));
    expect((await inspectBytes(bytes))?.format).not.toBe('damaged');
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 0.9, noNaN: true }), async (share) => {
        const info = await inspectBytes(bytes.subarray(0, Math.floor(bytes.length * share)));
        expect([undefined, 'damaged']).toContain(info?.format);
      }),
      { numRuns: 100 },
    );
  }
});
