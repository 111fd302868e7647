import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ResolvedBackend } from '../../src/config/index.js';
import { layoutOf } from '../../src/freeze/assemble.js';
import { entryDescriptor, planFreeze, type DriverJob } from '../../src/freeze/plan.js';
import type { Target } from '../../src/target.js';
import { makeBackend } from './support/project.js';

const nothing = { data: [], binaries: [] };
const layout = layoutOf('/cache/work/1 é');

async function backendWith(config: Readonly<Record<string, unknown>>): Promise<ResolvedBackend> {
  return await makeBackend(
    { 'backend/main.py': '', 'backend/server.py': '', 'x.spec': '', 'icon.ico': '', 'hooks/hook-x.py': '' },
    { entry: { asgi: 'main:app' }, ...config },
  );
}

const plan = (backend: ResolvedBackend): DriverJob => planFreeze(backend, layout, nothing, [], []);
const on = (backend: ResolvedBackend, target: Target): ResolvedBackend => ({ ...backend, target });
const imports = (job: DriverJob): string[] =>
  job.requests.filter((request) => request.kind === 'import').map((request) => request.name);

test('an asgi entry runs our bootstrap and names module and server', async () => {
  const backend = await backendWith({});
  const job = plan(backend);
  expect(job.plan.scripts).toEqual([path.join(layout.entryDir, 'electron_pyinstaller_main.py')]);
  expect(imports(job)).toEqual(['main', 'uvicorn']);
  expect(job.plan.pathex).toEqual([...backend.source, layout.companionDir]);
  expect(job.plan.datas).toEqual([[path.join(layout.entryDir, 'electron_pyinstaller_entry.json'), '.']]);
  expect(job.requests[0]).toMatchObject({ kind: 'submodules', name: 'electron_pyinstaller' });
});

test('a script entry follows our prelude and is a module as well, for "server:app"', async () => {
  const backend = await backendWith({ entry: 'backend/server.py' });
  const job = plan(backend);
  expect(job.plan.scripts.map((script) => path.basename(script))).toEqual([
    'electron_pyinstaller_prelude.py',
    'server.py',
  ]);
  expect(imports(job)).toEqual(['server']);
  expect(job.plan.pathex[0]).toBe(path.join(backend.projectDir, 'backend'));
});

test.each(['main.pyw', 'server', 'my-server.py', 'run.server.py'])(
  'a script called %s is run, and is no module that has to be found',
  async (name) => {
    const backend = await makeBackend({ [`backend/${name}`]: '' }, { entry: `backend/${name}` });
    const job = plan(backend);
    expect(path.basename(job.plan.scripts.at(-1) ?? '')).toBe(name);
    expect(imports(job)).toEqual([]);
  },
);

test('a spec is run as it is, in nothing of ours', async () => {
  const backend = await makeBackend(
    { 'x.spec': '', 'backend/main.py': '' },
    { kind: 'job', pyinstaller: { spec: 'x.spec' } },
  );
  const job = plan(backend);
  expect(job.ownSpec).toBe(true);
  expect(job.spec).toBe(path.join(backend.projectDir, 'x.spec'));
  expect(job.requests).toEqual([]);
});

test('the entry descriptor holds no path of this machine', async () => {
  const script = await backendWith({ entry: 'backend/server.py' });
  expect(entryDescriptor(script)).toEqual({
    v: 1,
    name: 'engine',
    kind: 'http',
    entry: { type: 'script' },
    paths: [],
  });
  const asgi = await backendWith({});
  expect(entryDescriptor(asgi)).toMatchObject({ entry: { type: 'asgi', module: 'main', attribute: 'app' } });
});

