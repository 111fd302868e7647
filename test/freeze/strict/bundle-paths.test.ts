import path from 'node:path';
import { expect, test } from 'vitest';
import { judgeBundlePaths } from '../../../src/freeze/strict/bundle-paths.js';
import { makeBackend } from '../support/project.js';

test('a path in {bundle} that the bundle does not have is warned of, with where it lies', async () => {
  const backend = await makeBackend(
    { 'backend/main.py': '' },
    {
      entry: 'backend/main.py',
      address: { port: [8300, 8390] },
      ready: '/health',
      run: {
        args: ['run', '{bundle}/notebook.py', '--static={bundle}/static/', '{bundle}', '{port}'],
        env: {
          CONFIG: '{bundle}/config/app.json',
          BOTH: '{bundle}/config:{bundle}/absent',
          TEXT: '{bundle}/a name',
        },
      },
    },
  );
  const own = (name: string): string => path.join(backend.projectDir, name);
  const files = [
    ['nested/notebook.py', own('backend/notebook.py'), 'DATA'],
    ['tool/static/index.html', '/site-packages/tool/static/index.html', 'DATA'],
    ['config/app.json', own('backend/config/app.json'), 'DATA'],
  ] as const;
  const found = judgeBundlePaths(backend, { files });
  expect(found.map(({ message, fix }) => [/names (\S+),/.exec(message)?.[1], fix])).toEqual([
    ['{bundle}/notebook.py', 'It lies in another folder there: write {bundle}/nested/notebook.py.'],
    ['{bundle}/static', 'Correct the path, or put the file there with `data`.'],
    ['{bundle}/absent', 'Correct the path, or put the file there with `data`.'],
  ]);
  expect(found[0]?.message).toContain('run.args of backends.engine in pyinstaller.config.json');
});
