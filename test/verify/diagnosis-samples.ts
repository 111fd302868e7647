/** Per row: what programs really print, and what the edit must hold. */
export const diagnosisSamples: readonly (readonly [id: string, output: string, edit: string])[] = [
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
    'missing-template',
    "jinja2.exceptions.TemplateNotFound: 'index.html' not found in search path: '/opt/app/_internal/templates'",
    'templates/**/*',
  ],
  [
    'obsolete-hook',
    'ImportError: \n\nImporting the numpy C-extensions failed. This error can happen for\nmany reasons',
    '6.22.3',
  ],
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
    'unguarded-process',
    'RuntimeError: \n        An attempt has been made to start a new process before the\n        current process has finished its bootstrapping phase.',
    'in a function',
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
