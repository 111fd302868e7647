import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

test('YAML is loaded later by its own module only: the package itself has no names in the bundled command line', () => {
  const src = path.join(repositoryDir, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.filter((file) => readFileSync(path.join(src, file), 'utf8').includes("import('yaml')"));
  expect(found).toEqual([]);
});

test('the built command line reads a configuration in YAML', async () => {
  const project = await writeFiles({
    'package.json': '{}',
    'pyinstaller.config.yml':
      'generate: engine.gen.ts\nbackends:\n  engine:\n    entry: { asgi: "main:app" }\n    source: backend\n',
    'backend/main.py': '',
  });
  execFileSync(process.execPath, [path.join(repositoryDir, 'dist/cli/main.js'), 'generate'], {
    cwd: project,
  });
  expect(readFileSync(path.join(project, 'engine.gen.ts'), 'utf8')).toContain('engine');
});
