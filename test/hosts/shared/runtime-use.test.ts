import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { importsOf, importsRuntime } from '../../../src/hosts/shared/runtime-use.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';

const direct = "const { createBackend } = require('electron-pyinstaller/runtime');\n";

test.each<[string, string | undefined, Record<string, string>, boolean]>([
  ['required in main', 'main.js', { 'main.js': direct }, true],
  ['no main is index.js', undefined, { 'index.js': direct }, true],
  ['main without its ending', './build/main', { 'build/main.js': direct }, true],
  [
    'through the generated module, as tsc writes it',
    'build/main.js',
    {
      'build/main.js': 'import { engine } from "./backends.gen.js";',
      'build/backends.gen.js': "import { createBackend } from 'electron-pyinstaller/runtime';",
    },
    true,
  ],
  [
    'through folders, without endings, in circles',
    'main.cjs',
    {
      'main.cjs': 'require("./lib"); require("./missing"); require("./data.json")',
      'lib/index.js': "require('./b'); require('../main.cjs')",
      'lib/b.js': "export * from '../ünï codé/c.mjs'",
      'ünï codé/c.mjs': "await import('electron-pyinstaller/runtime')",
    },
    true,
  ],
  ['another entry only', 'main.js', { 'main.js': "require('electron-pyinstaller/diagnose')" }, true],
  [
    'bundled: only comments of the bundler name it',
    'main.js',
    { 'main.js': '// node_modules/electron-pyinstaller/dist/runtime/index.js\nvar x = require("electron");' },
    false,
  ],
  [
    'of another app above',
    'main.js',
    { 'main.js': "require('../other/main.js'); require('electron-pyinstaller/forge')" },
    false,
  ],
  ['a main that is not there', 'main.js', {}, false],
])('%s', async (_title, main, files, expected) => {
  const root = await temporaryFolder();
  await writeFiles({ 'other/main.js': direct }, root);
  const app = path.join(root, 'app');
  await writeFiles({ 'package.json': '{}', ...files }, app);
  expect(await importsRuntime(app, main)).toBe(expected);
});

test('every way to write an import is seen, in any text around it', () => {
  const name = fc.stringMatching(/^[@./a-z][\w./@-]{0,20}$/);
  const forms = [
    (to: string) => `import x from '${to}'`,
    (to: string) => `import"${to}"`,
    (to: string) => `import{a as b}from"${to}"`,
    (to: string) => `export * from '${to}'`,
    (to: string) => `await import( \`${to}\` )`,
    (to: string) => `const x = require ("${to}")`,
    (to: string) => `a=require('${to}')`,
  ];
  const noise = fc.constantFrom('', '\n', '/* x */ ', 'const from = 1;\n', '"use strict";');
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, fc.constantFrom(...forms), name)), (parts) => {
      const text = parts.map(([before, form, to]) => `${before}${form(to)};\n`).join('');
      expect(importsOf(text)).toEqual(parts.map(([, , to]) => to));
    }),
  );
});
