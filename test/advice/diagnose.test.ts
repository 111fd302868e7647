import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextOf, diagnose, formatDiagnoses } from '../../src/advice/diagnose.js';
import { adviceTable } from '../../src/advice/table.js';
import { diagnoseExit } from '../../src/runtime/life/exit-diagnosis.js';
import { failureRows, findFailures } from '../../src/runtime/life/failure-rows.js';
import { installSamples, programSamples } from './samples.js';

const place = { configFile: 'pyinstaller.config.ts', configPath: 'backends.engine' };
const inProgram = (output: string) => diagnose('verify', output, place, 3);

describe('the failure table', () => {
  it('has rows with names of their own', () =>
    expect(new Set(adviceTable.map(({ id }) => id)).size).toBe(adviceTable.length));

  it('holds every row of the runtime', () =>
    expect(
      adviceTable
        .filter(({ at }) => at.includes('run'))
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(Object.keys(failureRows).toSorted()));

  it('has a sample for every row of a program', () => {
    const sampled = new Set(programSamples.map(([id]) => id));
    const rows = adviceTable.filter(({ at }) => at.includes('verify')).map(({ id }) => id);
    expect(rows.filter((id) => !sampled.has(id))).toEqual([]);
  });

  const examples = adviceTable.flatMap(({ id, at, example }) =>
    at.map((stage) => [id, stage, example] as const),
  );

  it.each(examples.filter(([, stage]) => stage !== 'run'))(
    '%s is recognised in %s by its own example',
    (id, stage, example) => {
      const [found] = diagnose(stage, `something else\n${example}\nand more`, place);
      expect(found?.id).toBe(id);
      expect(example.replaceAll(/\s+/g, ' ').trim()).toContain(found?.evidence.replaceAll(/\s+/g, ' '));
      for (const text of [found?.cause, found?.edit]) {
        expect(text).toMatch(/^[A-Z`'/\w].*[.!]$/s);
        expect(text).not.toMatch(/undefined|null,|\s{2}/);
      }
    },
  );

  it.each(examples.filter(([, stage]) => stage === 'run'))(
    '%s is recognised in the app by its own example',
    (id, _stage, example) => {
      const context = { ...contextOf(place), mode: 'onefile' } as const;
      const [first] = findFailures(Object.values(failureRows), example, context);
      expect(first?.row).toBe(failureRows[id as keyof typeof failureRows]);
      const found = diagnoseExit({
        name: 'engine',
        exitCode: 1,
        signal: null,
        tail: [example],
        program: 'frozen',
        mode: 'onefile',
        greeted: false,
      });
      expect(found?.reason).toBe(first?.cause);
      expect(found?.hint).not.toMatch(/undefined|\s{2}/);
    },
  );
});

describe('diagnose', () => {
  it.each(programSamples)('knows %s', (id, output, edit) => {
    const [first] = inProgram(`INFO: starting\n${output}\n`);
    expect(first?.id).toBe(id);
    expect(first?.edit).toContain(edit);
    expect(first?.cause).toMatch(/^.{20,}\.$/);
    expect(first?.cause + (first?.edit ?? '')).not.toMatch(/undefined|\s{2}/);
    expect(output.replaceAll(/\s+/g, ' ')).toContain(first?.evidence.replaceAll(/\s+/g, ' '));
  });

  it.each(installSamples)('knows of an installer: %s', (output, cause) => {
    const [first] = diagnose('install', output, { configPath: 'backends.engine' });
    expect(first?.cause).toMatch(cause);
    expect(first?.edit).toMatch(/^[A-Z].*[.)]$/);
  });

  it('finds the line under colours and among thousands of others', () => {
    const noise = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join('\n');
    const [first] = inProgram(
      `${noise}\n\u001b[31mModuleNotFoundError\u001b[0m: No module named 'x'\n${noise}`,
    );
    expect(first).toMatchObject({
      id: 'missing-module',
      evidence: "ModuleNotFoundError: No module named 'x'",
    });
  });

  it('names each missing module once, three at most', () => {
    const output = ['a', 'b', 'a', 'c', 'd']
      .map((name) => `ModuleNotFoundError: No module named '${name}'`)
      .join('\n');
    expect(inProgram(output).map(({ evidence }) => evidence.at(-2))).toEqual(['a', 'b', 'c']);
  });

  const numpyFailed = (reason: string) =>
    `ImportError: \n\nImporting the numpy C-extensions failed. This error can happen for\nmany reasons, often due to issues with your setup or how NumPy was\ninstalled.\n\nOriginal error was: ${reason}\n\nThe above exception was the direct cause of the following exception:\nImportError: Error importing numpy: you should not try to import numpy from its source directory`;

  it.each([
    [
      'libscipy_openblas64_-32a4b2a6.so: ELF load command address/offset not page-aligned',
      ['stripped-library'],
    ],
    ['libgfortran-0352e75f.so.5.0.0: ELF load command alignment not page-aligned', ['stripped-library']],
    ['libquadmath.so.0: cannot open shared object file: No such file or directory', []],
    ["No module named 'numpy._core._multiarray_umath'", ['obsolete-hook', 'missing-module']],
  ])('takes the reason that NumPy gives, not the text around it: %s', (reason, ids) => {
    const found = inProgram(numpyFailed(reason)).map(({ id }) => id);
    expect(found.filter((id) => id !== 'missing-library')).toEqual(ids);
  });

  it('says nothing about what it does not know', () => {
    expect(inProgram('ValueError: wrong\n')).toEqual([]);
    expect(inProgram("FileNotFoundError: [Errno 2] No such file or directory: '/home/me/data.csv'")).toEqual(
      [],
    );
    expect(diagnose('build', 'Something entirely new happened', place)).toEqual([]);
    expect(diagnose('install', 'Collecting six\nsomething else broke', place)).toEqual([]);
  });

  it('names the file and the place in it', () => {
    const output = "ImportError: cannot import name 'X' from 'Y'";
    const [first] = diagnose('build', output, { ...place, configFile: 'config/pyinstaller.config.ts' });
    expect(first?.edit).toContain(
      "Add `hiddenImports: ['Y.X']` to backends.engine in config/pyinstaller.config.ts.",
    );
  });

  it.each([
    ['yaml', ['pyyaml'], "Add `hiddenImports: ['yaml']` to backends.engine in pyinstaller.config.ts."],
    ['yaml', ['six'], 'Add the package PyYAML, which yaml is from, to the requirements.'],
    ['cv2.data', [], 'Add the package opencv-python, which cv2 is from, to the requirements.'],
    ['dotenv', [], 'Add the package python-dotenv, which dotenv is from, to the requirements.'],
    ['services.absent', [], "hiddenImports: ['services.absent']"],
  ])('tells a missing %s from what is installed: %j', (module, installed, edit) => {
    const output = `ModuleNotFoundError: No module named '${module}'`;
    const [first] = diagnose('verify', output, { ...place, installed: new Set(installed) });
    expect(first?.edit).toContain(edit);
  });

  it('advises no metadata of a distribution that is not installed', () => {
    const output = 'importlib.metadata.PackageNotFoundError: No package metadata was found for My_Engine';
    const edit = (installed: readonly string[]) =>
      diagnose('verify', output, { ...place, installed: new Set(installed) })[0]?.edit;
    expect(edit(['my-engine'])).toContain("collect: { metadata: ['My_Engine'] }");
    expect(edit(['six'])).toMatch(
      /^The distribution My_Engine is not installed .* Your own project: have it installed too/,
    );
  });

  it('leaves names as they are written, also at the beginning of a sentence', () => {
    const output = 'ERROR: No matching distribution found for windows-curses==2.3';
    expect(diagnose('install', output, place)[0]?.cause).toMatch(/^windows-curses==2\.3 has no release/);
  });

  it('knows a module that can have no modules inside', () => {
    const [first] = inProgram(
      "ImportError: cannot import name 'url_quote' from 'werkzeug.urls' (/b/_internal/werkzeug/urls.pyc)",
    );
    expect(first?.edit).toMatch(
      /^For a package, pin the package werkzeug .* to a version that has url_quote\./,
    );
    expect(first?.edit).not.toContain('hiddenImports');
  });

  it('takes the general message of logging for no sign of missing streams', () => {
    expect(inProgram("ValueError: Unable to configure formatter 'j'")).toEqual([]);
  });

  it('is quick on any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...programSamples.map(([, output]) => output))), {
          maxLength: 50,
        }),
        (parts) => {
          const started = performance.now();
          const found = inProgram(parts.join(' ').repeat(20));
          expect(found.length).toBeLessThanOrEqual(3);
          expect(performance.now() - started).toBeLessThan(1000);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('formats cause, evidence and fix on lines of their own', () => {
    expect(formatDiagnoses(inProgram("ModuleNotFoundError: No module named 'x'")).split('\n')).toEqual([
      'The Python module x is missing.',
      "  seen: ModuleNotFoundError: No module named 'x'",
      "  fix:  Add `hiddenImports: ['x']` to backends.engine in pyinstaller.config.ts. If it is not installed, add the package x (or the one it is from) to the requirements.",
    ]);
  });
});

describe('what the sources have', () => {
  const origins = {
    excludes: [],
    installed: () => null,
    module: () => null,
    folderWith: () => null,
    source: (file: string) =>
      ['static', 'data.txt'].includes(file)
        ? ({ kind: file === 'static' ? 'folder' : 'data', from: `backend/${file}` } as const)
        : null,
  };
  const edits = (output: string) =>
    diagnose('verify', output, { ...place, origins }, 3).map(({ edit }) => edit);

  it.each([
    ["RuntimeError: Directory 'static' does not exist", "data: [{ from: 'backend/static', to: 'static' }]"],
    [
      "FileNotFoundError: [Errno 2] No such file or directory: 'data.txt'",
      "data: [{ from: 'backend/data.txt', to: '.' }]",
    ],
    [
      "jinja2.exceptions.TemplateNotFound: 'a' not found in search path: './static'",
      "data: [{ from: 'backend/static', to: 'static' }]",
    ],
    [
      "jinja2.exceptions.TemplateNotFound: 'a' not found in search path: '/x/_internal/static'",
      "data: [{ from: 'backend/static', to: 'static' }]",
    ],
  ])('is named in full: %s', (output, edit) => expect(edits(output)[0]).toContain(edit));

  it('finds a .env that is in the bundle already', () => {
    const bundle = { folders: [], contents: '_internal', has: (file: string) => file === '.env' };
    const [found] = diagnose('verify', 'environs.EnvError: Environment variable "KEY" not set', {
      ...place,
      bundle,
    });
    expect(found?.edit).toMatch(/load_dotenv\(resource_path\('\.env'\)\)[^]*run: \{ env: \{ KEY/);
  });

  it('tells a relative path from a program that is not there', () => {
    expect(edits("FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'")).toEqual([]);
    expect(edits("FileNotFoundError: [Errno 2] No such file or directory: 'out/x.json'")[0]).toContain(
      'user_data()',
    );
  });
});
