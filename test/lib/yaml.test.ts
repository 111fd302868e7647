import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryDir } from '../support/paths.js';

test('YAML is loaded later by its own module only: the package itself has no names in the bundled command line', () => {
  const src = path.join(repositoryDir, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.filter((file) => readFileSync(path.join(src, file), 'utf8').includes("import('yaml')"));
  expect(found).toEqual([]);
});
