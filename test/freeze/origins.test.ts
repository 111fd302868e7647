import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { diagnose, type AdvicePlace } from '../../src/advice/diagnose.js';
import { originsOf } from '../../src/freeze/origins.js';
import { resolvedBackend } from '../support/backend.js';
import { writeFiles } from '../support/files.js';

/** A project, and an environment with the packages `shop` and `ns.part`. */
const files = {
  'project/backend/main.py': '',
  'project/backend/queue.py': 'class Job: pass\n',
  'project/backend/own/__init__.py': '',
  'project/backend/own/words.txt': '',
  'project/backend/own/tool.py': '',
  'project/backend/static/a.css': '',
  'project/backend/vendor/acme/__init__.py': '',
  'site/shop/__init__.py': '',
  'site/shop/version.txt': '',
  'site/shop/templates/a.html': '',
  'site/shop/kernels/__init__.py': '',
  'site/shop/kernels/fast.py': '',
  'site/shop/_core.abi3.so': '',
  'site/shop/libshop.so.1': '',
  'site/ns/part/__init__.py': '',
  'site/ns/part/data.json': '',
  'lib/python3.11/curses/__init__.py': '',
};

const inside = '/x/resources/engine/_internal';
const missing = (file: string): string => `FileNotFoundError: [Errno 2] No such file or directory: '${file}'`;

