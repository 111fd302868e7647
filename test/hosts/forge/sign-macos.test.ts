import path from 'node:path';
import { expect, test } from 'vitest';
import { composeOsxSign, signingWarnings } from '../../../src/hosts/forge/sign-macos.js';
import { fakeBackend, fakeConfig } from '../shared/fakes.js';
import { writeFiles } from '../../support/files.js';

const config = fakeConfig('/project', [
  fakeBackend({ name: 'engine' }),
  fakeBackend({
    name: 'jobs',
    pyinstaller: { ...fakeBackend().pyinstaller, mode: 'onefile' },
  }),
  fakeBackend({
    name: 'custom',
    pyinstaller: { ...fakeBackend().pyinstaller, entitlements: '/project/python.plist' },
  }),
]);
const inside = (file: string) => `/out/App.app/Contents/Resources/${file}`;

test("files of a backend get the entitlements of Python, the app's own files what the app says", () => {
  const asked: string[] = [];
  const { optionsForFile } = composeOsxSign(
    {
      optionsForFile: (file) => {
        asked.push(file);
        return { entitlements: 'app.plist', hardenedRuntime: true };
      },
    },
    config,
  );
  const camera = optionsForFile?.(inside('engine/engine'));
  expect(camera?.entitlements).toContain('com.apple.security.cs.allow-unsigned-executable-memory');
  expect(camera?.entitlements).not.toContain('com.apple.security.cs.disable-library-validation');
  expect(camera?.['hardenedRuntime']).toBe(true);
  expect(optionsForFile?.(inside('engine-arm64/engine'))?.entitlements).toEqual(camera?.entitlements);
  expect(optionsForFile?.(inside('jobs/jobs'))?.entitlements).toContain(
    'com.apple.security.cs.disable-library-validation',
  );
  expect(optionsForFile?.(inside('custom/custom'))?.entitlements).toBe('/project/python.plist');
  expect(optionsForFile?.('/out/App.app/Contents/MacOS/App')?.entitlements).toBe('app.plist');
  expect(asked).toContain('/out/App.app/Contents/MacOS/App');
});

test('composing twice is composing once, and the given object is not changed', () => {
  const given = { identity: 'me' };
  const once = composeOsxSign(given, config);
  expect(composeOsxSign(once, config)).toBe(once);
  expect(given).toEqual({ identity: 'me' });
  expect(once['identity']).toBe('me');
  expect(composeOsxSign(true, config).optionsForFile?.('/out/App.app/Contents/MacOS/App')).toEqual({});
});

test('inside a backend only Mach-O files and folders are signed; rules of the app hold everywhere', async () => {
  const root = await writeFiles({
    'App.app/Contents/Resources/engine/engine': Buffer.from('cffaedfe0c000001', 'hex'),
    'App.app/Contents/Resources/engine/_internal/fat.so': Buffer.from('cafebabe00000002', 'hex'),
    'App.app/Contents/Resources/engine/_internal/x.pyc': Buffer.from('a70d0d0a00', 'hex'),
    'App.app/Contents/Resources/engine/_internal/empty': '',
    'App.app/Contents/Resources/other/x.pyc': Buffer.from('a70d0d0a00', 'hex'),
  });
  const at = (file: string) => path.join(root, 'App.app/Contents/Resources', file);
  for (const userIgnore of ['\\.keep$', /\.keep$/, (file: string) => file.endsWith('.keep'), [/\.keep$/]]) {
    const { ignore } = composeOsxSign({ ignore: userIgnore }, config);
    if (typeof ignore !== 'function') throw new Error('one function was expected');
    expect(ignore(at('engine/engine'))).toBe(false);
    expect(ignore(at('engine/_internal/fat.so'))).toBe(false);
    expect(ignore(at('engine/_internal'))).toBe(false);
    expect(ignore(at('engine/_internal/x.pyc'))).toBe(true);
    expect(ignore(at('engine/_internal/empty'))).toBe(true);
    expect(ignore(at('other/x.pyc'))).toBe(false);
    expect(ignore(at('other/x.keep'))).toBe(true);
  }
});

test.each([
  [undefined, 'darwin', 0],
  [{}, 'linux', 0],
  [{ continueOnError: false }, 'darwin', 0],
  [{}, 'darwin', 1],
  [true, 'mas', 1],
])('osxSign %j on %s gives %d warnings', (osxSign, platform, count) => {
  expect(signingWarnings(osxSign, platform)).toHaveLength(count);
});
