import path from 'node:path';
import { expect, test } from 'vitest';
import { judgeNamedInData } from '../../../src/freeze/strict/named-in-data.js';
import { makeBackend } from '../support/project.js';

test('modules that only a file among the data names are warned of, with one edit', async () => {
  const backend = await makeBackend(
    {
      'backend/main.py': '',
      'backend/api.py': 'def hello(): ...\n',
      'backend/app/logs.py': 'class Handler: ...\n',
      'backend/app/inside.py': 'class Handler: ...\n',
      'backend/words.py': 'x = 1\n',
      'backend/openapi.yaml':
        'paths:\n  /hello:\n    operationId: api.hello\n    text: words.less, myapi.hello\n',
      'backend/logging.json':
        '{ "class": "app.logs.Handler", "other": "app.inside.Handler", "entry": "api:hello" }',
      'backend/notes.txt': 'words.x',
    },
    { entry: 'backend/main.py', source: 'backend', address: { port: [8300, 8390] }, ready: '/health' },
  );
  const own = (name: string): string => path.join(backend.projectDir, 'backend', name);
  const found = judgeNamedInData(backend, {
    firstParty: [
      { name: 'main', file: own('main.py'), present: true },
      { name: 'api', file: own('api.py'), present: false },
      { name: 'app.logs', file: own('app/logs.py'), present: false },
      { name: 'app.inside', file: own('app/inside.py'), present: true },
      { name: 'words', file: own('words.py'), present: false },
      { name: 'gone', file: own('gone.py'), present: false },
    ],
    files: [
      ['notes.txt', own('notes.txt'), 'DATA'],
      ['openapi.yaml', own('openapi.yaml'), 'DATA'],
      ['away.json', '/elsewhere/away.json', 'DATA'],
    ],
    laid: [{ source: own('logging.json'), destination: 'logging.json' }],
  });
  expect(found.map(({ severity, message, fix }) => [severity, message, fix])).toEqual([
    [
      'warning',
      'Module api is not in the bundle, and backend/openapi.yaml:3 names something of it (api.hello).',
      "If it is loaded by that, add hiddenImports: ['api', 'app.logs'] to backends.engine in pyinstaller.config.json.",
    ],
    [
      'warning',
      'Module app.logs is not in the bundle, and backend/logging.json:1 names something of it (app.logs.Handler).',
      'It is in the edit above.',
    ],
  ]);
});
