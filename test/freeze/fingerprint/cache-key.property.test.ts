import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { compareInputs, describeChanges } from '../../../src/freeze/fingerprint/changes.js';
import { prepare } from '../../../src/freeze/prepare.js';
import { interpretersOf } from '../../../src/python/find/path-search.js';
import { fakePython } from '../../python/fake-python.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { makeProject } from '../support/project.js';
import { patience } from '../../support/windows.js';

/** A project with an environment of its own, in which everything a bundle depends on can be changed. */
interface World {
  readonly projectDir: string;
  readonly venv: string;
  readonly cacheDir: string;
  /** The backend's part of the configuration; changed in place. */
  readonly config: Record<string, unknown> & { pyinstaller: Record<string, unknown> };
  /** Of the build. */
  readonly env: Record<string, string>;
  answer: { version: [number, number, number]; soabi: string };
  /** Another text with every call. */
  next(): string;
}

interface Change {
  readonly name: string;
  /** How the input is called in explanations; null: it does not matter. */
  readonly named: RegExp | null;
  readonly apply: (world: World) => Promise<unknown>;
}

const file =
  (name: string, before = '# ', after = '\n') =>
  async (world: World): Promise<void> => {
    await writeFiles({ [name]: before + world.next() + after }, world.projectDir);
  };

