import { expect, test } from 'vitest';
import { runChecks } from '../../../src/cli/doctor/index.js';
import type { BackendConfig } from '../../../src/config/schema/index.js';
import { freezeBackend } from '../../../src/freeze/index.js';
import { resolvedConfig } from '../../support/backend.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { patience } from '../../support/windows.js';
import { verifyBundle } from '../../../src/verify/verify.js';

const flask = 'from flask import Flask\napp = Flask(__name__)\n';
const pyproject = '[project]\nname = "x"\nversion = "1"\nrequires-python = "==3.99.*"\n';

/** What is wrong with a program before anything is installed. */
const wrong: Readonly<Record<string, readonly [Readonly<Record<string, string>>, BackendConfig]>> = {
  'a wrong module': [{ 'app.py': flask }, { entry: { wsgi: 'ap:app' }, requirements: ['flask'] }],
  'a wrong attribute': [{ 'app.py': flask }, { entry: { wsgi: 'app:application' }, requirements: ['flask'] }],
  'the folder as a module': [
    { 'app.py': flask },
    { entry: { wsgi: 'backend.app:app' }, requirements: ['flask'] },
  ],
  'the ending as a module': [{ 'app.py': flask }, { entry: { wsgi: 'app.py:app' }, requirements: ['flask'] }],
  'Flask as ASGI': [{ 'app.py': flask }, { entry: { asgi: 'app:app' }, requirements: ['flask'] }],
  'a syntax error': [{ 'app.py': 'x = = 1\n' }, { entry: { call: 'app:x' } }],
  'one in another ending': [{ 'app.pyw': 'x = = 1\n' }, { entry: 'backend/app.pyw', kind: 'job' }],
  'one in what is imported': [
    { 'app.py': 'import other\nx = 1\n', 'other.py': 'x = = 1\n' },
    { entry: { call: 'app:x' } },
  ],
  'a module that raises': [{ 'app.py': 'raise RuntimeError("no")\n' }, { entry: { call: 'app:main' } }],
  'a server that cannot announce': [
    { 'm.py': 'import uvicorn\nuvicorn.run("a:b")\n' },
    { entry: 'backend/m.py', requirements: ['uvicorn'] },
  ],
  'requires-python': [
    { 'app.py': flask, 'pyproject.toml': pyproject },
    { entry: { wsgi: 'app:app' }, requirements: 'backend/pyproject.toml' },
  ],
  'a hyphen in hiddenImports': [
    { 'm.py': '' },
    { entry: 'backend/m.py', kind: 'job', hiddenImports: ['no-such-module'] },
  ],
};

test(
  'what the build refuses at once, doctor says in the same words',
  async () => {
    const cacheDir = await temporaryFolder();
    const spent: number[] = [];
    for (const [title, [files, backend]] of Object.entries(wrong)) {
      const below = Object.entries(files).map(([name, text]) => [`backend/${name}`, text] as const);
      const projectDir = await writeFiles(Object.fromEntries(below));
      const config = resolvedConfig(projectDir, { engine: { source: 'backend', ...backend } });
      const [engine] = config.backends;
      if (engine === undefined) throw new Error('no backend');

      const started = performance.now();
      const refused = await freezeBackend(engine, { cacheDir, verify: verifyBundle }).then(
        () => new Error('it was frozen'),
        (error: unknown) => error as Error,
      );
      spent.push(performance.now() - started);

      const checks = await runChecks({ ...config, cacheDir });
      const said = checks.filter(({ status }) => status === 'fail');
      expect(
        said.map(({ id }) => id),
        title,
      ).toEqual(['entry:engine']);
      expect(refused.message, title).toContain(said[0]?.detail);
      expect(refused.message, title).toContain(said[0]?.fix);
    }
    // The first also probes the interpreter.
    expect(Math.min(...spent)).toBeLessThan(3000 * patience);
  },
  60_000 * patience,
);
