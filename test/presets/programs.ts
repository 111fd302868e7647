/**
 * A small program for each preset: the tests freeze them together, scripts/measure-presets.ts each alone. No imports of the engine,
 * because that script runs without the sources.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const appsDir = path.join(import.meta.dirname, 'apps');
const plugin = `preset-plugin @ ${pathToFileURL(path.join(appsDir, 'plugin')).href}`;

/** What one preset is shown with. */
export interface PresetProgram {
  /** Folder below test/presets/apps; it becomes `backend/` of a project. */
  readonly folder: string;
  readonly entry: string | Readonly<Record<string, string>>;
  readonly requirements: readonly string[];
  /** A path and what the answer must hold. */
  readonly check: { readonly path: string; readonly contains: string };
  /** Further keys of the backend's configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

const everyday = (
  module: string,
  requirements: readonly string[],
  contains: string,
  config: Readonly<Record<string, unknown>> = {},
): PresetProgram => ({
  folder: 'everyday',
  entry: { wsgi: `${module}:app` },
  requirements,
  check: { path: '/', contains },
  config,
});

/** Where programs keep their database; the runtime puts its folder there. */
const data = { env: { PRESET_DATA: '{userData}' } };

/** By the name of the preset, one for each row of the table. */
export const presetPrograms: Readonly<Record<string, PresetProgram>> = {
  fastapi: {
    folder: 'uvicorn-string',
    entry: 'backend/server.py',
    requirements: ['fastapi', 'uvicorn'],
    check: { path: '/pool', contains: '[1,4,9]' },
    config: { address: { port: [8123, 8143] }, ready: { http: '/' }, run: { args: ['{port}'] } },
  },
  flask: {
    folder: 'flask',
    entry: { wsgi: 'webapp:app' },
    requirements: ['flask', 'waitress'],
    check: { path: '/', contains: '<p>Hello Ada</p>' },
  },
  django: {
    folder: 'django',
    entry: { asgi: 'mysite.asgi:application' },
    requirements: ['django', 'uvicorn'],
    check: { path: '/migrate', contains: '{"ok": true}' },
    config: { run: data },
  },
  sqlalchemy: everyday('database', ['sqlalchemy[asyncio]', 'aiosqlite'], '{"notes": ["hello"]}', {
    run: data,
  }),
  alembic: everyday('versions', ['alembic'], '{"version": "0001"}', {
    run: data,
    data: ['backend/migrations'],
  }),
  jinja2: everyday('page', ['jinja2'], '"<p>Hello &lt;Ada&gt;</p>"', { data: ['backend/templates'] }),
  pydantic: everyday('people', ['pydantic', 'email-validator'], '{"email": "ada@example.com"}'),
  numpy: everyday(
    'tables',
    ['numpy', 'pandas'],
    '{"solved": [2.0, 3.0], "drawn": true, "sums": {"2026-01-01": 3, "2026-01-02": 4}}',
  ),
  'scikit-learn': everyday('models', ['scikit-learn'], '{"good": true, "optimum": 2.0}'),
  pillow: everyday(
    'pictures',
    ['pillow'],
    '{"sizes": {"PNG": [16, 8], "JPEG": [16, 8], "WEBP": [16, 8], "TIFF": [16, 8]}, "drawn": true}',
  ),
  tiktoken: everyday('encodings_of_text', ['tiktoken'], '{"known": true, "tokens": [97, 32, 98]}'),
  certifi: everyday('authorities', ['certifi'], '{"authorities": true, "handshake": true}'),
  streamlit: {
    folder: '../../../scripts/programs/streamlit',
    entry: 'backend/main.py',
    requirements: ['streamlit'],
    check: { path: '/_stcore/health', contains: 'ok' },
    config: {
      data: ['backend/page.py'],
      address: { port: [8300, 8390] },
      run: { args: ['{port}'] },
      ready: { http: '/_stcore/health' },
    },
  },
  plugins: everyday('plugins', [plugin], '{"plugins": {"one": 42}, "version": "1.0"}'),
  packages: everyday('passwords', ['passlib'], '{"verified": true}'),
};

/** The requirements of several of these programs together. */
export function requirementsOf(...presets: readonly string[]): string[] {
  return [...new Set(presets.flatMap((name) => presetPrograms[name]?.requirements ?? []))];
}
