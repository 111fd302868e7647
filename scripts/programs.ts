/**
 * Well-known packages, each with a program that uses it: scripts/measure-programs.ts freezes them as a newcomer would, and the tests take
 * some of them. The sources are in scripts/programs/. No imports of the engine, because that script runs without the sources.
 */
import type { Use } from './programs/use.ts';

/** One row of docs/programs.md. */
export interface Program {
  /** Folder below scripts/programs; it becomes the project's `backend` folder. Left out: the program is an installed one. */
  readonly folder?: string;
  /** Distributions whose versions the table names. */
  readonly packages: readonly string[];
  /** The backend's configuration, as a newcomer would write it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What the frozen program is used for, as the table says it. */
  readonly used: string;
  readonly use: Use;
}

/** A job that is a script and uses packages at once. */
function job(
  folder: string,
  packages: readonly string[],
  used: string,
  prints: string,
  requirements = packages,
): Program {
  return {
    folder,
    packages,
    config: { kind: 'job', entry: 'backend/main.py', requirements },
    used,
    use: { type: 'job', runs: [{ args: [], prints }] },
  };
}

/** An installed program that does something and ends. */
function tool(
  name: string,
  used: string,
  ...runs: { readonly args: readonly string[]; readonly prints: string }[]
): Program {
  return {
    packages: [name],
    config: {
      kind: 'job',
      entry: { consoleScript: name },
      requirements: [name],
      verify: { args: ['--version'] },
    },
    used,
    use: { type: 'job', runs },
  };
}

const script = { entry: 'backend/main.py', address: { port: [8300, 8390] }, run: { args: ['{port}'] } };

