import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnoseOutput, diagnosisTable, formatDiagnoses } from '../../src/verify/diagnosis.js';

const context = { configFile: 'pyinstaller.config.ts', configPath: 'backends.engine' };

/** Per row: what programs really print, and what the edit must hold. */
const samples: readonly (readonly [id: string, output: string, edit: string])[] = [
  [
    'missing-module',
    'Traceback (most recent call last):\n  File "main.py", line 3\nModuleNotFoundError: No module named \'services.training\'',
    "Add `hiddenImports: ['services.training']` to backends.engine in pyinstaller.config.ts.",
  ],
  [
    'missing-name',
    "ImportError: cannot import name 'lora' from 'connectors' (/b/_internal/connectors/__init__.pyc)",
    "hiddenImports: ['connectors.lora']",
  ],
  [
    'missing-metadata',
    'importlib.metadata.PackageNotFoundError: No package metadata was found for pydantic-settings',
    "collect: { metadata: ['pydantic-settings'] }",
  ],
  [
    'missing-metadata',
    "pkg_resources.DistributionNotFound: The 'tqdm>=4' distribution was not found and is required",
    "collect: { metadata: ['tqdm'] }",
  ],
  [
    'missing-data-file',
    "FileNotFoundError: [Errno 2] No such file or directory: '/opt/My App/resources/engine/_internal/config/models.json'",
    "data: [{ from: '<folder of the sources>/config/models.json', to: 'config' }]",
  ],
  [
    'missing-data-file',
    "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/_MEI00a1b2XyZ/labels.txt'",
    "data: [{ from: '<folder of the sources>/labels.txt', to: '.' }]",
  ],
  [
    'missing-data-file',
    "FileNotFoundError: [Errno 2] No such file or directory: 'C:\\\\Apps\\\\engine\\\\_internal\\\\certs\\\\a.pem'",
    "to: 'certs'",
  ],
  ['missing-template', 'jinja2.exceptions.TemplateNotFound: index.html', 'templates/**/*'],
  [
    'certificates',
    'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed',
    'certifi',
  ],
  [
    'glibc',
    "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /opt/app/engine/_internal/libpython3.12.so.1.0)",
    "verify: { glibc: '2.28' }",
  ],
  [
    'libstdc++',
    "ImportError: /tmp/x/_internal/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /tmp/x/_internal/pkg/a.so)",
    'excludeSystemLibraries',
  ],
  [
    'missing-library',
    'ImportError: libGL.so.1: cannot open shared object file: No such file or directory',
    '/path/to/libGL.so.1',
  ],
  [
    'dll-load-failed',
    'ImportError: DLL load failed while importing _ssl: The specified module could not be found.',
    'msvc-runtime',
  ],
  [
    'team-id',
    "Library not loaded… code signature in <…> '/x/Python' not valid for use in process: mapping process and mapped file (non-platform) have different Team IDs",
    'codesignIdentity',
  ],
  ['source-not-available', 'OSError: could not get source code', 'moduleCollectionMode'],
  ['no-streams', "ValueError: Unable to configure formatter 'default'", 'console: true'],
  ['no-streams', "AttributeError: 'NoneType' object has no attribute 'write'", 'console: true'],
  [
    'freeze-support',
    'RuntimeError: \n        An attempt has been made to start a new process before the\n        current process has finished its bootstrapping phase.',
    'freeze_support()',
  ],
  [
    'pickle-main',
    "AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>",
    'module of its own',
  ],
  [
    'read-only',
    "PermissionError: [Errno 13] Permission denied: '/opt/app/resources/engine/_internal/cache.db'",
    'user_data()',
  ],
  ['read-only', 'sqlite3.OperationalError: attempt to write a readonly database', 'user_data()'],
  [
    'port',
    "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
    'port: [8000, 8010]',
  ],
  ['illegal-instruction', 'Illegal instruction (core dumped)', 'older processors'],
  ['obsolete-hook', 'ImportError: cannot load module more than once per process', '6.22.3'],
  [
    'uvicorn-import-string',
    'ERROR:    Error loading ASGI app. Could not import module "main".',
    "hiddenImports: ['main']",
  ],
  ['missing-python-core', "ModuleNotFoundError: No module named 'encodings'", 'build --force'],
  [
    'bootloader-library',
    "[PYI-4711:ERROR] Failed to load Python shared library '/tmp/_MEIgone/libpython3.11.so.1.0': dlopen: no",
    'cp -a',
  ],
  [
    'bootloader-archive',
    "[PYI-1:ERROR] Could not load PyInstaller's embedded PKG archive from the executable (/x/engine)",
    'strip',
  ],
  ['bootloader-temporary', '[PYI-1:ERROR] Could not create temporary directory!', "mode: 'onedir'"],
  [
    'bootloader-security',
    '[PYI-9:ERROR] Security validation failure: parent process has different executable!',
    '6.22.3',
  ],
];

describe('diagnoseOutput', () => {
  it.each(samples)('knows %s', (id, output, edit) => {
    const [first] = diagnoseOutput(`INFO: starting\n${output}\n`, context);
    expect(first?.id).toBe(id);
    expect(first?.edit).toContain(edit);
    expect(first?.cause).toMatch(/^.{20,}\.$/);
    expect(first?.cause + (first?.edit ?? '')).not.toMatch(/undefined|\s{2}/);
    expect(output.replaceAll(/\s+/g, ' ')).toContain(first?.evidence.replaceAll(/\s+/g, ' '));
  });

  it('has a sample for every row', () => {
    const sampled = new Set(samples.map(([id]) => id));
    expect(diagnosisTable.map(({ id }) => id).filter((id) => !sampled.has(id))).toEqual([]);
    expect(new Set(diagnosisTable.map(({ id }) => id)).size).toBe(diagnosisTable.length);
  });

  it('finds the line under colours and among thousands of others', () => {
    const noise = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join('\n');
    const [first] = diagnoseOutput(
      `${noise}\n\u001b[31mModuleNotFoundError\u001b[0m: No module named 'x'\n${noise}`,
      context,
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
    expect(diagnoseOutput(output, context).map(({ evidence }) => evidence.at(-2))).toEqual(['a', 'b', 'c']);
  });

  it('says nothing about what it does not know', () => {
    expect(diagnoseOutput('ValueError: wrong\n', context)).toEqual([]);
    expect(
      diagnoseOutput("FileNotFoundError: [Errno 2] No such file or directory: '/home/me/data.csv'", context),
    ).toEqual([]);
  });

  it('is quick on any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...samples.map(([, output]) => output))), {
          maxLength: 50,
        }),
        (parts) => {
          const started = performance.now();
          const found = diagnoseOutput(parts.join(' ').repeat(20), context);
          expect(found.length).toBeLessThanOrEqual(3);
          expect(performance.now() - started).toBeLessThan(1000);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('formats cause, evidence and fix on lines of their own', () => {
    expect(
      formatDiagnoses(diagnoseOutput("ModuleNotFoundError: No module named 'x'", context)).split('\n'),
    ).toEqual([
      'The module x is imported at run time, and PyInstaller did not see that while it read the sources.',
      "  seen: ModuleNotFoundError: No module named 'x'",
      "  fix:  Add `hiddenImports: ['x']` to backends.engine in pyinstaller.config.ts. If it is not installed at all, add its distribution to the requirements instead.",
    ]);
  });
});