const distribution = async (world: World, name: string, version: string, record: string): Promise<void> => {
  const folder = path.join(world.venv, 'site-packages', `${name}-0.dist-info`);
  await writeFiles(
    { METADATA: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`, RECORD: record },
    folder,
  );
};

const writePython = (world: World): Promise<string> => {
  const executable = interpretersOf(world.venv, process.platform)[0] ?? '';
  return fakePython(executable, {
    ...world.answer,
    prefix: world.venv,
    baseExecutable: executable,
    sharedLibrary: path.join(world.venv, 'libpython.so'),
    sitePackages: [path.join(world.venv, 'site-packages')],
  });
};

const options: Readonly<Record<string, (world: World) => unknown>> = {
  debug: (world) => world.config.pyinstaller['debug'] !== true,
  strip: (world) => world.config.pyinstaller['strip'] !== true,
  name: (world) => `engine${world.next()}`,
  contentsDirectory: (world) => `inner${world.next()}`,
  pythonOptions: (world) => [`W ignore::UserWarning:m${world.next()}`],
  moduleCollectionMode: (world) => ({ [`m${world.next()}`]: 'py' }),
};

const lists = ['hiddenImports', 'excludes'] as const;

const mattering: readonly Change[] = [
  { name: 'a byte of a source', named: /^source backend\/main\.py$/, apply: file('backend/main.py') },
  { name: 'a new module', named: /^source backend\/new/, apply: (w) => file(`backend/new${w.next()}.py`)(w) },
  {
    name: 'a renamed module',
    named: /^source backend\/moved/,
    async apply(world) {
      const from = `backend/old${world.next()}.py`;
      await file(from)(world);
      await rename(
        path.join(world.projectDir, from),
        path.join(world.projectDir, from.replace('old', 'moved')),
      );
    },
  },
  { name: 'an extension module', named: /^source backend\/fast\.so$/, apply: file('backend/fast.so') },
  { name: 'a data file', named: /^data config\/a\.json$/, apply: file('assets/a.json') },
  { name: 'a new data file', named: /^data config\/n/, apply: (w) => file(`assets/n${w.next()}.json`)(w) },
  {
    name: 'a hook',
    named: /^hook hooks\/hook-x\.py$/,
    apply: file('hooks/hook-x.py', "import os\nos.environ['CHANNEL']\n# "),
  },
  { name: 'a runtime hook', named: /^runtime hook rthook\.py$/, apply: file('rthook.py') },
  {
    name: 'the version of a package',
    named: /^package fastapi$/,
    apply: (w) => distribution(w, 'fastapi', `0.${w.next()}`, 'fastapi/__init__.py,sha256=a,1\n'),
  },
  {
    name: 'the files of a package under the same version',
    named: /^package numpy$/,
    apply: (w) => distribution(w, 'numpy', '2.4.0', `numpy/__init__.py,sha256=${w.next()},1\n`),
  },
  {
    name: 'a package more',
    named: /^package extra/,
    apply: (w) => distribution(w, `extra${w.next()}`, '1', ''),
  },
  {
    name: 'the source tree of an editable package',
    named: /^package edited$/,
    apply: (w) => writeFiles({ 'edited.py': `# ${w.next()}` }, path.join(w.projectDir, 'libs/edited')),
  },
  {
    name: 'the hooks package',
    named: /^(?:package )?pyinstaller-hooks-contrib$/,
    apply: (w) => distribution(w, 'pyinstaller-hooks-contrib', `2026.${w.next()}`, ''),
  },
  {
    name: 'the version of the interpreter',
    named: /^interpreter$/,
    async apply(world) {
      world.answer = { ...world.answer, version: [3, 12, Number(world.next())] };
      await writePython(world);
    },
  },
  {
    name: 'the library of the interpreter, at the same path and version',
    named: /^interpreter$/,
    apply: (w) => writeFile(path.join(w.venv, 'libpython.so'), w.next()),
  },
  ...Object.entries(options).map(([key, value]): Change => ({
    name: `the option ${key}`,
    // `strip` brings a tool with it.
    named: new RegExp(`^setting pyinstaller\\.${key}$|^tool ${key}$`),
    apply: (w) => Promise.resolve((w.config.pyinstaller[key] = value(w))),
  })),
  ...lists.map((key): Change => ({
    name: key,
    named: new RegExp(`^setting ${key}$`),
    apply: (w) =>
      Promise.resolve(
        (w.config[key] = [{ name: `m${w.next()}`, optional: true }].map((entry) =>
          key === 'excludes' ? entry.name : entry,
        )),
      ),
  })),
  {
    name: 'a variable of the linker',
    named: /^variable LD_LIBRARY_PATH$/,
    apply: (w) => Promise.resolve((w.env['LD_LIBRARY_PATH'] = `/opt/${w.next()}`)),
  },
  {
    name: 'a variable that a hook reads',
    named: /^variable CHANNEL$/,
    apply: (w) => Promise.resolve((w.env['CHANNEL'] = w.next())),
  },
];

const touch = (name: string) => (world: World) =>
  utimes(path.join(world.projectDir, name), new Date(), new Date(Date.now() - Number(world.next()) * 60_000));

const neutral: readonly Change[] = [
  { name: 'the time of a source', named: null, apply: touch('backend/main.py') },
  { name: 'the time of a data file', named: null, apply: touch('assets/a.json') },
  {
    name: 'the same content written again',
    named: null,
    apply: async (w) => {
      const main = path.join(w.projectDir, 'backend/main.py');
      const text = await readFile(main);
      await rm(main);
      await writeFile(main, text);
    },
  },
  {
    name: '__pycache__',
    named: null,
    apply: (w) => file(`backend/__pycache__/x${w.next()}.cpython-312.pyc`)(w),
  },
  { name: 'a file of git', named: null, apply: (w) => file(`backend/.git/objects/${w.next()}`)(w) },
  { name: 'node_modules', named: null, apply: (w) => file(`backend/node_modules/x/y${w.next()}.py`)(w) },
  { name: 'the frontend', named: null, apply: (w) => file(`frontend/x${w.next()}.py`)(w) },
  { name: 'the readme', named: null, apply: file('README.md') },
  {
    name: 'byte code inside of a package',
    named: null,
    apply: (w) =>
      distribution(
        w,
        'stable',
        '1',
        `stable/__init__.py,sha256=a,1\nstable/__pycache__/x${w.next()}.pyc,,\n`,
      ),
  },
  {
    name: 'an unrelated variable',
    named: null,
    apply: (w) => Promise.resolve((w.env[`UNRELATED_${w.next()}`] = 'x')),
  },
  {
    name: 'a setting of the runtime',
    named: null,
    apply: (w) => Promise.resolve((w.config['run'] = { args: [`--x=${w.next()}`] })),
  },
  {
    name: 'a setting of the checks',
    named: null,
    apply: (w) => Promise.resolve((w.config['verify'] = { startWithinMs: 1000 + Number(w.next()) })),
  },
  {
    name: 'the folder the build is started in',
    named: null,
    apply: (w) => {
      const folder = path.join(w.projectDir, `cwd${w.next()}`);
      vi.spyOn(process, 'cwd').mockReturnValue(folder);
      return mkdir(folder);
    },
  },
];

async function makeWorld(): Promise<World> {
  const projectDir = await temporaryFolder();
  let count = 0;
  const world: World = {
    projectDir,
    venv: path.join(projectDir, 'venv'),
    cacheDir: await temporaryFolder(),
    config: {
      source: 'backend',
      entry: { asgi: 'main:app' },
      python: { env: 'venv' },
      data: [{ from: 'assets/*.json', to: 'config' }],
      pyinstaller: { hooks: ['hooks'], runtimeHooks: ['rthook.py'] },
    },
    env: { PATH: process.env['PATH'] ?? '' },
    answer: { version: [3, 12, 1], soabi: 'cpython-312' },
    next: () => String((count += 1)),
  };
  await writePython(world);
  await writeFiles(
    {
      'pyvenv.cfg': '',
      'libpython.so': 'x',
      'site-packages/edited-1.dist-info/METADATA': 'Name: edited\nVersion: 1\n',
      'site-packages/edited-1.dist-info/direct_url.json': JSON.stringify({
        url: pathToFileURL(path.join(projectDir, 'libs/edited')).href,
        dir_info: { editable: true },
      }),
    },
    world.venv,
  );
  for (const [name, version] of [
    ['pyinstaller', '6.22.3'],
    // Not one of the versions that a change can give it: those count up.
    ['pyinstaller-hooks-contrib', '2026.0'],
    ['fastapi', '0.1'],
    ['numpy', '2.4.0'],
    ['stable', '1'],
  ] as const) {
    await distribution(world, name, version, name === 'stable' ? 'stable/__init__.py,sha256=a,1\n' : '');
  }
  for (const name of [
    'backend/main.py',
    'backend/fast.so',
    'hooks/hook-x.py',
    'rthook.py',
    'assets/a.json',
    'libs/edited/edited.py',
  ])
    await file(name, "import os\nos.environ['CHANNEL']\n# ")(world);
  return world;
}

/** As a build of its own does it: configuration read again, interpreter, environment and files looked at. */
async function inputsOf(world: World) {
  const { backends } = await makeProject({}, { backends: { engine: world.config } }, world.projectDir);
  const [backend] = backends;
  if (backend === undefined) throw new Error('no backend');
  return await prepare(backend, { cacheDir: world.cacheDir }, world.env);
}

test(
  'whatever is changed: the key changes exactly when something that matters did, and the explanation names it',
  { timeout: 120_000 * patience },
  async () => {
    const world = await makeWorld();
    const hit = new Set<string>();
    let before = await inputsOf(world);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...neutral), { maxLength: 3 }),
        fc.uniqueArray(fc.constantFrom(...mattering), { maxLength: 2 }),
        async (aside, changes) => {
          for (const change of [...aside, ...changes]) {
            hit.add(change.name);
            await change.apply(world);
          }
          const after = await inputsOf(world);
          expect(after.key === before.key).toBe(changes.length === 0);
          const rows = compareInputs(before.inputs, after.inputs);
          for (const change of changes) {
            expect([change.name, rows.some((row) => change.named?.test(row.input))]).toEqual([
              change.name,
              true,
            ]);
          }
          const unexplained = rows.filter((row) => !changes.some((change) => change.named?.test(row.input)));
          expect(unexplained.map((row) => row.input)).toEqual([]);
          if (changes.length === 1) expect(describeChanges(rows)).toContain(rows[0]?.input);
          before = after;
        },
      ),
      { numRuns: 100, endOnFailure: true },
    );
    // Each at least once, also when chance left one out.
    for (const change of [...mattering, ...neutral].filter(({ name }) => !hit.has(name))) {
      const { key } = await inputsOf(world);
      await change.apply(world);
      expect([change.name, (await inputsOf(world)).key === key]).toEqual([
        change.name,
        change.named === null,
      ]);
    }
  },
);
