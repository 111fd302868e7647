import { execa } from 'execa';
import * as fc from 'fast-check';
import { readFile, stat } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { inspectBinary, inspectBytes } from '../../../src/bundle/index.js';
import { compareVersionTexts } from '../../../src/config/version-range.js';
import { wheelFile, wheelFolder, type WheelName } from '../wheels.js';
import { notOnWindows } from '../../support/windows.js';

const noBinutils = 'binutils for Windows are not here';

const used: readonly WheelName[] = [
  'pyinstallerWindows',
  'pyinstallerMac',
  'pyinstallerLinuxArm',
  'pyinstallerMusl',
  'orjsonWindows',
  'orjsonMac',
  'orjsonLinux',
  'markupsafeMac',
  'pillowMac',
  'microsoft',
];

beforeAll(async () => {
  for (const name of used) await wheelFolder(name);
}, 600_000);

const bootloader = 'PyInstaller/bootloader';

describe('Windows files', () => {
  it('tells console programs from window programs', async () => {
    const console_ = await inspectBinary(
      await wheelFile('pyinstallerWindows', `${bootloader}/Windows-64bit-intel/run.exe`),
    );
    const window = await inspectBinary(
      await wheelFile('pyinstallerWindows', `${bootloader}/Windows-64bit-intel/runw.exe`),
    );
    expect(console_).toMatchObject({
      format: 'pe',
      archs: ['x64'],
      subsystem: 'console',
      dll: false,
      signed: false,
    });
    expect(window).toMatchObject({ format: 'pe', archs: ['x64'], subsystem: 'gui', dll: false });
  });

  it('reads extension modules as libraries', async () => {
    expect(
      await inspectBinary(await wheelFile('orjsonWindows', 'orjson/orjson.cp312-win_amd64.pyd')),
    ).toMatchObject({
      format: 'pe',
      archs: ['x64'],
      dll: true,
      signed: false,
    });
  });

  it('sees the signature of a signed library', async () => {
    const file = 'msvc_runtime-14.51.36231.data/data/msvcp140_1.dll';
    expect(await inspectBinary(await wheelFile('microsoft', file))).toMatchObject({
      format: 'pe',
      dll: true,
      signed: true,
    });
  });
});

describe('macOS files', () => {
  it('reads both halves of a universal program', async () => {
    const info = await inspectBinary(await wheelFile('pyinstallerMac', `${bootloader}/Darwin-64bit/run`));
    expect(info).toMatchObject({
      format: 'mach-o',
      fat: true,
      archs: ['x64', 'arm64'],
      slices: [
        { type: 'executable', minimumSystem: '10.13' },
        { type: 'executable', minimumSystem: '11.0', signature: 'adhoc' },
      ],
    });
  });

  it('reads a library for one architecture', async () => {
    const info = await inspectBinary(
      await wheelFile('markupsafeMac', 'markupsafe/_speedups.cpython-312-darwin.so'),
    );
    expect(info).toMatchObject({
      format: 'mach-o',
      fat: false,
      archs: ['arm64'],
      slices: [{ type: 'bundle', minimumSystem: '11.0', signature: 'adhoc' }],
    });
  });

  it('reads dynamic libraries', async () => {
    const info = await inspectBinary(await wheelFile('pillowMac', 'PIL/.dylibs/libxcb.1.1.0.dylib'));
    expect(info).toMatchObject({ format: 'mach-o', archs: ['arm64'], slices: [{ type: 'library' }] });
  });
});

describe('Linux files', () => {
  it('reads architecture, loader and glibc floor of a program', async () => {
    const info = await inspectBinary(
      await wheelFile('pyinstallerLinuxArm', `${bootloader}/Linux-64bit-arm/run`),
    );
    expect(info).toMatchObject({
      format: 'elf',
      archs: ['arm64'],
      type: 'executable',
      interpreter: '/lib/ld-linux-aarch64.so.1',
      libc: 'glibc',
      glibc: '2.17',
    });
  });

  it('tells musl from glibc', async () => {
    const info = await inspectBinary(
      await wheelFile('pyinstallerMusl', `${bootloader}/Linux-64bit-intel-musl/run`),
    );
    expect(info).toMatchObject({ format: 'elf', archs: ['x64'], libc: 'musl', glibc: null });
  });

  it(
    'agrees with readelf about needed libraries and versions',
    notOnWindows(noBinutils),
    async ({ skip }) => {
      const file = await wheelFile('orjsonLinux', 'orjson/orjson.cpython-312-x86_64-linux-gnu.so');
      const readelf = await execa('readelf', ['--dynamic', '--version-info', '--wide', file], {
        reject: false,
      });
      if (readelf.failed) skip('readelf (binutils) is not installed');
      const needed = [...readelf.stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1]);
      const versions = [...readelf.stdout.matchAll(/Name: GLIBC_([\d.]+)\s+Flags: none/g)].map(
        (match) => match[1] ?? '',
      );
      const info = await inspectBinary(file);
      expect(needed.length).toBeGreaterThan(0);
      expect(info).toMatchObject({ format: 'elf', needed, glibc: versions.sort(compareVersionTexts).at(-1) });
    },
  );

  it('counts what strip removes', notOnWindows(noBinutils), async ({ skip }) => {
    const node = process.execPath;
    const stripped = await execa('readelf', ['--sections', '--wide', node], { reject: false });
    if (stripped.failed || process.platform !== 'linux') skip('needs Linux and readelf (binutils)');
    const sections = [...stripped.stdout.matchAll(/\] (\.\S+)\s+\S+\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+)/g)];
    const expected = sections
      .filter((match) => /^\.(?:debug_|symtab|strtab)/.test(match[1] ?? ''))
      .reduce((sum, match) => sum + Number.parseInt(match[2] ?? '0', 16), 0);
    expect(await inspectBinary(node)).toMatchObject({ format: 'elf', strippableBytes: expected });
  });
});