test('what belongs to one platform is left out on the others', async () => {
  const backend = await backendWith({
    pyinstaller: { icon: 'icon.ico' },
  });
  const keys = (target: Target): string[] => Object.keys(plan(on(backend, target)).plan.exe);
  expect(keys({ platform: 'linux', arch: 'x64' })).not.toContain('icon');
  expect(keys({ platform: 'linux', arch: 'x64' })).not.toContain('manifest');
  expect(keys({ platform: 'win32', arch: 'x64' })).toEqual(
    expect.arrayContaining(['icon', 'manifest', 'version']),
  );
  expect(keys({ platform: 'win32', arch: 'x64' })).not.toContain('entitlements_file');
  expect(keys({ platform: 'darwin', arch: 'arm64' })).toEqual(
    expect.arrayContaining(['icon', 'entitlements_file']),
  );
});

test('a program that serves nothing does not get the servers', async () => {
  const job = plan(await backendWith({ entry: 'backend/server.py', kind: 'job' }));
  expect(job.plan.analysis['excludes']).toContain('electron_pyinstaller._asgi');
  expect(plan(await backendWith({})).plan.analysis['excludes']).toEqual([]);
});

/** What PyInstaller 6.22's EXE reads; everything else it would swallow. */
const exeParameters = new Set(
  `bootloader_ignore_signals console hide_console disable_windowed_traceback debug name icon version manifest resources strip upx
  upx_exclude runtime_tmpdir contents_directory uac_admin uac_uiaccess argv_emulation target_arch codesign_identity
  entitlements_file`.split(/\s+/),
);
const analysisParameters = new Set(
  'hiddenimports hookspath hooksconfig runtime_hooks excludes noarchive optimize module_collection_mode'.split(
    ' ',
  ),
);

test('any combination of options gives a plan of parameters that PyInstaller has, survives JSON, and keeps the fixed ones', async () => {
  const base = await backendWith({});
  const hostile = fc.string({
    unit: fc.constantFrom('a', '"', "'", '\\', '\n', '{', '}', '%', '$', 'é', '\u2028'),
  });
  const options = fc.record({
    mode: fc.constantFrom('onedir' as const, 'onefile' as const),
    name: hostile,
    strip: fc.boolean(),
    upx: fc.boolean(),
    console: fc.boolean(),
    debug: fc.boolean(),
    optimize: fc.constantFrom(0 as const, 1 as const, 2 as const),
    contentsDirectory: hostile,
    runtimeTmpdir: fc.option(hostile),
    pythonOptions: fc.array(fc.constantFrom('u', 'W ignore', 'X utf8=1', 'X dev', 'O')),
    versionInfo: fc.option(fc.dictionary(hostile, hostile)),
    moduleCollectionMode: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('py', 'pyz+py')),
  });
  const target = fc.record({
    platform: fc.constantFrom('linux' as const, 'darwin' as const, 'win32' as const),
    arch: fc.constantFrom('x64' as const, 'arm64' as const),
  });
  const hidden = fc.array(fc.record({ name: hostile, optional: fc.boolean(), path: hostile }));
  fc.assert(
    fc.property(options, target, hidden, (changed, where, hiddenImports) => {
      const backend = {
        ...base,
        target: where,
        hiddenImports,
        pyinstaller: { ...base.pyinstaller, ...changed },
      };
      const job = plan(backend);
      expect(JSON.parse(JSON.stringify(job))).toEqual(job);
      for (const key of Object.keys(job.plan.exe)) expect(exeParameters).toContain(key);
      for (const key of Object.keys(job.plan.analysis)) expect(analysisParameters).toContain(key);
      expect(job.plan.options.filter((option) => option === 'u')).toHaveLength(1);
      expect(job.plan.options.filter((option) => option === 'X utf8=1')).toHaveLength(1);
      // `sys.flags.optimize` is the level that the code is compiled with.
      const level = job.plan.options.filter((option) => option === 'O').length;
      expect(job.plan.analysis['optimize']).toBe(level);
      expect(level).toBeGreaterThanOrEqual(changed.optimize);
      expect(job.plan.mode).toBe(changed.mode);
      const asked = job.requests.filter((request) => request.origin === 'config');
      expect(asked.map(({ name, optional, path: place }) => ({ name, optional, path: place }))).toEqual(
        hiddenImports,
      );
    }),
  );
});
