import path from 'node:path';
import { expect, test } from 'vitest';
import { digestBundle, listBundle } from '../../../src/bundle/index.js';
import { signingList } from '../../../src/bundle/signing.js';
import { signIgnorePattern } from '../../../src/hosts/electron-builder/mac-options.js';
import { isSealedResource } from '../../../src/hosts/shared/mac-signing.js';
import { writeFiles } from '../../support/files.js';
import { macBundle } from '../../support/mac-bundle.js';
import { fatFile, javaClass, machFile } from '../../support/mach.js';
import { fakeFrozen } from './fakes.js';

const objects = fatFile([machFile()]);
objects.write('!<arch>\n', 16384, 'latin1');

test.each<[string, Buffer, boolean]>([
  ['a library', machFile(), false],
  ['one of 32 bits', machFile({ narrow: true }), false],
  ['a universal library', fatFile([machFile(), machFile({ arch: 'x64' })]), false],
  ['one with offsets of 64 bits', fatFile([machFile()], true), false],
  ['a Java class', javaClass(), true],
  ['a universal archive of object files', objects, true],
  ['a text', Buffer.from('hi'), true],
  ['three bytes', Buffer.from('cafeba', 'hex'), true],
])('%s is signed by itself unless it is sealed with the app', async (_title, bytes, isSealed) => {
  expect(isSealedResource(path.join(await writeFiles({ file: bytes }), 'file'))).toBe(isSealed);
});

test('each Mach-O file is signed exactly once, and nothing else, whoever signs', async () => {
  const folder = await macBundle();
  await writeFiles(
    { '_internal/wide.dylib': fatFile([machFile()], true), '_internal/objects.a': objects },
    folder,
  );
  const expected = [
    '_internal/Python.framework/Versions/3.13/Python',
    '_internal/a/_x.cpython-313-darwin.so',
    '_internal/wide.dylib',
    'engine',
  ];
  const listed = (await signingList(folder, 'darwin')).map((item) =>
    item.type === 'bundle' ? `${item.path}/Versions/3.13/Python` : item.path,
  );
  expect(listed.toSorted()).toEqual(expected);
  const entries = (await listBundle(folder)).filter(({ type }) => type !== 'directory');
  const forge = entries.filter(({ path: file }) => !isSealedResource(path.join(folder, file)));
  expect(forge.map((entry) => entry.path).toSorted()).toEqual(expected);
  const files = await digestBundle(folder, { executable: 'engine', platform: 'darwin' });
  const pattern = new RegExp(
    signIgnorePattern({ version: 1, backends: { engine: fakeFrozen('/bundle', files).manifest } }),
  );
  const builder = entries.filter(
    ({ type, path: file }) => type === 'file' && !pattern.test(`/A.app/Contents/Resources/engine/${file}`),
  );
  expect(builder.map((entry) => entry.path).toSorted()).toEqual(expected);
});
