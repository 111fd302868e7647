import path from 'node:path';
import { expect, test } from 'vitest';
import { contentsFolder } from '../../../src/bundle/archive/contents-folder.js';
import { writeFiles } from '../../support/files.js';
import { sampleProgram } from '../sample-program.js';

const program = (options: readonly string[]): Buffer =>
  sampleProgram(Buffer.alloc(100), { modules: {}, entries: {}, options: [...options] });

test.each([
  ['engine', ['pyi-contents-directory _internal'], '_internal'],
  ['engine', ['pyi-python-flag u', 'pyi-contents-directory inner'], 'inner'],
  ['engine', [], '.'],
  ['bin/engine.exe', ['pyi-contents-directory lib'], 'bin/lib'],
  [
    'Engine.app/Contents/MacOS/engine',
    ['pyi-contents-directory _internal'],
    'Engine.app/Contents/Frameworks',
  ],
])('%s with the options %j keeps its files in %s', async (executable, options, folder) => {
  const bundle = await writeFiles({ [executable]: program(options) });
  expect(await contentsFolder(bundle, executable)).toBe(folder);
});

test('of a program that cannot be read, the usual folder is assumed', async () => {
  const bundle = await writeFiles({ engine: 'x' });
  expect(await contentsFolder(bundle, 'engine')).toBe('_internal');
  expect(await contentsFolder(path.join(bundle, 'nowhere'), 'engine')).toBe('_internal');
});
