import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createPackage } from '@electron/asar';
import { describe, expect, it } from 'vitest';
import { checkBackend, findArtifacts } from '../../scripts/demo/unpack.ts';
import { temporaryFolder, writeFiles } from '../support/files.ts';

const files = [
  { type: 'file', path: 'engine', executable: true },
  { type: 'file', path: '_internal/libs/a.so', executable: false },
  { type: 'link', path: '_internal/a.so', target: 'libs/a.so' },
];

/** The resources of a packaged app with one backend. */
async function packagedResources(): Promise<string> {
  const resources = await writeFiles({ 'engine/engine': 'program', 'engine/_internal/libs/a.so': 'library' });
  await chmod(path.join(resources, 'engine/engine'), 0o755);
  await symlink('libs/a.so', path.join(resources, 'engine/_internal/a.so'));
  const manifest = {
    version: 1,
    backends: { engine: { program: { directories: { x64: 'engine' }, files: { x64: files } } } },
  };
  const app = await writeFiles({ 'electron-pyinstaller.json': JSON.stringify(manifest) });
  await createPackage(app, path.join(resources, 'app.asar'));
  return resources;
}

describe('the check of an unpacked backend', () => {
  it('counts files and links that are as the manifest says', async () => {
    expect(await checkBackend(await packagedResources())).toEqual({ files: 2, links: 1 });
  });

  it('refuses a link that became absolute', async () => {
    const resources = await packagedResources();
    const link = path.join(resources, 'engine/_internal/a.so');
    await rm(link);
    await symlink(path.join(resources, 'engine/_internal/libs/a.so'), link);
    await expect(checkBackend(resources)).rejects.toThrow(/should be a link to libs\/a\.so; it is \//);
  });

  it('refuses a link that became a file', async () => {
    const resources = await packagedResources();
    const link = path.join(resources, 'engine/_internal/a.so');
    await rm(link);
    await writeFile(link, 'library');
    await expect(checkBackend(resources)).rejects.toThrow(/should be a link to libs\/a\.so; it is no link/);
  });

  it('refuses a program that lost its executable bit', async () => {
    const resources = await packagedResources();
    await chmod(path.join(resources, 'engine/engine'), 0o644);
    await expect(checkBackend(resources)).rejects.toThrow(/its mode is 644/);
  });

  it('refuses an app in which a file is missing', async () => {
    const resources = await packagedResources();
    await rm(path.join(resources, 'engine/_internal/libs'), { recursive: true });
    await expect(checkBackend(resources)).rejects.toThrow(/a\.so is in the manifest but not in the app/);
  });

  it('refuses a manifest that stands outside of the app', async () => {
    const resources = await packagedResources();
    await writeFile(path.join(resources, 'electron-pyinstaller.json'), '{}');
    await expect(checkBackend(resources)).rejects.toThrow(/outside of the app/);
  });
});

describe('what a host made', () => {
  it('is found by kind; what lies in an unpacked app is not', async () => {
    const folder = await writeFiles({
      'zip/linux/x64/App 1.zip': 'zip!',
      'deb/x64/app.deb': 'deb',
      'linux-unpacked/resources/engine/base_library.zip': 'not this',
      'latest.yml': '',
    });
    const found = await findArtifacts(folder, ['zip', 'deb'], '/log');
    expect(found.map(({ kind, sizeBytes }) => [kind, sizeBytes])).toEqual([
      ['zip', 4],
      ['deb', 3],
    ]);
  });

  it('is missed by name when it is not there', async () => {
    const folder = path.join(await temporaryFolder(), 'out');
    await mkdir(folder);
    await expect(findArtifacts(folder, ['zip', 'deb'], '/log')).rejects.toThrow(/No zip and no deb was made/);
  });
});