describe('advice that knows what there is', () => {
  let place: AdvicePlace;
  let projectDir: string;
  beforeEach(async () => {
    const root = await writeFiles(files);
    projectDir = path.join(root, 'project');
    const backend = resolvedBackend(projectDir, {
      source: 'backend',
      entry: 'backend/main.py',
      excludes: ['shop.kernels'],
    });
    place = {
      configFile: 'pyinstaller.config.ts',
      configPath: 'backends.engine',
      installed: new Set(['shop']),
      origins: originsOf(backend, {
        sitePackages: [path.join(root, 'site')],
        basePrefix: root,
        version: [3, 11, 7],
      }),
      bundle: {
        folders: ['/x/resources/engine'],
        contents: '_internal',
        has: (relative) => relative === 'settings.json',
      },
    };
  });
  const edit = (text: string, other: Partial<AdvicePlace> = {}): string | undefined => {
    const found = diagnose('verify', text, { ...place, ...other })[0]?.edit;
    // Whatever is advised, the configuration takes it in this very project.
    for (const [, line = ''] of found?.matchAll(/Add `([^`]+)` to backends\.engine/g) ?? []) {
      const config = parse(`{ ${line.replaceAll('<folder>/other/x.txt', 'backend/main.py')} }`) as object;
      expect(
        resolvedBackend(projectDir, { source: 'backend', entry: 'backend/main.py', ...config }).name,
      ).toBe('engine');
    }
    return found;
  };
  const add = (line: string): string => `Add \`${line}\` to backends.engine in pyinstaller.config.ts.`;

  it.each([
    ['a file of an installed package', `${inside}/shop/version.txt`, "collect: { data: ['shop'] }"],
    ['a folder of one', `${inside}/shop/templates`, "collect: { data: ['shop'] }"],
    ['a file of a package in a namespace', `${inside}/ns/part/data.json`, "collect: { data: ['ns.part'] }"],
    ['a library of one', `${inside}/shop/libshop.so.1`, "collect: { binaries: ['shop'] }"],
    [
      'a module of one that is read as text',
      `${inside}/shop/kernels/fast.py`,
      "pyinstaller: { moduleCollectionMode: { 'shop': 'pyz+py' } }, hiddenImports: ['shop.kernels.fast']",
    ],
    [
      'a file of the sources',
      `${inside}/own/words.txt`,
      "data: [{ from: 'backend/own/words.txt', to: 'own' }]",
    ],
    ['a script of the sources', `${inside}/queue.py`, "data: [{ from: 'backend/queue.py', to: '.' }]"],
    ['a folder of the sources', `${inside}/static`, "data: [{ from: 'backend/static', to: 'static' }]"],
  ])('%s', (_title, file, line) => {
    expect(edit(missing(file))).toBe(add(line));
  });

  it('a file that nobody has', () => {
    expect(edit(missing(`${inside}/other/x.txt`))).toMatch(
      /data: \[\{ from: '<folder>\/other\/x\.txt', to: 'other' \}\].*user_data\(\)/,
    );
  });

  it('a file in the words of a library, unless the bundle has it', () => {
    const said = (file: string): string => `RuntimeError: Directory '${inside}/${file}' does not exist`;
    expect(edit(said('static'))).toBe(add("data: [{ from: 'backend/static', to: 'static' }]"));
    expect(edit(said('nothing'))).toBeUndefined();
    const bundle = { folders: ['/x/resources/engine'], contents: '_internal', has: () => true };
    expect(edit(said('static'), { bundle })).toBeUndefined();
  });

  it('a file beside the executable', () => {
    expect(edit(missing('/x/resources/engine/settings.json'))).toMatch(
      /^Add `pyinstaller: \{ contentsDirectory: '\.' \}` .*resource_path\('settings\.json'\)/,
    );
    expect(edit(missing('/x/resources/engine/own/words.txt'))).toMatch(
      /^Add `data: \[\{ from: 'backend\/own\/words\.txt', to: 'own' \}\], pyinstaller: \{ contentsDirectory: '\.' \}`/,
    );
    expect(edit(missing('/x/resources/engine/shop/kernels/fast.py'))).toMatch(
      /^Add `pyinstaller: \{ contentsDirectory: '\.', moduleCollectionMode: /,
    );
    expect(edit(missing('/x/resources/engine/of-its-own.db'))).toBeUndefined();
  });

  it('a file of a program that has no folder for its files, or one of another name', () => {
    const line = "data: [{ from: 'backend/own/words.txt', to: 'own' }]";
    for (const [contents, file] of [
      ['.', '/x/resources/engine/own/words.txt'],
      ['lib', '/x/resources/engine/lib/own/words.txt'],
    ] as const) {
      const bundle = { folders: ['/x/resources/engine'], contents, has: () => false };
      expect(edit(missing(file), { bundle })).toBe(add(line));
    }
  });

  it('a file beside a onefile program', () => {
    const bundle = { folders: ['/x/resources/engine'], contents: null, has: () => false };
    expect(edit(missing('/x/resources/engine/own/words.txt'), { bundle })).toBe(
      `${add("data: [{ from: 'backend/own/words.txt', to: 'own' }]")} In the code: \`electron_pyinstaller.resource_path('own/words.txt')\` finds it wherever it lies.`,
    );
  });

  it.each([
    ['of the sources', 'own.tool', add("hiddenImports: ['own.tool']")],
    ['of a package', 'ns.part', add("hiddenImports: ['ns.part']")],
    ['that is compiled', 'shop._core', add("hiddenImports: ['shop._core']")],
    ['of the standard library', 'curses', add("hiddenImports: ['curses']")],
    [
      'in a folder of the sources that is put on the path',
      'acme',
      add("pyinstaller: { paths: ['backend/vendor'] }, hiddenImports: ['acme']"),
    ],
    [
      'that is left out on purpose',
      'shop.kernels.fast',
      /take 'shop\.kernels' out of `backends\.engine\.excludes`/,
    ],
    ['that the sources do not have', 'own.absent', /Correct the name where it is imported/],
    [
      'that the installed version does not have',
      'shop.absent',
      /^The installed shop has no shop\.absent: pin/,
    ],
    ['that nobody has', 'yaml', 'Add the package PyYAML, which yaml is from, to the requirements.'],
    ['that newer Pythons do not have', 'distutils', /^Add the package setuptools, which/],
  ])('a module %s', (_title, module, expected) => {
    const text = edit(`ModuleNotFoundError: No module named '${module}'`);
    if (typeof expected === 'string') expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  });

  it.each([
    ['a module', 'kernels', 'shop', add("hiddenImports: ['shop.kernels']")],
    ['no module, of a package', 'Shop', 'shop', /^For a package, pin .*has Shop/],
    ['no module, of the sources', 'Absent', 'own', /^Correct the import: own has no Absent/],
  ])('a name that is %s', (_title, name, module, expected) => {
    const text = edit(
      `ImportError: cannot import name '${name}' from '${module}' (${inside}/${module}/__init__.pyc)`,
    );
    if (typeof expected === 'string') expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  });

  it.each(["cannot import name 'Empty' from 'queue' (x)", "module 'queue' has no attribute 'Queue'"])(
    'a module of its own with a name of the standard library: %s',
    (text) => expect(edit(`ImportError: ${text}`)).toBe('Rename backend/queue.py, and what imports it.'),
  );

  it('a name that the standard library of this Python does not have', () => {
    expect(edit("ImportError: cannot import name 'Mapping' from 'collections' (x)")).toMatch(
      /^Use a newer release of the package .*`python\.version`/,
    );
  });

  it('no console is advised for what has one', () => {
    const text = "AttributeError: 'NoneType' object has no attribute 'write'";
    expect(edit(text, { console: true })).toBeUndefined();
    expect(edit(text, { console: false })).toContain('console: true');
  });
});
