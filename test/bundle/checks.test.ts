import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkBundle, judgeBundle, type BundleExpectations } from '../../src/bundle/checks.js';
import type { BundleEntry, ElfInfo, InspectedFile, PeInfo } from '../../src/bundle/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { wheelFile, wheelFolder, type WheelName } from './wheels.js';
import { needsLinks, noPermissions, notOnWindows } from '../support/windows.js';

const used: readonly WheelName[] = [
  'pyinstallerWindows',
  'pyinstallerMac',
  'pyinstallerLinuxArm',
  'pyinstallerMusl',
  'orjsonWindows',
  'orjsonLinux',
  'markupsafeMac',
];

beforeAll(async () => {
  for (const name of used) await wheelFolder(name);
}, 600_000);

const anything = { console: null, glibc: null, maxSizeBytes: null } as const;

/** A bundle made of files of wheels. */
async function bundleOf(files: Readonly<Record<string, readonly [WheelName, string]>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, [wheel, member]] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await copyFile(await wheelFile(wheel, member), file);
    if (!name.includes('/')) await chmod(file, 0o755);
  }
  return folder;
}

const bootloader = 'PyInstaller/bootloader';
const armProgram = ['pyinstallerLinuxArm', `${bootloader}/Linux-64bit-arm/run`] as const;
const linuxModule = ['orjsonLinux', 'orjson/orjson.cpython-312-x86_64-linux-gnu.so'] as const;

