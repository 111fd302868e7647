import type { Preset, PresetRequest } from './types.js';

const imports = (...names: readonly string[]): PresetRequest[] =>
  names.map((name) => ({ kind: 'import', name }));

/**
 * What known frameworks need besides PyInstaller's own hooks, in the order of the documentation. A row with no requests
 * says that the hooks suffice; it is in the table because a real program of that kind is frozen and run by the tests
 * (test/presets/programs.ts has one for every row).
 */
export const presetTable: readonly Preset[] = [
  {
    name: 'fastapi',
    title: 'FastAPI, Starlette and uvicorn',
    when: ['fastapi', 'starlette', 'uvicorn'],
    why: '`uvicorn.run("main:app")` names the application as text, which PyInstaller cannot see: the module named there is added. The event loops and protocols of uvicorn come from the hook that PyInstaller has for it.',
    requests: [{ kind: 'serverTargets', name: 'uvicorn' }],
  },
  {
    name: 'flask',
    title: 'Flask and waitress',
    when: ['flask'],
    why: 'Flask looks for templates and static files beside the module that makes the application: folders called `templates` and `static` beside the module of the entry, or beside one of the packages it is in, are collected. waitress needs nothing.',
    requests: [],
    folders: ['templates', 'static'],
  },
  {
    name: 'django',
    title: 'Django',
    when: ['django'],
    why: 'The settings name applications, middleware and URL modules as text: they are added, your applications with their migrations, templates and static files. The settings are found where the code sets DJANGO_SETTINGS_MODULE to a literal.',
    requests: [{ kind: 'django', name: 'django' }],
  },
  {
    name: 'sqlalchemy',
    title: 'SQLAlchemy',
    when: ['sqlalchemy'],
    why: 'The URL of a database names its driver (`sqlite+aiosqlite:///app.db`), and it is imported by that name: the drivers that are installed are added.',
    requests: imports(
      'aiosqlite',
      'asyncpg',
      'psycopg',
      'psycopg2',
      'pymysql',
      'aiomysql',
      'asyncmy',
      'MySQLdb',
      'oracledb',
      'pyodbc',
      'greenlet',
    ),
  },
  {
    name: 'alembic',
    title: 'alembic',
    when: ['alembic'],
    why: 'Migrations are source files that are run from disk, so PyInstaller does not see what they import: the modules of alembic and logging.config are added. Collect the folder with the migrations yourself (`data`); what they import is added too.',
    requests: imports(
      'alembic.command',
      'alembic.context',
      'alembic.op',
      'alembic.operations',
      'alembic.autogenerate',
      'alembic.runtime.migration',
      'alembic.ddl.impl',
      'logging.config',
    ),
  },
  {
    name: 'jinja2',
    title: 'Jinja2 templates',
    when: ['jinja2'],
    why: 'Adds nothing. Collect the folder with the templates yourself (`data`), and find it through `__file__` or `resource_path()`, not through the working directory.',
    requests: [],
  },
  {
    name: 'pydantic',
    title: 'pydantic',
    when: ['pydantic'],
    why: '`EmailStr` imports email-validator late and asks for its version: that package and its metadata are added when it is installed. Recent versions of PyInstaller find both by themselves, and their hook brings the rest of pydantic.',
    requests: [{ kind: 'metadata', name: 'email-validator' }, ...imports('email_validator')],
  },
  {
    name: 'numpy',
    title: 'numpy and pandas',
    when: ['numpy', 'pandas'],
    why: 'Adds nothing: the hooks of PyInstaller suffice, as long as they are as new as the packages.',
    requests: [],
  },
  {
    name: 'scikit-learn',
    title: 'scikit-learn and SciPy',
    when: ['scikit-learn', 'scipy'],
    why: 'Adds nothing: the hooks of PyInstaller suffice, as long as they are as new as the packages.',
    requests: [],
  },
  {
    name: 'pillow',
    title: 'Pillow',
    when: ['pillow'],
    why: 'Adds nothing: the hook of PyInstaller brings all image formats.',
    requests: [],
  },
  {
    name: 'tiktoken',
    title: 'tiktoken',
    when: ['tiktoken'],
    why: 'Encodings are found by looking into the namespace package tiktoken_ext: its modules are added. The data of an encoding is downloaded when it is first used, unless a folder named in TIKTOKEN_CACHE_DIR has it.',
    requests: [{ kind: 'submodules', name: 'tiktoken_ext' }],
  },
  {
    name: 'certifi',
    title: 'certifi and TLS',
    when: ['certifi'],
    why: 'OpenSSL looks for certificate authorities where the build machine had them. On a machine that has none there, the companion points it to those of certifi, which are added.',
    requests: imports('certifi'),
  },
  {
    name: 'streamlit',
    title: 'Streamlit',
    when: ['streamlit'],
    why: 'Frozen, Streamlit takes itself for a checkout of its sources (its path has no `site-packages` in it) and refuses to be told a port: it is told that it is none. Collect your pages yourself (`data`); what they import is added.',
    requests: [{ kind: 'runtimeHook', name: 'streamlit' }],
  },
  {
    name: 'plugins',
    title: 'Plugins through entry points',
    when: [],
    why: 'Plugins are found in the metadata of distributions and imported by name. For each group that your code asks for (`entry_points(group="app.plugins")`, a constant, `pkg_resources`, pluggy, stevedore), and each that an installed library in the bundle asks for, what is installed of it is added: module, data files and metadata. The same for extensions that a distribution names in `etc/**/*.json` (Jupyter). `excludes` leaves one out.',
    requests: [{ kind: 'pluginGroups', name: 'importlib.metadata' }],
  },
  {
    name: 'packages',
    title: 'Installed packages without a hook',
    when: [],
    why: 'Many packages load their own modules by name, or read files that lie beside their code, and PyInstaller has no hook that says so. For each installed module that is in the program, these are added: the modules of its distribution that it names (`"celery.fixups.django:fixup"`, `import_module("engineio.async_drivers." + mode)`), the files beside it if it looks for files there and no hook knows its package, and what its compiled part needs.',
    requests: [{ kind: 'installedPackages', name: 'hooks' }],
  },
];
