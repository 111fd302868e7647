import { createPackage } from '@electron/asar';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createManifest } from '../../src/freeze/index.js';
import { placeBackends, writeManifest } from '../../src/place/index.js';
import { verifyPackagedApp } from '../../src/verify/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { frozenBackend } from './frozen.js';

/** A backend that talks over its standard streams. */
const stdio = {
  'backend/talk.py': `
from electron_pyinstaller import handle, serve_requests

@handle("add")
def add(a, b):
    return a + b

def main():
    serve_requests()
`,
};

describe('verifyPackagedApp with real frozen backends', () => {
  it('finds the manifest in the asar, runs the backend from the resources, and notices damage', async () => {
    const frozen = await frozenBackend(stdio, { kind: 'stdio', entry: { call: 'talk:main' } });
    const resources = path.join(await temporaryFolder(), 'Mein App-linux-x64/resources');
    await placeBackends([frozen], resources);
    const app = await writeFiles({ 'package.json': '{}', 'main.js': '' });
    await writeManifest(app, createManifest([frozen]));
    await createPackage(app, path.join(resources, 'app.asar'));

    const verified = await verifyPackagedApp(path.dirname(resources));
    expect(verified).toMatchObject({ resources, results: [{ backend: 'engine', ran: true, warnings: [] }] });
    expect(verified.results[0]?.startupMs).toBeGreaterThan(10);

    const [library] = (await readdir(path.join(resources, 'engine/_internal'))).filter((name) =>
      /^libpython|^base_library/.test(name),
    );
    const victim = path.join(resources, 'engine/_internal', library ?? '');
    await writeFile(victim, 'damaged');
    await expect(verifyPackagedApp(path.dirname(resources))).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining(library ?? ''),
    });
    await rm(victim);
    await expect(verifyPackagedApp(path.dirname(resources))).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining('is missing'),
    });
    await rm(path.join(resources, 'engine/engine'));
    await expect(verifyPackagedApp(path.dirname(resources))).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining('The program engine is missing'),
    });
  });
});
