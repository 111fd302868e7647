import type { AdviceRow } from './row.js';

/** What well-known packages say when something of theirs is missing. */
export const packageRows: readonly AdviceRow[] = [
  {
    id: 'time-zones',
    title: 'The time zones are missing',
    at: ['verify'],
    unseen: 'known from the package',
    example: "zoneinfo._common.ZoneInfoNotFoundError: 'No time zone found with key Europe/Berlin'",
    pattern: /No time zone found with key ([\w/+-]+)/,
    cause: ([zone]) =>
      `Python knows no time zone ${zone}: it reads the system's, which Windows and small containers do not have, or the package tzdata.`,
    edit: (_groups, { add, installed }) =>
      installed?.has('tzdata') === true
        ? add("collect: { all: ['tzdata'] }")
        : 'Add the package tzdata to the requirements.',
  },
  {
    id: 'form-data',
    title: 'Forms cannot be read',
    at: ['verify'],
    unseen: 'known from the package',
    example: 'RuntimeError: Form data requires "python-multipart" to be installed.',
    pattern: /Form data requires "python-multipart"|The `python-multipart` library must be installed/,
    cause: () => 'Starlette and FastAPI read forms with a package that they do not require.',
    edit: (_groups, { add, installed }) =>
      installed?.has('python-multipart') === true
        ? add("hiddenImports: ['python_multipart']")
        : 'Add the package python-multipart to the requirements.',
  },
  {
    id: 'sqlalchemy-dialect',
    title: 'SQLAlchemy finds no dialect',
    at: ['verify'],
    unseen: 'known from the package',
    example: "sqlalchemy.exc.NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:duckdb",
    pattern: /Can't load plugin: (sqlalchemy\.[\w.]+):([\w.]+)/,
    cause: ([group, name]) =>
      `SQLAlchemy looks for ${name} among its own modules and the entry points of ${group}, and finds none.`,
    edit: ([group, name = ''], { add }) =>
      name === 'postgres'
        ? 'Write `postgresql://` at the beginning of the URL: SQLAlchemy 1.4 removed the other name.'
        : `Add the package that brings ${name} to the requirements, and its entry points to the bundle. ${add(`collect: { entryPoints: ['${group}'] }`)}`,
  },
  {
    id: 'keyring-backend',
    title: 'keyring finds no backend',
    at: ['verify'],
    unseen: 'known from the package',
    example:
      'keyring.errors.NoKeyringError: No recommended backend was available. Install a recommended 3rd party backend package; or, install the keyrings.alt package if you want to use the non-recommended backends.',
    pattern: /NoKeyringError|No recommended backend was available/,
    cause: () =>
      'keyring finds its backends through entry points; on Linux those also need the secret service of a desktop session, which build machines do not have.',
    edit: (_groups, { add }) =>
      `${add("collect: { entryPoints: ['keyring.backends'] }")} Catch \`keyring.errors.NoKeyringError\` where there may be no session, or add the package keyrings.alt to the requirements.`,
  },
  {
    id: 'nltk-data',
    title: 'NLTK lacks its data',
    at: ['verify'],
    unseen: 'known from the package',
    example:
      'LookupError: \n**********\n  Resource punkt not found.\n  Please use the NLTK Downloader to obtain the resource:',
    pattern: /Resource (\w+) not found\.\s+Please use the NLTK Downloader/,
    cause: ([name]) => `NLTK's ${name} is a download, and no part of the package.`,
    edit: ([name], { add }) =>
      `Load it into a folder of the project (\`python -m nltk.downloader -d nltk_data ${name}\`). ${add("data: [{ from: '<folder>/nltk_data', to: 'nltk_data' }]")}`,
  },
  {
    id: 'spacy-model',
    title: 'spaCy finds no model',
    at: ['verify'],
    unseen: 'known from the package',
    example:
      "OSError: [E050] Can't find model 'en_core_web_sm'. It doesn't seem to be a Python package or a valid path to a data directory.",
    pattern: /\[E050\] Can't find model '([A-Za-z_]\w*)'/,
    cause: ([name]) => `The model ${name} is a package of its own, which spaCy finds by its metadata.`,
    edit: ([name = ''], { add, installed }) =>
      `${installed === undefined || installed.has(name.replaceAll('_', '-').toLowerCase()) ? '' : `Add the wheel of ${name} to the requirements. `}${add(`collect: { all: ['${name}'], metadata: ['${name}'] }`)}`,
  },
  {
    id: 'psycopg-wrapper',
    title: 'psycopg lacks its library',
    at: ['verify'],
    unseen: 'known from the package',
    example: 'ImportError: no pq wrapper available.',
    pattern: /no pq wrapper available/,
    cause: () => 'psycopg finds neither its compiled part nor libpq on this system.',
    edit: (_groups, { add, installed }) =>
      installed?.has('psycopg-binary') === true
        ? add("collect: { all: ['psycopg_binary'] }")
        : 'Write `psycopg[binary]` instead of `psycopg` in the requirements: it brings the library along.',
  },
  {
    id: 'libmagic',
    title: 'libmagic is missing',
    at: ['verify'],
    unseen: 'known from the package',
    example: 'ImportError: failed to find libmagic.  Check your installation',
    pattern: /failed to find libmagic/,
    cause: () => 'python-magic needs the library libmagic, which no package of Python brings along.',
    edit: (_groups, { add }) =>
      `Install libmagic on the build machine. ${add("binaries: [{ from: '/path/to/libmagic.so.1', to: '.' }]")}`,
  },
];
