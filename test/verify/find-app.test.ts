import { createPackage, createPackageWithOptions } from '@electron/asar';
import * as fc from 'fast-check';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFromAsar } from '../../src/verify/asar.js';
import { findPackagedApp } from '../../src/verify/find-app.js';
import { temporaryFolder, writeFiles } from '../support/files.js';

const manifest = '{"version":1,"backends":{}}';
const appFiles = { 'package.json': '{}', 'main.js': '', 'electron-pyinstaller.json': manifest };

async function asar(file: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await writeFiles(files);
  await mkdir(path.dirname(file), { recursive: true });
  await createPackage(folder, file);
  return file;
}

describe('readFromAsar', () => {
  it('reads any file of any archive', async () => {
    const name = fc.stringMatching(/^[a-zä ]{1,8}$/u).filter((text) => text.trim() === text);
    const place = fc.tuple(name, name).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(place, fc.uint8Array({ maxLength: 300 }), { maxKeys: 6 }),
        async (files) => {
          const archive = await asar(path.join(await temporaryFolder(), 'app.asar'), {
            'package.json': '{}',
            ...files,
          });
          for (const [file, content] of Object.entries(files)) {
            expect(await readFromAsar(archive, file)).toEqual(Buffer.from(content));
          }
          expect(await readFromAsar(archive, 'not/there')).toBeNull();
          expect(await readFromAsar(archive, '__proto__')).toBeNull();
        },
      ),
      { numRuns: 20 },
    );
  });

  it('reads files that were left outside the archive', async () => {
    const folder = await writeFiles({ 'package.json': '{}', 'a/native.node': 'binary' });
    const archive = path.join(await temporaryFolder(), 'app.asar');
    await createPackageWithOptions(folder, archive, { unpack: '*.node' });
    expect((await readFromAsar(archive, 'a/native.node'))?.toString()).toBe('binary');
  });

  it('fails with a sentence on damaged archives', async () => {
    const archive = await asar(path.join(await temporaryFolder(), 'app.asar'), appFiles);
    const bytes = await readFile(archive);
    for (const damaged of [
      bytes.subarray(0, 10),
      bytes.subarray(0, 40),
      Buffer.alloc(200, 'x'),
      Buffer.concat([bytes.subarray(0, 16), Buffer.alloc(300, 'x')]),
    ]) {
      await writeFile(archive, damaged);
      await expect(readFromAsar(archive, 'main.js')).rejects.toMatchObject({ code: 'ERR_DAMAGED_FILE' });
    }
  });
});

describe('findPackagedApp', () => {
  it('finds an app made by Forge or electron-builder for Linux and Windows', async () => {
    const folder = await temporaryFolder();
    await asar(path.join(folder, 'App-linux-x64/resources/app.asar'), appFiles);
    await writeFile(path.join(folder, 'App-linux-x64/app'), '');
    const expected = {
      resources: path.join(folder, 'App-linux-x64/resources'),
      manifest: JSON.parse(manifest),
    };
    expect(await findPackagedApp(path.join(folder, 'App-linux-x64'))).toMatchObject(expected);
    expect(await findPackagedApp(path.join(folder, 'App-linux-x64/app'))).toMatchObject(expected);
    expect(await findPackagedApp(path.join(folder, 'App-linux-x64/resources'))).toMatchObject(expected);
    expect(await findPackagedApp(path.join(folder, 'App-linux-x64/resources/app.asar'))).toMatchObject(
      expected,
    );
    expect(await findPackagedApp(folder)).toMatchObject(expected);
  });

  it('finds an app without asar', async () => {
    const folder = await writeFiles(
      Object.fromEntries(
        Object.entries(appFiles).map(([name, text]) => [`dist/resources/app/${name}`, text]),
      ),
    );
    expect(await findPackagedApp(path.join(folder, 'dist'))).toMatchObject({
      manifestFile: path.join(folder, 'dist/resources/app/electron-pyinstaller.json'),
    });
  });

  it('finds a macOS app, also by the folder around it, and one merged from two architectures', async () => {
    const folder = await temporaryFolder();
    const resources = path.join(folder, 'My App.app/Contents/Resources');
    await asar(path.join(resources, 'app.asar'), { 'package.json': '{}', 'index.js': '' });
    await asar(path.join(resources, 'app-x64.asar'), appFiles);
    expect(await findPackagedApp(path.join(folder, 'My App.app'))).toMatchObject({ resources });
    expect((await findPackagedApp(folder)).manifestFile).toBe(
      path.join(resources, 'app-x64.asar/electron-pyinstaller.json'),
    );
  });

  it('says which of several apps to choose', async () => {
    const folder = await temporaryFolder();
    for (const name of ['a', 'b']) await asar(path.join(folder, name, 'resources/app.asar'), appFiles);
    await expect(findPackagedApp(folder)).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      hint: expect.stringMatching(/Give one of them: .*a.resources.*b.resources/),
    });
  });

  it('says what to do with an archive, a missing path, a folder without an app, an app without a manifest', async () => {
    const folder = await writeFiles({ 'App.AppImage': '', 'notes.txt': '' });
    await expect(findPackagedApp(path.join(folder, 'App.AppImage'))).rejects.toMatchObject({
      hint: expect.stringContaining('Unpack it first'),
    });
    await expect(findPackagedApp(path.join(folder, 'gone'))).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
    await expect(findPackagedApp(folder)).rejects.toThrow('has no resources folder');
    await asar(path.join(folder, 'x/resources/app.asar'), { 'package.json': '{}' });
    await expect(findPackagedApp(path.join(folder, 'x'))).rejects.toThrow('neither in app.asar nor in app/');
  });

  it('refuses a manifest of another version, and a broken one', async () => {
    const folder = await temporaryFolder();
    await asar(path.join(folder, 'a/resources/app.asar'), {
      ...appFiles,
      'electron-pyinstaller.json': '{"version":99}',
    });
    await expect(findPackagedApp(path.join(folder, 'a'))).rejects.toMatchObject({
      code: 'ERR_PLACE',
      message: expect.stringContaining('version 99'),
    });
    await asar(path.join(folder, 'b/resources/app.asar'), { ...appFiles, 'electron-pyinstaller.json': '{' });
    await expect(findPackagedApp(path.join(folder, 'b'))).rejects.toMatchObject({ code: 'ERR_PLACE' });
    await mkdir(path.join(folder, 'c/resources'), { recursive: true });
    await writeFile(path.join(folder, 'c/resources/app.asar'), 'not an archive at all');
    await expect(findPackagedApp(path.join(folder, 'c'))).rejects.toMatchObject({
      code: 'ERR_PLACE',
      message: expect.stringContaining('no asar archive'),
    });
  });
});
