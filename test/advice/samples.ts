/** Per row: what programs really print, and what the edit must hold. */
export const programSamples: readonly (readonly [id: string, output: string, edit: string])[] = [
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
    "jinja2.exceptions.TemplateNotFound: 'index.html' not found in search path: 'templates'",
    "resource_path('templates')",
  ],
  [
    'relative-file',
    "FileNotFoundError: [Errno 2] No such file or directory: 'config/models.json'",
    "data: [{ from: '<folder of the sources>/config/models.json', to: 'config' }]",
  ],
  ['relative-file', "RuntimeError: Directory './static' does not exist", "resource_path('static')"],
  [
    'relative-file',
    'RuntimeError: File at path templates/a.html does not exist.',
    "resource_path('templates/a.html')",
  ],
  ...[
    'Traceback (most recent call last):\n  File "main.py", line 5, in <module>\n  File "<frozen os>", line 679, in __getitem__\nKeyError: \'SERVICE_KEY\'',
    'Traceback (most recent call last):\n  File "main.py", line 5, in <module>\n  File "os.py", line 679, in __getitem__\nKeyError: \'SERVICE_KEY\'',
    'decouple.UndefinedValueError: SERVICE_KEY not found. Declare it as envvar or define a default value.',
    'environs.EnvError: Environment variable "SERVICE_KEY" not set',
    'django.core.exceptions.ImproperlyConfigured: Set the SERVICE_KEY environment variable',
    'pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\nservice_key\n  Field required [type=missing, input_value={}, input_type=dict]',
  ].map((output) => ['missing-variable', output, "run: { env: { SERVICE_KEY: '…' } }"] as const),
  [
    'missing-template',
    "jinja2.exceptions.TemplateNotFound: 'index.html' not found in search path: '/opt/app/_internal/templates'",
    'templates/**/*',
  ],
  [
    'torch-compile',
    'torch._inductor.exc.InductorError: CppCompileError: C++ compile error\n\nCommand:\ng++ /tmp/main.cpp',
    "run: { env: { TORCHDYNAMO_DISABLE: '1' } }",
  ],
  [
    'stripped-library',
    'ImportError: libscipy_openblas64_-32a4b2a6.so: ELF load command address/offset not page-aligned',
    'Remove `strip: true` from',
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
    'pyinstaller.spec',
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
  [
    'usage',
    'usage: main.py [-h] path\nmain.py: error: the following arguments are required: path',
    "kind: 'job'",
  ],
  [
    'usage',
    "Usage: cli [OPTIONS] COMMAND [ARGS]...\nTry 'cli --help' for help.\n\nError: Missing command.",
    "run: { args: ['--port', '{port}'] }",
  ],
  [
    'usage',
    "Usage: cli [OPTIONS] NAME\nTry 'cli --help' for help.\n╭─ Error ────╮\n│ Missing argument 'NAME'.   │\n╰────────────╯",
    "kind: 'job'",
  ],
  ['source-not-available', 'OSError: could not get source code', "'<package>': 'pyz+py'"],
  [
    'source-not-available',
    'Traceback (most recent call last):\n  File "main.py", line 3, in <module>\n  File "flows/tasks.py", line 9, in build\n  File "inspect.py", line 1270, in getsource\n  File "inspect.py", line 1081, in findsource\nOSError: could not get source code',
    "moduleCollectionMode: { 'flows': 'pyz+py' }",
  ],
  [
    'missing-named-file',
    "RuntimeError: Directory '/opt/app/resources/engine/_internal/static' does not exist",
    "to: '.'",
  ],
  [
    'missing-named-file',
    "ValueError: Cannot load imports from non-existent stub '/tmp/_MEI00a1b2XyZ/skimage/__init__.pyi'",
    "collect: { data: ['skimage'] }",
  ],
  [
    'standard-library-name',
    "ImportError: cannot import name 'Job' from 'queue' (/opt/app/_internal/queue.pyc)",
    'Rename your own queue.py',
  ],
  [
    'standard-library-name',
    "AttributeError: partially initialized module 'random' has no attribute 'randint' (most likely due to a circular import)",
    'Rename your own random.py',
  ],
  [
    'standard-library-name',
    "ImportError: cannot import name 'Mapping' from 'collections' (/opt/app/_internal/base_library.zip/collections/__init__.pyc)",
    'another Python',
  ],
  [
    'missing-library',
    "OSError: cannot load library 'libgobject-2.0-0': libgobject-2.0-0: cannot open shared object file: No such file or directory.  Additionally, ctypes.util.find_library() did not manage to locate a library called 'libgobject-2.0-0'",
    '/path/to/libgobject-2.0-0',
  ],
  [
    'time-zones',
    "zoneinfo._common.ZoneInfoNotFoundError: 'No time zone found with key Europe/Berlin'",
    'tzdata',
  ],
  ['form-data', 'RuntimeError: Form data requires "python-multipart" to be installed.', 'python-multipart'],
  [
    'sqlalchemy-dialect',
    "sqlalchemy.exc.NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:duckdb",
    "collect: { entryPoints: ['sqlalchemy.dialects'] }",
  ],
  [
    'sqlalchemy-dialect',
    "sqlalchemy.exc.NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres",
    'postgresql://',
  ],
  [
    'keyring-backend',
    'keyring.errors.NoKeyringError: No recommended backend was available.',
    "collect: { entryPoints: ['keyring.backends'] }",
  ],
  [
    'nltk-data',
    'LookupError: \n**********\n  Resource punkt_tab not found.\n  Please use the NLTK Downloader to obtain the resource:',
    'nltk.downloader -d nltk_data punkt_tab',
  ],
  [
    'spacy-model',
    "OSError: [E050] Can't find model 'en_core_web_sm'. It doesn't seem to be a Python package or a valid path to a data directory.",
    "collect: { all: ['en_core_web_sm'], metadata: ['en_core_web_sm'] }",
  ],
  ['psycopg-wrapper', 'ImportError: no pq wrapper available.', 'psycopg[binary]'],
  ['libmagic', 'ImportError: failed to find libmagic.  Check your installation', '/path/to/libmagic.so.1'],
  ['no-streams', "AttributeError: 'NoneType' object has no attribute 'write'", 'console: true'],
  [
    'unguarded-process',
    'RuntimeError: \n        An attempt has been made to start a new process before the\n        current process has finished its bootstrapping phase.',
    'in a function',
  ],
  [
    'pickle-main',
    "AttributeError: Can't get attribute 'work' on <module '__mp_main__' from '/opt/app/_internal/server.py'>",
    'module of its own',
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
  [
    'temporary-noexec',
    'error while loading shared libraries: libpython3.12.so.1.0: failed to map segment from shared object',
    "mode: 'onedir'",
  ],
  ['temporary-full', '[PYI-1:ERROR] Could not create temporary directory!', "mode: 'onedir'"],
  [
    'bootloader-security',
    '[PYI-9:ERROR] Security validation failure: parent process has different executable!',
    '6.22.3',
  ],
];

/** What pip, uv and venv print; from their sources and from runs. */
export const installSamples: readonly (readonly [string, RegExp])[] = [
  ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device', /disk is full/],
  [
    `ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: 'C:\\\\Users\\\\somebody\\\\${'x'.repeat(250)}.h'\nHINT: This error might have occurred since this system does not have Windows Long Path support enabled.`,
    /Windows opens no such path/,
  ],
  [
    'error: failed to copy file: The filename or extension is too long. (os error 206)',
    /Windows opens no such/,
  ],
  // As long only because Python prints each backslash twice.
  [
    `ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: 'C:${String.raw`\\a`.repeat(90)}'`,
    /conda/,
  ],
  ['error: failed to write to file: No space left on device (os error 28)', /disk is full/],
  ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', /another hash/],
  ['  × Failed to download `six==1.17.0`\n  ╰─▶ Hash mismatch for `six==1.17.0`', /another hash/],
  [
    'ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==.',
    /some requirement .* has none/,
  ],
  [
    'SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))',
    /TLS certificate/,
  ],
  ['  Caused by: invalid peer certificate: UnknownIssuer', /TLS certificate/],
  [
    'ProxyError("Cannot connect to proxy.", OSError("Tunnel connection failed: 407 Proxy Authentication Required"))',
    /proxy refused/,
  ],
  [
    'ERROR: HTTP error 401 while getting https://x: 401 Client Error: Unauthorized',
    /refused the credentials/,
  ],
  [
    "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish a new connection: [Errno -2] Name or service not known'\nERROR: No matching distribution found for six",
    /could not be reached/,
  ],
  ['error: Failed to fetch: `https://pypi.org/simple/six/`', /could not be reached/],
  ['ERROR: ResolutionImpossible: for help visit https://pip.pypa.io', /contradict/],
  ['  × No solution found when resolving dependencies:', /contradict/],
  ["ERROR: Package 'x' requires a different Python: 3.13.0 not in '<3.13'", /does not support this Python/],
  [
    'ERROR: Could not find a version that satisfies the requirement nope (from versions: none)\nERROR: No matching distribution found for nope',
    /No release of nope fits/,
  ],
  [
    "error: command 'gcc' failed: No such file or directory\nERROR: Failed building wheel for x",
    /no compiler/,
  ],
  ['error: Microsoft Visual C++ 14.0 or greater is required.', /no compiler/],
  ['fatal error: Python.h: No such file or directory', /no compiler/],
  ['error: subprocess-exited-with-error', /built from source/],
  // pip lists what it passed over in any case; that is not why pywin32 is not found.
  [
    'ERROR: Ignored the following versions that require a different python version: 6.0.0 Requires-Python <3.13,>=3.8; 6.1.0 Requires-Python <3.13,>=3.8\nERROR: Could not find a version that satisfies the requirement pywin32==306 (from versions: none)\nERROR: No matching distribution found for pywin32==306',
    /^pywin32==306 has no release for this system/,
  ],
  [
    'ERROR: Ignored the following versions that require a different python version: 6.0.0 Requires-Python <3.13,>=3.8\nERROR: Could not find a version that satisfies the requirement fastapy (from versions: none)\nERROR: No matching distribution found for fastapy',
    /No release of fastapy fits/,
  ],
  [
    '  × No solution found when resolving dependencies:\n  ╰─▶ Because pywin32==306 has no wheels with a matching platform tag (e.g., `manylinux_2_36_x86_64`) and you require pywin32==306, we can conclude that your requirements are unsatisfiable.',
    /^pywin32==306 has no release for this system/,
  ],
  [
    '  × No solution found when resolving dependencies:\n  ╰─▶ Because nope was not found in the package registry and you require nope, we can conclude that your requirements are unsatisfiable.',
    /No release of nope fits/,
  ],
  [
    "ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: '/croot/idna_1714398848350/work/dist/idna-3.7-py3-none-any.whl'",
    /conda/,
  ],
  [
    'error: Distribution not found at: file:///home/conda/feedstock_root/build_artifacts/attrs_1704011227531/work',
    /conda/,
  ],
  [
    'The virtual environment was not created successfully because ensurepip is not available.',
    /cannot make virtual environments/,
  ],
  [
    "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'c:\\\\x.pyd'",
    /could not be written/,
  ],
  ["ERROR: Invalid requirement: 'six====': Expected end", /not a requirement/],
];