/** In the order of the table. */
export const programs: Readonly<Record<string, Program>> = {
  celery: job('celery', ['celery'], 'a task through the in-memory broker, its result back', 'sum: 5'),
  'flask-socketio': {
    folder: 'flask-socketio',
    packages: ['flask-socketio', 'python-engineio'],
    config: { entry: { wsgi: 'main:app' }, source: 'backend', requirements: ['flask-socketio', 'waitress'] },
    used: 'an event there and its answer back',
    use: { type: 'socketio', event: 'shout', text: 'hello', answer: '["echo","HELLO"]' },
  },
  streamlit: {
    folder: 'streamlit',
    packages: ['streamlit'],
    config: {
      entry: 'backend/main.py',
      requirements: ['streamlit'],
      data: ['backend/page.py'],
      address: { port: [8300, 8390] },
      run: { args: ['{port}'] },
      ready: { http: '/_stcore/health' },
    },
    used: 'a page over the WebSocket, and a text typed into its widget',
    use: { type: 'streamlit', shows: 'Hello Ada', typed: 'Grace', shownThen: 'Hello Grace' },
  },
  passlib: job('passlib', ['passlib'], 'hash and verify with two schemes', 'verified: True'),
  keyring: job(
    'keyring',
    ['keyring', 'keyrings-alt'],
    'a backend found through entry points keeps a secret',
    'kept: secret',
    ['keyring', 'keyrings.alt'],
  ),
  tomli: job('tomli', ['tomli'], 'parse, compiled by mypyc', 'compiled: tomli._parser so [1, 2]'),
  oracledb: job('oracledb', ['oracledb'], 'thin mode tries to connect', 'refused: DPY-6005'),
  apscheduler: job('apscheduler', ['apscheduler'], 'an interval job runs', 'ran: True', ['apscheduler<4']),
  litellm: job(
    'litellm',
    ['litellm'],
    'a completion (mocked), tokens counted, prices looked up',
    'tokens: 2 True',
  ),
  chromadb: job('chromadb', ['chromadb'], 'add two vectors, ask for the nearest', "nearest: [['a']]"),
  langchain: job(
    'langchain',
    ['langchain-core', 'langchain-text-splitters'],
    'a chain and a text splitter',
    'chain: hello',
  ),
  gradio: {
    folder: 'gradio',
    packages: ['gradio'],
    config: { ...script, requirements: ['gradio'], ready: { http: '/' } },
    used: 'its page and its API description',
    use: { type: 'http', path: '/gradio_api/info', contains: '/greet' },
  },
  nicegui: {
    folder: 'nicegui',
    packages: ['nicegui'],
    config: { ...script, requirements: ['nicegui'], ready: { http: '/' } },
    used: 'a page',
    use: { type: 'http', path: '/', contains: 'Hello Ada' },
  },
  dash: {
    folder: 'dash',
    packages: ['dash', 'plotly'],
    config: { entry: { wsgi: 'main:app' }, source: 'backend', requirements: ['dash', 'pandas', 'waitress'] },
    used: 'the layout with a figure',
    use: { type: 'http', path: '/_dash-layout', contains: '"type":"Graph"' },
  },
  textual: job('textual', ['textual'], 'type, click, highlight', 'label: hi', ['textual[syntax]']),
  'package data': job(
    'everyday-data',
    [
      'babel',
      'dateparser',
      'emoji',
      'faker',
      'fpdf2',
      'jsonschema',
      'langdetect',
      'openpyxl',
      'phonenumbers',
      'pint',
      'pycountry',
      'python-docx',
      'python-pptx',
      'pytz',
    ],
    'each reads files of its package',
    'all used',
  ),
  boto3: job('boto3', ['boto3'], 'a client for S3 tries to connect', 'refused; paginators: True'),
  nltk: job('nltk', ['nltk'], 'stem, tokenize, parse', 'trees: 1'),
  spacy: job('spacy', ['spacy'], 'a blank pipeline with two components', "found: ['Berlin'] 2"),
  grpc: job('grpc', ['grpcio', 'grpcio-health-checking'], 'a server and its client', 'status: 1'),
  telemetry: job(
    'telemetry',
    ['sentry-sdk', 'opentelemetry-sdk'],
    'an error caught, a span exported',
    'caught: 1',
  ),
  'dramatiq and huey': job('queues', ['dramatiq', 'huey'], 'a task in each', 'done: [3] 3'),
  'scikit-image': job(
    'scikit-image',
    ['scikit-image', 'imageio'],
    'write, read, filter, count regions',
    'regions: 1 False',
  ),
  boosting: job('boosting', ['lightgbm', 'statsmodels', 'xgboost-cpu'], 'three models fitted', 'slope: 2.0', [
    'lightgbm',
    'statsmodels',
    'xgboost-cpu',
    'scikit-learn',
  ]),
  fastmcp: job('mcp', ['fastmcp', 'mcp'], 'a tool called by its client', 'sum: 5'),
  'native models': job(
    'models',
    ['onnxruntime', 'opencv-python-headless', 'sentencepiece', 'tokenizers'],
    'each loads its library and works',
    'edges: 1 True',
  ),
  security: job(
    'security',
    ['argon2-cffi', 'bcrypt', 'cryptography', 'paramiko', 'pyjwt'],
    'hash, sign, encrypt',
    'ssh: 1024',
  ),
  'database drivers': job(
    'databases',
    ['sqlalchemy', 'psycopg', 'pg8000', 'pymysql', 'duckdb-engine'],
    'a driver for each URL; a query in DuckDB',
    'duckdb: 42',
    ['sqlalchemy<2.1', 'psycopg[binary]', 'pg8000', 'pymysql', 'duckdb-engine'],
  ),
  eventlet: job('eventlet', ['eventlet'], 'serve and ask, everything patched', "answer: b'hello'"),
  weasyprint: job('pypdfium2', ['weasyprint', 'pypdfium2'], 'HTML to PDF, its text read', 'text: Hello'),
  moviepy: job('moviepy', ['moviepy', 'imageio-ffmpeg'], 'a film written and counted', 'frames: 2'),
  playwright: job('playwright', ['playwright'], 'its driver starts and answers', 'driver said: True'),
  seaborn: job(
    'matplotlib',
    ['matplotlib', 'pandas', 'seaborn', 'openpyxl'],
    'three formats, a spreadsheet there and back',
    'rows: 9 <style',
    ['matplotlib', 'pandas[excel,output-formatting]', 'seaborn'],
  ),
  alembic: {
    ...job('alembic', ['alembic', 'sqlmodel'], 'migrations, a row written and read', 'hero: Deadpond'),
    config: {
      kind: 'job',
      entry: 'backend/main.py',
      requirements: ['alembic', 'sqlmodel'],
      data: ['backend/migrations'],
    },
  },
  pdf: job(
    'pdf',
    ['reportlab', 'pymupdf', 'xhtml2pdf'],
    'a page made and read by four libraries, HTML to PDF',
    "read: 1 ['Hello', 'Hello', 'Hello'] 0 b'%PDF'",
    ['reportlab', 'pikepdf', 'pymupdf', 'pdfplumber', 'pypdf', 'xhtml2pdf'],
  ),
  network: job(
    'network',
    ['fabric', 'scapy', 'zeroconf'],
    'a service announced and found, a serial port, a packet, drivers of SSH',
    "network: 80 b'hi' 40",
    ['fabric', 'netmiko', 'pyserial', 'scapy', 'zeroconf'],
  ),
  'yt-dlp': tool('yt-dlp', 'lists its extractors', { args: ['--list-extractors'], prints: 'youtube' }),
  httpie: {
    ...tool('httpie', 'prints a request', {
      args: ['--ignore-stdin', '--offline', '--pretty=all', 'POST', 'http://localhost/', 'a=1'],
      prints: 'application/json',
    }),
    config: {
      kind: 'job',
      entry: { consoleScript: 'http' },
      requirements: ['httpie'],
      verify: { args: ['--version'] },
    },
  },
  black: tool('black', 'formats code', { args: ['-c', 'x  =  1'], prints: 'x = 1' }),
  flake8: {
    ...tool('flake8', 'checks code, with a plugin', {
      args: ['--exit-zero', '{backend}/main.py'],
      prints: 'B006',
    }),
    folder: 'flake8',
    packages: ['flake8', 'flake8-bugbear'],
    config: {
      kind: 'job',
      entry: { consoleScript: 'flake8' },
      requirements: ['flake8', 'flake8-bugbear'],
      verify: { args: ['--version'] },
    },
  },
  pylint: tool('pylint', 'checks code, with an extension', {
    args: ['--load-plugins=pylint.extensions.docparams', '--list-msgs-enabled'],
    prints: 'missing-param-doc',
  }),
  robot: {
    folder: 'robot',
    packages: ['robotframework'],
    config: { kind: 'job', entry: { consoleScript: 'robot' }, requirements: ['robotframework'] },
    used: 'runs a suite with four libraries',
    use: {
      type: 'job',
      runs: [{ args: ['--outputdir', '{work}', '{backend}/suite.robot'], prints: '1 passed, 0 failed' }],
    },
  },
  sphinx: {
    ...tool('sphinx', 'builds a site with a theme', {
      args: ['-b', 'html', '{backend}', 'out'],
      prints: 'build succeeded',
    }),
    folder: 'sphinx',
    config: {
      kind: 'job',
      entry: { consoleScript: 'sphinx-build' },
      requirements: ['sphinx', 'furo'],
      verify: { args: ['--version'] },
    },
  },
  mkdocs: {
    ...tool(
      'mkdocs',
      'builds a site with two themes',
      { args: ['-q', 'build', '-f', '{backend}/mkdocs.yml', '-t', 'mkdocs', '-d', '{work}/a'], prints: '' },
      {
        args: ['build', '-f', '{backend}/mkdocs.yml', '-t', 'readthedocs', '-d', '{work}/b'],
        prints: 'Documentation built',
      },
    ),
    folder: 'mkdocs',
  },
  scrapy: job('scrapy', ['scrapy', 'twisted'], 'a spider reads a page', 'title: frozen spider', ['scrapy']),
  sanic: {
    folder: 'sanic',
    packages: ['sanic'],
    config: { ...script, requirements: ['sanic'], ready: { http: '/' } },
    used: 'a route of a server that rewrites its own methods at its start',
    use: { type: 'http', path: '/', contains: '"sum":5' },
  },
  litestar: {
    folder: 'litestar',
    packages: ['litestar', 'jinja2'],
    config: {
      entry: { asgi: 'main:app' },
      source: 'backend',
      requirements: ['litestar[jinja]', 'uvicorn'],
      data: ['backend/pages'],
      verify: { http: ['/schema/swagger'] },
    },
    used: 'a page of a template',
    use: { type: 'http', path: '/page', contains: 'sum: 5' },
  },
  panel: {
    folder: 'panel',
    packages: ['panel', 'bokeh'],
    config: { ...script, requirements: ['panel'], ready: { http: '/' } },
    used: 'a page',
    use: { type: 'http', path: '/', contains: 'Frozen panel' },
  },
  radicale: {
    packages: ['radicale'],
    config: {
      entry: { consoleScript: 'radicale' },
      requirements: ['radicale'],
      address: { port: [8300, 8390] },
      run: { args: ['--hosts', 'localhost:{port}', '--auth-type', 'none'] },
      ready: { http: '/.web/' },
    },
    used: 'its page',
    use: { type: 'http', path: '/.web/', contains: 'Radicale' },
  },
  datasette: {
    packages: ['datasette', 'datasette-vega'],
    config: {
      entry: { consoleScript: 'datasette' },
      requirements: ['datasette', 'datasette-vega'],
      run: { args: ['--memory', '-p', '{port}'] },
      address: { port: [8300, 8390] },
      ready: { http: '/-/versions.json' },
    },
    used: 'a query, and what a plugin adds',
    use: { type: 'http', path: '/-/plugins.json', contains: 'datasette-vega' },
  },
};