describe('checkBundle on real files', () => {
  it('accepts a bundle that is right and tells its glibc floor', async () => {
    const folder = await bundleOf({ engine: armProgram });
    const check = await checkBundle(folder, {
      ...anything,
      target: { platform: 'linux', arch: 'arm64' },
      executable: 'engine',
      glibc: '2.17',
    });
    expect(check).toMatchObject({
      problems: [],
      facts: { binaries: 1, glibc: [{ version: '2.17', file: 'engine' }] },
    });
  });

  it('finds a module for another architecture', async () => {
    const folder = await bundleOf({
      engine: armProgram,
      '_internal/orjson/orjson.cpython-312-x86_64-linux-gnu.so': linuxModule,
    });
    const { problems } = await checkBundle(folder, {
      ...anything,
      target: { platform: 'linux', arch: 'arm64' },
      executable: 'engine',
    });
    expect(problems).toEqual([
      expect.objectContaining({
        id: 'arch',
        severity: 'error',
        message:
          'One file is not for arm64:\n  _internal/orjson/orjson.cpython-312-x86_64-linux-gnu.so (x64)',
      }),
    ]);
  });

  it(
    'finds a program for another system, and one without permission to run',
    notOnWindows(noPermissions),
    async () => {
      const folder = await bundleOf({ engine: ['pyinstallerMac', `${bootloader}/Darwin-64bit/run`] });
      await chmod(path.join(folder, 'engine'), 0o644);
      const { problems } = await checkBundle(folder, {
        ...anything,
        target: { platform: 'linux', arch: 'x64' },
        executable: 'engine',
      });
      expect(problems.map(({ id, severity }) => [id, severity])).toEqual([
        ['executable', 'error'],
        ['format', 'error'],
      ]);
      expect(problems[1]?.message).toBe(
        'The program engine is a macOS (Mach-O) program, not one for linux-x64.',
      );
    },
  );

  it('finds a window program where a console program is needed', async () => {
    const folder = await bundleOf({
      'engine.exe': ['pyinstallerWindows', `${bootloader}/Windows-64bit-intel/runw.exe`],
    });
    const expectations: BundleExpectations = {
      ...anything,
      target: { platform: 'win32', arch: 'x64' },
      executable: 'engine.exe',
      console: true,
    };
    expect((await checkBundle(folder, expectations)).problems).toEqual([
      expect.objectContaining({
        id: 'subsystem',
        severity: 'error',
        message: expect.stringContaining('is a gui program'),
      }),
    ]);
    expect((await checkBundle(folder, { ...expectations, console: false })).problems).toEqual([]);
  });

  it('accepts a universal macOS program for both architectures and tells the lowest system', async () => {
    const folder = await bundleOf({ engine: ['pyinstallerMac', `${bootloader}/Darwin-64bit/run`] });
    for (const [arch, version] of [
      ['x64', '11.0'],
      ['arm64', '11.0'],
    ] as const) {
      const check = await checkBundle(folder, {
        ...anything,
        target: { platform: 'darwin', arch },
        executable: 'engine',
      });
      expect(check.problems).toEqual([]);
      expect(check.facts.minimumSystem).toEqual({ version, file: 'engine' });
    }
    const thin = await bundleOf({
      engine: ['pyinstallerMac', `${bootloader}/Darwin-64bit/run`],
      '_internal/m/_speedups.cpython-312-darwin.so': [
        'markupsafeMac',
        'markupsafe/_speedups.cpython-312-darwin.so',
      ],
    });
    const { problems } = await checkBundle(thin, {
      ...anything,
      target: { platform: 'darwin', arch: 'x64' },
      executable: 'engine',
    });
    expect(problems.map(({ id }) => id)).toEqual(['arch']);
  });

  it('warns about musl', async () => {
    const folder = await bundleOf({
      engine: ['pyinstallerMusl', `${bootloader}/Linux-64bit-intel-musl/run`],
    });
    const { problems } = await checkBundle(folder, {
      ...anything,
      target: { platform: 'linux', arch: 'x64' },
      executable: 'engine',
      glibc: '2.28',
    });
    expect(problems.map(({ id, severity }) => [id, severity])).toEqual([['libc', 'warning']]);
  });

  it('compares glibc floor and size with what is allowed', async () => {
    const folder = await bundleOf({ engine: armProgram });
    const { problems } = await checkBundle(folder, {
      ...anything,
      target: { platform: 'linux', arch: 'arm64' },
      executable: 'engine',
      glibc: '2.9',
      maxSizeBytes: 1000,
    });
    expect(problems.map(({ id, message }) => [id, message])).toEqual([
      ['glibc', 'One file needs a newer glibc than the allowed 2.9:\n  engine needs 2.17'],
      ['size', 'The bundle has 64 kB, more than the allowed 1.0 kB.'],
    ]);
  });

  it('reports bad links and a missing program instead of failing', needsLinks, async () => {
    const folder = await writeFiles({ data: 'x' });
    await symlink('/etc/hostname', path.join(folder, 'link'));
    const { problems } = await checkBundle(folder, {
      ...anything,
      target: { platform: 'linux', arch: 'x64' },
      executable: 'engine',
    });
    expect(problems.map(({ id, severity }) => [id, severity])).toEqual([
      ['link', 'error'],
      ['executable', 'error'],
    ]);
  });
});

