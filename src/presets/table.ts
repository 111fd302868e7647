import type { Preset, PresetRequest } from './types.js';

const imports = (...names: readonly string[]): PresetRequest[] =>
  names.map((name) => ({ kind: 'import', name }));

/**
 * What known frameworks need besides PyInstaller's own hooks, in the order of the documentation. A row with no requests
 * says that the hooks suffice; it is in the table because a real program of that kind is frozen and run by the tests.
 */
export const presetTable: readonly Preset[] = [
  {
    name: 'fastapi',
    title: 'FastAPI, Starlette and uvicorn',
    when: ['fastapi', 'starlette', 'uvicorn'],
    why: 'uvicorn.run("main:app") names the application as text, which nothing sees: that module is added. Loops and protocols come from the hook of uvicorn.',
    requests: [{ kind: 'serverTargets', name: 'uvicorn' }],
  },
  {
    name: 'flask',
    title: 'Flask and waitress',
    when: ['flask'],
    why: 'Flask looks for templates and static files beside the module that makes the application: folders of these names are collected.',
    requests: [],
    folders: ['templates', 'static'],
  },
  {
    name: 'django',
    title: 'Django',
    when: ['django'],
    why: 'The settings name applications, middleware and URL modules as text: they are added with their migrations, templates and static files. Needs DJANGO_SETTINGS_MODULE set to a literal somewhere in the code.',
    requests: [{ kind: 'django', name: 'django' }],
  },
  {
    name: 'sqlalchemy',
    title: 'SQLAlchemy',
    when: ['sqlalchemy'],
    why: 'Database drivers are imported by the name in the URL: those that are installed are added.',
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
    why: 'Migrations are source files that are run from data, so nothing sees what they import: alembic itself and logging.config are added. Collect the migrations folder with `data`.',
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
    why: 'PyInstaller needs no help. Collect the templates with `data` and find them through the file of a module, not the working directory.',
    requests: [],
  },
  {
    name: 'pydantic',
    title: 'pydantic',
    when: ['pydantic'],
    why: 'EmailStr asks for the version of email-validator: its metadata is added. The rest comes from the hook of pydantic.',
    requests: [{ kind: 'metadata', name: 'email-validator' }, ...imports('email_validator')],
  },
  {
    name: 'numpy',
    title: 'numpy and pandas',
    when: ['numpy', 'pandas'],
    why: 'The hooks of PyInstaller suffice, as long as they are as new as the packages.',
    requests: [],
  },
  {
    name: 'scikit-learn',
    title: 'scikit-learn and SciPy',
    when: ['scikit-learn', 'scipy'],
    why: 'The hooks of PyInstaller suffice, as long as they are as new as the packages.',
    requests: [],
  },
  {
    name: 'pillow',
    title: 'Pillow',
    when: ['pillow'],
    why: 'The hook of Pillow brings all image formats.',
    requests: [],
  },
  {
    name: 'tiktoken',
    title: 'tiktoken',
    when: ['tiktoken'],
    why: 'Encodings are found by looking into the namespace package tiktoken_ext: its modules are added.',
    requests: [{ kind: 'submodules', name: 'tiktoken_ext' }],
  },
  {
    name: 'certifi',
    title: 'certifi and TLS',
    when: ['certifi'],
    why: 'OpenSSL in a frozen program looks for certificate authorities where the build machine had them; the companion points it to those of certifi, which are added.',
    requests: imports('certifi'),
  },
  {
    name: 'plugins',
    title: 'Plugins through entry points',
    when: [],
    why: 'Entry points are looked up in metadata: those of the groups that the code asks for by a literal are added, with their modules.',
    requests: [{ kind: 'pluginGroups', name: 'importlib.metadata' }],
  },
];
