import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { provisionEnvironment } from '../../../src/python/index.js';
import { temporaryFolder } from '../../support/files.js';
import { testCacheDir } from '../../support/paths.js';
import { startFreeze } from './child.js';
import { makeBackend } from './project.js';

const files = { 'backend/hello.py': 'print("hello")\n' };
const job = { kind: 'job', entry: 'backend/hello.py' };

/** A project that uses an environment that is there already, and a cache of its own. */
export async function ownProject(
  extra: Readonly<Record<string, string>> = {},
  config: Readonly<Record<string, unknown>> = job,
): Promise<{ readonly projectDir: string; readonly cacheDir: string }> {
  const { interpreter } = await provisionEnvironment(await makeBackend(files, job), {
    cacheDir: testCacheDir,
  });
  const env = path.dirname(path.dirname(interpreter));
  const { projectDir } = await makeBackend({ ...files, ...extra }, { ...config, python: { env } });
  return { projectDir, cacheDir: await temporaryFolder() };
}

/** Analyses like any spec and writes down what was found, with the files PyInstaller made beside it. */
const recording = `
import os, pickle, shutil
from PyInstaller.config import CONF
a = Analysis(['backend/hello.py'])
found = os.path.join(SPECPATH, 'found')
shutil.copytree(CONF['workpath'], found, dirs_exist_ok=True)
kept = lambda toc: [(n, s.replace(CONF['workpath'], found) if s else s, t) for n, s, t in toc]
with open(os.path.join(SPECPATH, 'found.pickle'), 'wb') as file:
    pickle.dump([kept(toc) for toc in (a.pure, a.scripts, a.binaries, a.datas)], file)
pyz = PYZ(a.pure)
exe = EXE(pyz, a.scripts, exclude_binaries=True, name='engine')
coll = COLLECT(exe, a.binaries, a.datas, name='engine')
`;

/** Takes what was found before: PyInstaller does everything but the analysis, which takes most of the time. */
const replaying = `
import os, pickle
with open(os.path.join(SPECPATH, 'found.pickle'), 'rb') as file:
    pure, scripts, binaries, datas = pickle.load(file)
# What hello.py needs is in base_library.zip; hooks at start need more, and compiling that takes seconds.
scripts = [script for script in scripts if not script[0].startswith('pyi_rth_')]
pyz = PYZ([])
exe = EXE(pyz, scripts, exclude_binaries=True, name='engine')
coll = COLLECT(exe, binaries, datas, name='engine')
`;

/** A project whose build runs through every step with the real PyInstaller in a few seconds. */
export async function quickProject(): ReturnType<typeof ownProject> {
  const spec = { kind: 'job', pyinstaller: { spec: 'quick.spec' } };
  const { projectDir } = await ownProject({ 'quick.spec': recording }, spec);
  const recorded = await startFreeze(projectDir, await temporaryFolder());
  const result = await recorded.end();
  if (result?.['bundleDir'] === undefined) throw new Error(`recording failed: ${JSON.stringify(result)}`);
  await writeFile(path.join(projectDir, 'quick.spec'), replaying);
  return { projectDir, cacheDir: await temporaryFolder() };
}