describe('anything else', () => {
  it('is null for files that are no programs', async () => {
    expect(await inspectBinary(import.meta.filename)).toBeNull();
    expect(await inspectBytes(Buffer.from('MZ is how this text begins'))).toBeNull();
    expect(await inspectBytes(Buffer.alloc(0))).toBeNull();
  });

  it('takes a Java class, which begins like a universal program, for what it is', async () => {
    const javaClass = Buffer.alloc(64);
    javaClass.writeUInt32BE(0xcafebabe, 0);
    javaClass.writeUInt32BE(65, 4);
    expect(await inspectBytes(javaClass)).toBeNull();
  });

  const samples = async (): Promise<Buffer[]> => {
    const files = await Promise.all([
      wheelFile('pyinstallerWindows', `${bootloader}/Windows-64bit-intel/run.exe`),
      wheelFile('microsoft', 'msvc_runtime-14.51.36231.data/data/msvcp140_1.dll'),
      wheelFile('pyinstallerMac', `${bootloader}/Darwin-64bit/run`),
      wheelFile('markupsafeMac', 'markupsafe/_speedups.cpython-312-darwin.so'),
      wheelFile('pyinstallerLinuxArm', `${bootloader}/Linux-64bit-arm/run`),
      wheelFile('orjsonLinux', 'orjson/orjson.cpython-312-x86_64-linux-gnu.so'),
    ]);
    return Promise.all(files.map((file) => readFile(file)));
  };

  it('never fails and never hangs on truncated files', async () => {
    for (const sample of await samples()) {
      await fc.assert(
        fc.asyncProperty(fc.nat(sample.length), async (length) => {
          const info = await inspectBytes(sample.subarray(0, length));
          expect(info === null || typeof info.format === 'string').toBe(true);
        }),
        { numRuns: 150 },
      );
    }
  });

  it('never fails and never hangs when bytes of the headers are wrong', async () => {
    const changes = fc.array(fc.record({ at: fc.nat(2048), value: fc.nat(255) }), {
      minLength: 1,
      maxLength: 8,
    });
    for (const sample of await samples()) {
      await fc.assert(
        fc.asyncProperty(changes, async (list) => {
          const copy = Buffer.from(sample.subarray(0, 200_000));
          for (const { at, value } of list) copy[at % copy.length] = value;
          const info = await inspectBytes(copy);
          expect(info === null || typeof info.format === 'string').toBe(true);
        }),
        { numRuns: 200 },
      );
    }
  });

  it('never fails on garbage behind a valid beginning', async () => {
    const magics = [
      '7f454c4602010100',
      '7f454c4601020100',
      'cffaedfe0c000001',
      'cafebabe00000002',
      'cafebabf00000001',
      '4d5a9000',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 600 }), async (magic, rest) => {
        const info = await inspectBytes(Buffer.concat([Buffer.from(magic, 'hex'), rest]));
        expect(info === null || typeof info.format === 'string').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('says what is wrong with a truncated program', async () => {
    const file = await wheelFile('pyinstallerLinuxArm', `${bootloader}/Linux-64bit-arm/run`);
    expect((await stat(file)).size).toBeGreaterThan(1000);
    const info = await inspectBytes((await readFile(file)).subarray(0, 1000));
    expect(info).toMatchObject({ format: 'damaged', claims: 'elf' });
    expect(info?.format === 'damaged' && info.reason).toMatch(/the file has 1000/);
  });
});

describe('compareVersionTexts', () => {
  it('compares numbers, not text', () => {
    expect(compareVersionTexts('2.9', '2.17')).toBeLessThan(0);
    expect(compareVersionTexts('2.2.5', '2.2')).toBeGreaterThan(0);
    expect(compareVersionTexts('2.34', '2.34')).toBe(0);
  });
});
