import { expect, test } from 'vitest';
import { freeze, makeBackend } from '../support/project.js';

/** The message of the error that freezing ends with. */
async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  return 'it succeeded';
}

const lazyServices = {
  'backend/main.py': `import importlib
def load(name):
    return importlib.import_module(f"services.{name}")
if __name__ == '__main__':
    print(load('training').answer())
`,
  'backend/services/__init__.py': '',
  'backend/services/training.py': 'def answer():\n    return 42\n',
  'backend/services/export.py': '',
};

test('everything PyInstaller passes over in silence fails the build, each with its edit', async () => {
  const backend = await makeBackend(
    {
      ...lazyServices,
      'backend/main.py': `${lazyServices['backend/main.py']}
import not_installed_anywhere
import helper
def later():
    import broken
`,
      'backend/broken.py': 'def (:\n',
      'backend/helper.py': '',
      'hooks/hook-helper.py': "hiddenimports = ['helper_missing']\n",
    },
    {
      entry: 'backend/main.py',
      kind: 'job',
      hiddenImports: ['helperr', { name: 'also_missing', optional: true }],
      pyinstaller: { hooks: ['hooks'], hooksConfig: { matplotlib: { backends: 'Agg' } } },
    },
  );
  const message = await failure(freeze(backend));
  expect(message).toContain(
    "'helperr', named by backends.engine.hiddenImports[0] in pyinstaller.config.json, is not in the bundle",
  );
  expect(message).toContain("Did you mean 'helper'?");
  expect(message).toContain("'broken', imported by");
  expect(message).toContain("'not_installed_anywhere' is imported at the top of");
  expect(message).toContain("asks for 'helper_missing'");
  expect(message).toContain('hooksConfig.matplotlib is for a package that is not in the bundle');
  expect(message).toContain(
    "Modules services.export and services.training are loaded by name in backend/main.py:3 (importlib.import_module(f'services.{name}')) but are not in the bundle.",
  );
  expect(message).toContain(
    "Add 'services.*' to the list hiddenImports of backends.engine in pyinstaller.config.json:1; or, when it is never loaded, excludes: ['services.export'] to backends.engine",
  );
  expect(message).not.toContain('also_missing');
});

test('modules that the configuration ignores are not expected in the bundle, however the glob is written', async () => {
  const backend = await makeBackend(
    { ...lazyServices, 'backend/services/legacy_b.py': '', 'backend/services/legacy_c.py': '' },
    {
      entry: 'backend/main.py',
      kind: 'job',
      hiddenImports: ['services.training', 'services.export'],
      sourceIgnore: ['services/legacy_{b,c}.py'],
    },
  );
  const { frozen } = await freeze(backend, { force: true });
  expect(frozen.cached).toBe(false);
});

test('code that starts sys.executable is warned about', async () => {
  const backend = await makeBackend(
    {
      'backend/main.py': `import restart
class uvicorn:
    def run(app, workers): pass
if __name__ == '__main__':
    uvicorn.run('main:app', workers=2)
`,
      'backend/restart.py': `import subprocess, sys
def go():
    return subprocess.run([sys.executable, "-m", "pip"])
`,
    },
    { entry: 'backend/main.py', kind: 'job' },
  );
  const warnings = (await freeze(backend)).frozen.warnings.join('\n');
  expect(warnings).toContain(
    "backend/restart.py:3 starts sys.executable (subprocess.run([sys.executable, '-m', 'pip']))",
  );
  expect(warnings).toContain("shutil.which('python3')");
});

test('requests that match nothing fail before PyInstaller is started', async () => {
  const backend = await makeBackend(lazyServices, {
    entry: 'backend/main.py',
    kind: 'job',
    hiddenImports: ['servces.*', 'services.training.*', 'services.**'],
    collect: { data: ['nothing_like_this'], metadata: ['pyinstaler'], entryPoints: ['no.such.group'] },
  });
  const message = await failure(freeze(backend));
  expect(message).toContain('there is no package servces');
  expect(message).toContain("Did you mean 'services'");
  expect(message).toContain('services.training is a single module');
  expect(message).toContain('there is no package nothing_like_this');
  expect(message).toContain('no distribution named pyinstaler is installed');
  expect(message).toContain("Did you mean 'pyinstaller'");
  expect(message).toContain('has entry points in the group no.such.group');
  expect(message).not.toContain("'services.**'");
});
