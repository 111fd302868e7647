import { execFile } from 'node:child_process';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { checkArtifact } from '../../../src/hosts/shared/check-artifact.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { onlyOnLinux } from '../../support/windows.js';

const run = promisify(execFile);

/** As makensis writes it: a stub, the mark at a multiple of 512, how long everything after it is, data, a signature. */
function nsis(dataBytes: number, length = 28 + dataBytes): Buffer {
  const header = Buffer.alloc(28);
  Buffer.from('efbeadde4e756c6c736f6674496e7374', 'hex').copy(header, 4);
  header.writeInt32LE(100, 20);
  header.writeInt32LE(length, 24);
  return Buffer.concat([Buffer.alloc(2048, 'MZ'), header, Buffer.alloc(dataBytes, 'x')]);
}

/** NSISBI, for more than 2 GB: flags of its own, and data in a file beside it. */
function nsisbi(): Buffer {
  const installer = nsis(10, -2_000_000_000);
  installer.writeUInt32LE(0x50, 2048);
  return installer;
}

const looked = async (name: string, content: Uint8Array | string): Promise<void> => {
  const folder = await writeFiles({ [name]: content });
  await checkArtifact(path.join(folder, name));
};

test.each([
  ['Setup.exe', nsis(5000)],
  ['signed.exe', Buffer.concat([nsis(5000), Buffer.alloc(900)])],
  ['nsisbi.exe', nsisbi()],
  ['program.exe', Buffer.from('MZ no installer')],
  ['app.AppImage', 'anything'],
])('%s is whole', async (name, content) => {
  await expect(looked(name, content)).resolves.toBeUndefined();
});

test.each([
  ['empty.AppImage', '', 'it is empty'],
  ['cut.exe', nsis(5000).subarray(0, 4000), 'of its data are missing'],
  ['large.exe', nsis(10, -2_000_000_000), 'there was more than 2 GB'],
  ['text.deb', 'no archive at all', 'it is no Debian package'],
  ['cut.zip', 'PK\x03\x04 and no end', 'the list of its files is missing'],
])('%s fails the build', async (name, content, seen) => {
  await expect(looked(name, content)).rejects.toMatchObject({
    code: 'ERR_PLACE',
    message: expect.stringContaining(seen) as string,
    hint: expect.stringContaining('docs/installers.md') as string,
  });
});

test('what was never written fails the build, and a folder is no installer', async () => {
  const folder = await temporaryFolder();
  await expect(checkArtifact(path.join(folder, 'gone.exe'))).rejects.toMatchObject({
    message: expect.stringContaining('does not exist') as string,
  });
  await expect(checkArtifact(folder)).resolves.toBeUndefined();
});

test(
  'a real package of Debian is whole, and cut short it is not',
  onlyOnLinux('dpkg-deb makes the package'),
  async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'DEBIAN'));
    await writeFile(
      path.join(folder, 'DEBIAN/control'),
      'Package: engine\nVersion: 1\nArchitecture: all\nMaintainer: Ada <ada@example.org>\nDescription: x\n',
    );
    await writeFile(
      path.join(folder, 'data.bin'),
      await readFile(process.execPath).then((all) => all.subarray(0, 50_001)),
    );
    const file = path.join(await temporaryFolder(), 'engine.deb');
    await run('dpkg-deb', ['--build', folder, file]);
    await expect(checkArtifact(file)).resolves.toBeUndefined();
    await truncate(file, 20_000);
    await expect(checkArtifact(file)).rejects.toMatchObject({
      message: expect.stringContaining('cut short') as string,
    });
  },
);
