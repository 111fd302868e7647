import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestBundle } from '../../../src/bundle/index.js';
import { writeRecord } from '../../../src/freeze/prebuilt/record.js';
import type { ManifestFile } from '../../../src/runtime/manifest.js';
import { writeFiles } from '../../support/files.js';
import { extension, macBundle, signed, version } from '../../support/mac-bundle.js';
import { fatFile, machFile, signMach } from '../../support/mach.js';
import { freeze, makeBackend } from '../support/project.js';
import { needsLinks } from '../../support/windows.js';

/** A bundle with the record that its build wrote. */
async function recorded(change = (file: ManifestFile): ManifestFile => file): Promise<string> {
  const folder = await macBundle();
  const files = await digestBundle(folder, { executable: 'engine', platform: 'darwin' });
  await writeRecord(folder, {
    version: 1,
    name: 'engine',
    target: 'darwin-arm64',
    key: 'k',
    mode: 'onedir',
    executable: 'engine',
    companion: 'none',
    versions: { python: '3.13.5', pyinstaller: '6.22.3', package: '0' },
    files: files.map(change),
  });
  return folder;
}

async function take(folder: string) {
  const backend = await makeBackend(
    { 'backend/main.py': '' },
    { kind: 'job', entry: 'backend/main.py', prebuilt: { 'darwin-arm64': folder } },
  );
  return (await freeze({ ...backend, target: { platform: 'darwin', arch: 'arm64' }, prebuilt: folder }))
    .frozen;
}

/** Sign everything as `codesign` does. */
async function sign(folder: string): Promise<void> {
  const put = (file: string, bytes: Buffer) => writeFile(path.join(folder, file), bytes);
  const halves = [signMach(signed('library'), { size: 5000 }), signMach(machFile({ arch: 'x64' }))];
  await put(`${version}/Python`, fatFile(halves));
  await put(extension, signMach(signed('library')));
  await writeFiles({ [`${version}/_CodeSignature/CodeResources`]: '<plist/>' }, folder);
}

describe('a bundle for macOS from another machine', () => {
  test('is accepted after it was signed there, with its frameworks', needsLinks, async () => {
    const folder = await recorded();
    await sign(folder);
    const { manifest } = await take(folder);
    const files = manifest.program.type === 'frozen' ? (manifest.program.files['arm64'] ?? []) : [];
    const seal = files.find((file) => file.path === `${version}/_CodeSignature/CodeResources`);
    expect(seal).toMatchObject({ algorithm: 'sealed' });
  });

  test(
    'is accepted with the record of an earlier version, which left Mach-O files out',
    needsLinks,
    async () => {
      const folder = await recorded((file) => {
        if (file.type === 'link' || file.path.endsWith('base_library.zip')) return file;
        if (file.algorithm === 'sealed') return { ...file, algorithm: 'sha256', digest: 'of all bytes' };
        return file.algorithm === 'mach-o-sha256' || file.path.endsWith('.class')
          ? { ...file, algorithm: 'mach-o', digest: 'of all bytes' }
          : file;
      });
      await sign(folder);
      expect((await take(folder)).manifest.program.type).toBe('frozen');
    },
  );

  test.each([
    [extension, signMach(machFile({ content: Buffer.from('other') }), { kind: 'adhoc' })],
    [`${version}/Python`, signed('library')],
    [`${version}/Resources/Info.plist`, Buffer.from('<plist><dict/></plist>')],
  ])('is refused when %s was changed', async (file, bytes) => {
    const folder = await recorded();
    await writeFile(path.join(folder, file), bytes);
    await expect(take(folder)).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining(`${file} was changed`) as string,
    });
  });

  test('is judged by what is in it when it has no record', needsLinks, async () => {
    const folder = await macBundle();
    expect((await take(folder)).manifest.program.type).toBe('frozen');
    await rm(path.join(folder, version, 'Resources/Info.plist'));
    await expect(take(folder)).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining('Info.plist is missing') as string,
    });
  });
});
