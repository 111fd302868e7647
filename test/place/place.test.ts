import { chmod, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { placeBackends, writeManifest } from '../../src/place/index.js';
import {
  manifestFileName,
  parseManifest,
  type BackendManifest,
  type Manifest,
} from '../../src/runtime/manifest.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { needsLinks, noModes, notOnWindows } from '../support/windows.js';

/** What placing reads of a frozen backend; the rest of the two large types does not matter here. */
function frozen(
  bundleDir: string,
  program: Partial<BackendManifest['program']>,
  name = 'engine',
): FrozenBackend {
  const manifest = {
    name,
    program: {
      type: 'frozen',
      mode: 'onedir',
      platform: 'linux',
      directories: { x64: name },
      executable: 'engine',
      files: {},
      ...program,
    },
  };
  const backend = { name, target: { platform: 'linux', arch: 'x64' } };
  return { bundleDir, manifest, backend } as unknown as FrozenBackend;
}

async function bundle(): Promise<string> {
  const folder = await writeFiles({ engine: 'program', '_internal/lib.so': 'lib' });
  await chmod(path.join(folder, 'engine'), 0o755);
  await symlink('_internal/lib.so', path.join(folder, 'link.so'));
  return folder;
}

describe('placeBackends', () => {
  it('is cancelled by its signal, and leaves nothing', async () => {
    const resources = await temporaryFolder();
    const placing = placeBackends([frozen(await bundle(), {})], resources, { signal: AbortSignal.abort() });
    await expect(placing).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect(await readdir(resources)).toEqual([]);
  });

  it('puts each backend into its folder under the resources and may be repeated', needsLinks, async () => {
    const resources = path.join(await temporaryFolder(), 'resources');
    const backends = [
      frozen(await bundle(), { directories: { x64: 'engine-x64' } }),
      frozen(await bundle(), {}, 'worker'),
    ];
    await placeBackends(backends, resources);
    const placed = await placeBackends(backends, resources);
    expect(placed).toEqual([
      {
        name: 'engine',
        arch: 'x64',
        directory: path.join(resources, 'engine-x64'),
        executable: path.join(resources, 'engine-x64/engine'),
        sizeBytes: 10,
        fileCount: 3,
      },
      expect.objectContaining({ name: 'worker', directory: path.join(resources, 'worker') }),
    ]);
    expect(await readFile(path.join(resources, 'worker/engine'), 'utf8')).toBe('program');
  });

  it('fails when the program did not arrive', async () => {
    const folder = await bundle();
    const missing = placeBackends([frozen(folder, { executable: 'other' })], await temporaryFolder());
    await expect(missing).rejects.toMatchObject({
      code: 'ERR_PLACE',
      message: expect.stringContaining('other is missing'),
    });
  });

  it('fails when the program is not executable', notOnWindows(noModes), async () => {
    const folder = await bundle();
    await chmod(path.join(folder, 'engine'), 0o644);
    await expect(placeBackends([frozen(folder, {})], await temporaryFolder())).rejects.toThrow(
      'the program engine is not executable (mode 644)',
    );
    await expect(
      placeBackends([frozen(folder, { platform: 'win32' })], await temporaryFolder()),
    ).resolves.toHaveLength(1);
  });

  it.each(['..', '.', 'a/b', 'a\\b', 'app', 'App.asar', 'C:x', ''])(
    'refuses the folder name %j',
    async (directory) => {
      const placing = placeBackends(
        [frozen(await bundle(), { directories: { x64: directory } })],
        await temporaryFolder(),
      );
      await expect(placing).rejects.toMatchObject({ code: 'ERR_PLACE', backend: 'engine' });
    },
  );

  it('refuses two backends in one folder, and an architecture the manifest does not have', async () => {
    const one = frozen(await bundle(), { directories: { x64: 'Shared' } });
    const two = frozen(await bundle(), { directories: { x64: 'shared' } }, 'worker');
    await expect(placeBackends([one, two], await temporaryFolder())).rejects.toThrow(
      'already that of engine',
    );
    const other = frozen(await bundle(), { directories: { arm64: 'engine' } });
    await expect(placeBackends([other], await temporaryFolder())).rejects.toThrow(
      'names only arm64 as the folder for x64',
    );
  });

  it('refuses a backend that runs from source', async () => {
    const placing = placeBackends(
      [frozen(await bundle(), { type: 'development' } as never)],
      await temporaryFolder(),
    );
    await expect(placing).rejects.toThrow('run from source');
  });
});

describe('writeManifest', () => {
  const manifest: Manifest = { version: 1, backends: {} };

  it('writes a manifest the runtime reads, and replaces an older one', async () => {
    const app = path.join(await temporaryFolder(), 'app');
    await writeManifest(app, { ...manifest, backends: { old: {} as BackendManifest } });
    const file = await writeManifest(app, manifest);
    expect(file).toBe(path.join(app, manifestFileName));
    expect(parseManifest(JSON.parse(await readFile(file, 'utf8')))).toEqual(manifest);
  });

  it('says what to do when it cannot be written', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'app'), '');
    await expect(writeManifest(path.join(folder, 'app'), manifest)).rejects.toMatchObject({
      code: 'ERR_PLACE',
      message: expect.stringContaining('Writing the manifest'),
    });
  });
});