describe('judgeBundle', () => {
  const elf = (change: Partial<ElfInfo>): ElfInfo => ({
    format: 'elf',
    archs: ['x64'],
    machine: 62,
    bits: 64,
    type: 'shared',
    interpreter: null,
    needed: [],
    soname: null,
    glibc: null,
    libc: null,
    strippableBytes: 0,
    misaligned: null,
    survivesStrip: true,
    ...change,
  });
  const program: BundleEntry = { type: 'file', path: 'engine', size: 10, mode: 0o755 };
  const linux: BundleExpectations = {
    ...anything,
    target: { platform: 'linux', arch: 'x64' },
    executable: 'engine',
  };
  const inspected = (file: string, info: InspectedFile['info']): InspectedFile => ({
    path: file,
    size: 1,
    info,
  });

  it('only warns about libraries of other architectures that Python does not load itself', () => {
    const files = [
      inspected('engine', elf({})),
      inspected('_internal/debug/attach_arm64.so', elf({ archs: ['arm64'] })),
    ];
    expect(judgeBundle([program], files, linux).problems.map(({ id, severity }) => [id, severity])).toEqual([
      ['arch', 'warning'],
    ]);
  });

  const misaligned = { offset: 0x1621098, address: 0x166b000, refusedBy: 'any' } as const;
  const openblas = '_internal/numpy.libs/libopenblas.so';
  const module = '_internal/numpy/_umath.cpython-311-x86_64-linux-gnu.so';
  const segments = (
    library: Partial<ElfInfo>,
    expectations: Partial<BundleExpectations> = {},
    others: readonly InspectedFile[] = [],
  ) =>
    judgeBundle([program], [inspected('engine', elf({})), inspected(openblas, elf(library)), ...others], {
      ...linux,
      ...expectations,
    }).problems.map(({ id, severity, message, hint }) => [id, severity, `${message} ${hint}`]);

  it('refuses a library that no loader can map, when the libraries were stripped', () => {
    expect(segments({ misaligned }, { strip: true })).toEqual([
      [
        'segment',
        'error',
        expect.stringMatching(
          /libopenblas\.so: the segment at 0x1621098[^]*Remove `strip: true` from `pyinstaller`/,
        ),
      ],
    ]);
  });

  it('refuses it unstripped when a module is linked against it', () => {
    const user = inspected(module, elf({ needed: ['libopenblas.so'] }));
    expect(segments({ misaligned }, { strip: false }, [user])).toEqual([
      ['segment', 'error', expect.stringMatching(/install the package again/)],
    ]);
  });

  it.each([
    ['a library that nothing is linked against', { misaligned }],
    ['one that only an old loader refuses', { misaligned: { ...misaligned, refusedBy: 'old' } as const }],
  ])('warns of %s', (_title, library) => {
    expect(segments(library).map(([id, severity]) => [id, severity])).toEqual([['segment', 'warning']]);
  });

  it.each([
    ['for another processor', { misaligned, archs: ['arm64'] as const }, ['arch']],
    ['that is no library, such as code for a graphics card', { misaligned, type: 'other' as const }, []],
  ])('does not ask whether a file %s can be mapped', (_title, library, ids) => {
    expect(segments(library).map(([id]) => id)).toEqual(ids);
  });

  it('ignores programs of other systems that lie in the bundle as data', () => {
    const windows: PeInfo = {
      format: 'pe',
      archs: ['ia32'],
      machine: 0x14c,
      subsystem: 'console',
      dll: false,
      signed: false,
    };
    const files = [inspected('engine', elf({})), inspected('_internal/setuptools/cli-32.exe', windows)];
    expect(judgeBundle([program], files, linux).problems).toEqual([]);
  });

  it('sorts what needs glibc, the highest first', () => {
    const files = [
      inspected('engine', elf({ glibc: '2.9' })),
      inspected('b', elf({ glibc: '2.34' })),
      inspected('a', elf({ glibc: '2.34' })),
      inspected('c', elf({ glibc: '2.17' })),
    ];
    expect(judgeBundle([program], files, linux).facts.glibc.map(({ file }) => file)).toEqual([
      'a',
      'b',
      'c',
      'engine',
    ]);
    const { problems } = judgeBundle([program], files, { ...linux, glibc: '2.28' });
    expect(problems[0]?.message).toBe(
      '2 files need a newer glibc than the allowed 2.28:\n  a needs 2.34\n  b needs 2.34',
    );
  });

  it('does not look at permissions on a machine that has none', () => {
    const entries: BundleEntry[] = [{ ...program, mode: 0o666 }];
    const files = [inspected('engine', elf({}))];
    expect(judgeBundle(entries, files, linux, 'win32').problems).toEqual([]);
    expect(judgeBundle(entries, files, linux, 'linux').problems).toHaveLength(1);
  });

  it('says which file is damaged', () => {
    const files = [
      inspected('engine', elf({})),
      inspected('x.so', { format: 'damaged', claims: 'elf', reason: 'it ended', archs: [] }),
    ];
    expect(judgeBundle([program], files, linux).problems[0]).toMatchObject({
      severity: 'warning',
      message: 'One file is damaged or cut short:\n  x.so: it begins like Linux (ELF), but it ended',
    });
  });
});
