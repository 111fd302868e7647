import { copyFile, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { advise, formatReport, inventory, type Advice, type Inventory } from '../../../src/bundle/index.js';
import { writeFiles } from '../../support/files.js';
import { sampleProgram } from '../sample-program.js';
import { sampleStock } from '../sample-stock.js';
import { wheelFile, wheelFolder } from '../wheels.js';

beforeAll(async () => {
  await wheelFolder('orjsonLinux');
}, 600_000);

/** An environment with a few distributions. */
function site(): Promise<string> {
  const dist = (name: string, requires: string[], files: string[]): Record<string, string> => ({
    [`${name}-1.0.dist-info/METADATA`]: `Name: ${name}\nVersion: 1.0\n${requires.map((one) => `Requires-Dist: ${one}\n`).join('')}`,
    [`${name}-1.0.dist-info/RECORD`]: files.map((file) => `${file},,\n`).join(''),
  });
  return writeFiles({
    ...dist(
      'fastapi',
      ['orjson'],
      [
        'fastapi/__init__.py',
        'fastapi/routing.py',
        'fastapi/docs/guide.md',
        'fastapi/tests/__init__.py',
        'fastapi/tests/test_a.py',
        'fastapi/tests/data/big.bin',
      ],
    ),
    'fastapi-1.0.dist-info/REQUESTED': '',
    ...dist(
      'orjson',
      [],
      ['orjson/__init__.py', 'orjson/orjson.cpython-312-x86_64-linux-gnu.so', 'orjson.libs/libz-1.so'],
    ),
    ...dist('setuptools', [], ['setuptools/__init__.py', '_distutils_hack/__init__.py']),
    ...dist('stray', [], ['stray/__init__.py', 'stray/data.bin']),
  });
}

const module = 'orjson/orjson.cpython-312-x86_64-linux-gnu.so';

async function bundle(): Promise<string> {
  const folder = await writeFiles({
    engine: sampleProgram(Buffer.alloc(60_000), {
      options: ['pyi-contents-directory _internal'],
      modules: {
        'fastapi.': 1000,
        'fastapi.routing': 4000,
        'fastapi.tests.': 10,
        'fastapi.tests.test_a': 90_000,
        'orjson.': 200,
        'setuptools.': 150_000,
        'stray.': 20,
        'json.decoder': 700,
        'services.training': 800,
        main: 900,
      },
      entries: { server: ['s', Buffer.from('code')], pyi_rth_inspect: ['s', Buffer.from('hook')] },
    }),
    '_internal/base_library.zip': Buffer.alloc(5000),
    '_internal/fastapi/docs/guide.md': Buffer.alloc(70_000, 'x'),
    '_internal/fastapi/tests/data/big.bin': Buffer.alloc(120_000, 1),
    '_internal/stray/data.bin': Buffer.alloc(200_000, 2),
    '_internal/fastapi-1.0.dist-info/METADATA': 'Name: fastapi\n',
    '_internal/config/app.json': Buffer.alloc(200_000, 2),
  });
  const library = await wheelFile('orjsonLinux', module);
  for (const name of [
    module,
    'orjson.libs/libz-1.so',
    'libcrypto.so.3',
    'python3.12/lib-dynload/_ssl.cpython-312-x86_64-linux-gnu.so',
  ]) {
    await mkdir(path.dirname(path.join(folder, '_internal', name)), { recursive: true });
    await copyFile(library, path.join(folder, '_internal', name));
  }
  await symlink('orjson.libs/libz-1.so', path.join(folder, '_internal/libz-1.so'));
  return folder;
}

const paths = (stock: Inventory, owner: string): string[] =>
  stock.parts
    .filter((part) => stock.owners[part.owner]?.name === owner)
    .map((part) => part.path)
    .sort();

describe('inventory', () => {
  it('gives every byte to exactly one owner', async () => {
    const stock = await inventory(await bundle(), { executable: 'engine', sitePackages: [await site()] });
    const sum = stock.parts.reduce((total, part) => total + part.bytes, 0);
    expect(sum).toBe(stock.totalBytes);
    expect(stock.owners.reduce((total, owner) => total + owner.bytes, 0)).toBe(stock.totalBytes);
    expect(stock.owners.map((owner) => owner.bytes)).toEqual(
      stock.owners.map((owner) => owner.bytes).toSorted((a, b) => b - a),
    );
  });

  it('knows whose things are, on disk and inside the program', async () => {
    const stock = await inventory(await bundle(), { executable: 'engine', sitePackages: [await site()] });
    expect(paths(stock, 'Python')).toEqual([
      'base_library.zip',
      'json/decoder.py',
      'python3.12/lib-dynload/_ssl.cpython-312-x86_64-linux-gnu.so',
    ]);
    expect(paths(stock, 'System libraries')).toEqual(['libcrypto.so.3']);
    expect(paths(stock, 'Your code and data')).toEqual([
      'config/app.json',
      'main.py',
      'server.py',
      'services/training.py',
    ]);
    expect(paths(stock, 'orjson')).toEqual(['orjson.libs/libz-1.so', 'orjson/__init__.py', module].sort());
    expect(paths(stock, 'Program (bootloader)')).toEqual(['engine', 'pyi_rth_inspect.py']);
    expect(stock.owners.find((owner) => owner.name === 'fastapi')).toMatchObject({
      type: 'distribution',
      version: '1.0',
      files: 3,
      modules: 4,
    });
    expect(stock.parts.find((part) => part.path === module)?.kind).toBe('extension');
  });

  it('groups by folder when nothing is known about what was installed', async () => {
    const stock = await inventory(await bundle(), { executable: 'engine' });
    expect(stock.owners.map((owner) => owner.name)).toEqual(
      expect.arrayContaining(['setuptools', 'stray', 'orjson', 'Python', 'System libraries']),
    );
    expect(stock.parts.reduce((total, part) => total + part.bytes, 0)).toBe(stock.totalBytes);
  });

  it('looks into a onefile program', async () => {
    const library = Buffer.alloc(50_000, 3);
    const folder = await writeFiles({
      engine: sampleProgram(Buffer.alloc(60_000), {
        modules: { 'fastapi.': 1000 },
        entries: {
          'base_library.zip': ['x', Buffer.alloc(100)],
          'stray/data.bin': ['x', Buffer.alloc(5000)],
          'libssl.so.3': ['b', library],
          'python3.12/lib-dynload/_ssl.so': ['b', library],
        },
      }),
    });
    const stock = await inventory(folder, { executable: 'engine', sitePackages: [await site()] });
    expect(paths(stock, 'stray')).toEqual(['stray/data.bin']);
    expect(paths(stock, 'System libraries')).toEqual(['libssl.so.3']);
    expect(paths(stock, 'Python')).toEqual(['base_library.zip', 'python3.12/lib-dynload/_ssl.so']);
    expect(stock.parts.reduce((total, part) => total + part.bytes, 0)).toBe(stock.totalBytes);
  });
});

describe('advise', () => {
  it('finds what could go, with the line that removes it and the bytes it saves', async () => {
    const folder = await bundle();
    const advice = await advise(
      folder,
      await inventory(folder, { executable: 'engine', sitePackages: [await site()] }),
    );
    const brief = advice.map(({ id, title, edit, bytes }) => [id, title, edit, bytes]);
    expect(brief).toContainEqual([
      'unrequested',
      'stray, which nothing asked for',
      "excludes: ['stray']",
      200_020,
    ]);
    expect(brief).toContainEqual([
      'build-tools',
      'setuptools, a tool for building',
      "excludes: ['_distutils_hack', 'setuptools']",
      150_000,
    ]);
    expect(brief).toContainEqual(['tests', 'Tests of fastapi', "excludes: ['fastapi.tests']", 90_010]);
    expect(brief).toContainEqual(['tests', 'Data for tests of fastapi', null, 120_000]);
    expect(brief).toContainEqual([
      'documentation',
      'Sources, headers and documentation of fastapi',
      null,
      70_000,
    ]);
    expect(advice.map((one) => one.bytes)).toEqual(advice.map((one) => one.bytes).toSorted((a, b) => b - a));
    const duplicates = advice.find((one) => one.id === 'duplicates');
    expect(duplicates?.examples.join()).toMatch(/config\/app\.json|stray\/data\.bin/);
    const library =
      (await inventory(folder, { executable: 'engine' })).parts.find((part) => part.path === module)?.bytes ??
      0;
    expect(duplicates?.bytes).toBe(200_000 + 3 * library);
  });

  it('says nothing about trifles', async () => {
    const folder = await writeFiles({
      engine: Buffer.alloc(1000),
      '_internal/a/tests/x.bin': Buffer.alloc(100),
    });
    expect(await advise(folder, await inventory(folder, { executable: 'engine' }))).toEqual([]);
  });
});

describe('formatReport', () => {
  it('is a table with the largest first, what could go below', () => {
    const advice: Advice[] = [
      {
        id: 'tests',
        title: 'Tests of numpy',
        detail: 'd',
        edit: "excludes: ['numpy.tests']",
        bytes: 100_000,
        examples: [],
      },
    ];
    expect(formatReport({ backend: 'engine', details: 'linux-x64' }, sampleStock, advice, { rows: 2 }))
      .toBe(`engine  10 MB in 6 files  (linux-x64)

  size  share  what         contents
6.0 MB   60 %  numpy 2.2.4  2 files, 2 modules
3.0 MB   30 %  Python 3.12  2 files
1.0 MB   10 %  1 more

What could go
     100 kB  Tests of numpy
             excludes: ['numpy.tests']
`);
  });
});
