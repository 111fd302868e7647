import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FrozenBackend } from '../../../src/bundle/frozen.js';
import type { Audit } from '../../../src/freeze/driver/records.js';
import { freezeBackend, type FreezeOptions } from '../../../src/freeze/index.js';
import { interpretersOf } from '../../../src/python/find/path-search.js';
import { probeMarker } from '../../../src/python/find/probe.js';
import { goodProbe, script } from '../../python/fake-python.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { makeBackend } from './project.js';

/** A project whose Python is a stand-in, so that a whole freeze takes a moment; see fake-python.mjs. */
export interface World {
  readonly projectDir: string;
  readonly cacheDir: string;
  readonly fake: string;
  config: Readonly<Record<string, unknown>>;
}

const base = { entry: { call: 'main:run' }, kind: 'job', python: { env: 'venv' } };

const emptyAudit: Omit<Audit, 'laid' | 'files' | 'programs'> = {
  modules: [],
  missing: [],
  code: [],
  origins: [],
  firstParty: [],
  program: [],
  loads: [],
  warnings: [],
  interpreter: [],
  namedFiles: [],
  suggestions: {},
  hookSettings: [],
  idleExclusions: [],
  unused: [],
  builtFor: {},
};

/** A project with data of all kinds. */
export async function makeWorld(): Promise<World> {
  const projectDir = await writeFiles({
    'backend/main.py': 'run = None\n',
    'backend/pkg/__init__.py': '',
    'backend/pkg/words.txt': 'one',
    'assets/a.json': '{}',
    'assets/deep/b.bin': 'b',
    'more/c.txt': 'c',
    'venv/pyvenv.cfg': '',
    'venv/site-packages/pyinstaller-6.dist-info/METADATA': 'Name: pyinstaller\nVersion: 6.22.3\n',
  });
  const fake = path.join(projectDir, 'fake');
  await writeFiles(
    {
      'fake-python.mjs': await readFile(path.join(import.meta.dirname, 'fake-python.mjs')),
      'empty-audit.json': JSON.stringify(emptyAudit),
    },
    fake,
  );
  const prefix = path.join(projectDir, 'venv');
  const executable = interpretersOf(prefix, process.platform)[0] ?? '';
  const sitePackages = [path.join(prefix, 'site-packages')];
  const answer = { ...goodProbe, executable, baseExecutable: executable, prefix, sitePackages };
  const standIn = pathToFileURL(path.join(fake, 'fake-python.mjs')).href;
  await script(
    executable,
    `const [driver, job] = process.argv.slice(5);
if (/[\\\\/]driver\\.py$/.test(driver)) { process.argv.splice(1, 5, ${JSON.stringify(path.join(fake, 'fake-python.mjs'))}); import(${JSON.stringify(standIn)}); }
else console.log(${JSON.stringify(probeMarker + JSON.stringify(answer))});`,
  );
  return { projectDir, cacheDir: await temporaryFolder(), fake, config: { ...base, data: ['assets'] } };
}

/** What a build did. */
export interface Built {
  readonly frozen: FrozenBackend;
  /** PyInstaller ran. */
  readonly froze: boolean;
  /** The checks ran. */
  readonly checked: boolean;
}

/** Build as the command line does it. */
export async function build(
  world: World,
  cacheDir = world.cacheDir,
  options: Partial<FreezeOptions> = {},
): Promise<Built> {
  const log = path.join(world.fake, 'freezes.log');
  await rm(log, { force: true });
  const backend = await makeBackend({}, world.config, world.projectDir);
  let checked = false;
  const frozen = await freezeBackend(backend, {
    cacheDir,
    verify: () => {
      checked = true;
      return Promise.resolve({ startupMs: 1, warnings: [] });
    },
    ...options,
  });
  const froze = (await readFile(log, 'utf8').catch(() => '')) !== '';
  return { frozen, froze, checked };
}
