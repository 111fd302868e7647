import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, resolveConfig } from '../../src/config/index.js';
import { hostTarget } from '../../src/target.js';
import { writeFiles } from '../support/files.js';
import { runCli } from './support.js';

const backend = {
  'backend/main.py': `
import importlib
from fastapi import FastAPI

app = FastAPI(title="x")

@app.get("/api/health")
def health(): ...

def service(name): return importlib.import_module(f"services.{name}")
`,
  'backend/services/__init__.py': '',
  'backend/services/one.py': '',
  'backend/connectors/__init__.py':
    'import pkgutil, connectors\nlist(pkgutil.iter_modules(connectors.__path__))',
  'backend/config/defaults.json': '{}',
  'backend/templates/page.html': '',
  'backend/requirements.txt': 'fastapi',
  'backend/tests/data.json': '{}',
  '.venv/pyvenv.cfg': '',
  '.venv/lib/site.py': 'app = FastAPI()',
};

const spec = (script: string, hidden: string): string =>
  `a = Analysis(['${script}'], hiddenimports=['${hidden}'])\npyz = PYZ(a.pure)\nexe = EXE(pyz, a.scripts, name='x')\n`;

describe('init', () => {
  const forge = { 'forge.config.ts': 'export default {\n  plugins: [],\n};\n', 'tsconfig.json': '{}' };

  test('shows the plan, writes it with --yes, and what it wrote is a valid configuration', async () => {
    const folder = await writeFiles({
      'package.json': '{"devDependencies":{"@electron-forge/cli":"8"}}',
      'src/main.ts': '',
      ...forge,
      ...backend,
    });
    const { exitCode, out } = await runCli(['init', '--yes', '--ci', 'github'], folder);
    expect(exitCode).toBe(0);
    expect(out).toMatchSnapshot();
    const text = await readFile(path.join(folder, 'pyinstaller.config.ts'), 'utf8');
    // The package itself cannot be imported from a temporary folder; the object is what matters.
    const json = path.join(folder, 'check.mjs');
    await writeFiles(
      { 'check.mjs': text.replace(/^import .*\n/, 'const defineConfig = (x) => x;\n') },
      folder,
    );
    const loaded = await loadConfig({ projectDir: folder, file: json });
    const config = resolveConfig(loaded, { target: hostTarget() });
    expect(config.backends[0]).toMatchObject({ name: 'engine', entry: { type: 'asgi' } });
    expect(await readFile(path.join(folder, 'forge.config.ts'), 'utf8')).toContain('new PyInstallerPlugin()');
    const workflow = await readFile(path.join(folder, '.github/workflows/build.yml'), 'utf8');
    const { parse } = await import('yaml');
    expect(parse(workflow)).toMatchObject({
      jobs: { build: { strategy: { matrix: { include: { length: 4 } } } } },
    });
  });

  test('a second run has nothing to write', async () => {
    const folder = await writeFiles({ 'package.json': '{}', ...forge, ...backend });
    await runCli(['init', '--yes'], folder);
    const { exitCode, out } = await runCli(['init', '--json'], folder);
    expect(exitCode).toBe(0);
    const { steps } = JSON.parse(out) as { steps: { type: string }[] };
    expect(steps.every(({ type }) => type === 'note')).toBe(true);
  });

  test('without a host it says what is missing, and a run after that adds the plugin to what is there', async () => {
    const folder = await writeFiles({ 'package.json': '{}', ...backend });
    const { exitCode, out } = await runCli(['init', '--yes'], folder);
    expect(exitCode).toBe(0);
    expect(out).toContain('nothing packages the backend yet. Install one of them and run init again');
    expect((await runCli(['doctor'], folder)).out).toContain(
      'Host neither Electron Forge nor electron-builder is in package.json',
    );
    await writeFiles(forge, folder);
    const { steps } = JSON.parse((await runCli(['init', '--json', '--dry-run'], folder)).out) as {
      steps: { type: string; file?: string }[];
    };
    expect(steps.map(({ type, file }) => file ?? type)).toEqual(['note', 'forge.config.ts']);
  });

  test.each([
    ['two specs', { 'a.spec': spec('worker.py', 'a'), 'z.spec': spec('backend/main.py', 'z') }],
    [
      'two files of commands',
      {
        'a.sh': 'pyinstaller --hidden-import a worker.py\n',
        'z.bat': 'pyinstaller --hidden-import z backend\\main.py\r\n',
      },
    ],
  ])('of %s, the one of the program is taken over', async (_what, files) => {
    const all = { 'package.json': '{}', ...forge, ...backend, 'worker.py': 'print(1)\n', ...files };
    const { out } = await runCli(['init', '--dry-run'], await writeFiles(all));
    expect(out).toMatch(/'z', \/\/ z\.\w+/);
    expect(out).not.toMatch(/'a', \/\/ a\./);
  });

  test('--dry-run writes nothing', async () => {
    const folder = await writeFiles({ 'package.json': '{}', ...forge, ...backend });
    const { exitCode, out } = await runCli(['init', '--dry-run'], folder);
    expect(exitCode).toBe(0);
    expect(out).toContain('+ pyinstaller.config.ts');
    await expect(readFile(path.join(folder, 'pyinstaller.config.ts'))).rejects.toThrow('ENOENT');
  });

  test('without --yes it asks; nobody there to answer is a failure, a no is not', async () => {
    const folder = await writeFiles({ 'package.json': '{}', ...forge, ...backend });
    const silent = await runCli(['init'], folder);
    expect([silent.exitCode, silent.error]).toEqual([1, expect.stringContaining('--yes')]);
    const no = await runCli(['init'], folder, { ask: () => Promise.resolve(false) });
    expect(no.exitCode).toBe(0);
    await expect(readFile(path.join(folder, 'pyinstaller.config.ts'))).rejects.toThrow('ENOENT');
    const yes = await runCli(['init'], folder, { ask: () => Promise.resolve(true) });
    expect(yes.exitCode).toBe(0);
    expect(await readFile(path.join(folder, 'pyinstaller.config.ts'), 'utf8')).toContain('main:app');
  });

  test('build in package.json is edited, and the yml that it hides is named', async () => {
    const folder = await writeFiles({
      'package.json': '{"build":{"appId":"x"}}',
      'electron-builder.yml': 'appId: y\n',
      ...backend,
    });
    const { out } = await runCli(['init', '--yes'], folder);
    expect(out).toContain('does not read electron-builder.yml');
    expect(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'))).toMatchObject({
      build: { appId: 'x', extends: 'electron-pyinstaller/electron-builder' },
    });
    expect(await readFile(path.join(folder, 'electron-builder.yml'), 'utf8')).toBe('appId: y\n');
  });

  test.each([
    ['{}', "const { createBackend } = require('electron-pyinstaller/runtime');"],
    ['{"type":"module"}', "import { createBackend } from 'electron-pyinstaller/runtime';"],
    ['{"main":"main.mjs"}', "import { createBackend } from 'electron-pyinstaller/runtime';"],
  ])('a project in JavaScript with package.json %s is shown what it can use', async (manifest, line) => {
    const folder = await writeFiles({ 'package.json': manifest, 'electron-builder.yml': '', ...backend });
    const { out } = await runCli(['init', '--yes', '--name', 'image-tools'], folder);
    expect(out).toContain(line);
    expect(out).toContain("const imageTools = createBackend({ app, name: 'image-tools' });");
    expect(out).toContain("await imageTools.fetch('/api/health');");
    expect(out).not.toContain('backends.gen');
  });

  test("backends that electron-builder's own configuration describes are not described again", async () => {
    const extraMetadata = '{ _pyinstaller: { backends: { engine: { entry: main.py } } } }';
    const folder = await writeFiles({
      'package.json': '{}',
      'electron-builder.yml': `extends: electron-pyinstaller/electron-builder\nextraMetadata: ${extraMetadata}\n`,
      ...backend,
    });
    const { exitCode, out } = await runCli(['init', '--yes'], folder);
    expect(exitCode).toBe(0);
    expect(out).toContain('electron-builder.yml (extraMetadata._pyinstaller) describes the backends already');
    await expect(readFile(path.join(folder, 'pyinstaller.config.mjs'))).rejects.toThrow('ENOENT');
  });

  test('a configured project needs no detection: its backend may be anywhere', async () => {
    const folder = await writeFiles({
      'apps/desktop/package.json': '{"devDependencies":{"electron-builder":"26"}}',
      'apps/desktop/pyinstaller.config.json':
        '{"backends":{"tools":{"entry":{"asgi":"main:app"},"source":"../../far/away","ready":"/up"}}}',
      'far/away/main.py': '',
    });
    const { exitCode, out } = await runCli(
      ['init', '--yes', '--ci', 'github'],
      path.join(folder, 'apps/desktop'),
    );
    expect(exitCode).toBe(0);
    expect(out).toContain("const tools = createBackend({ app, name: 'tools' });");
    expect(out).toContain("await tools.fetch('/up')");
  });

  test('of programs that are as likely, a person chooses; without one the first is taken and the others are named', async () => {
    const app = 'from fastapi import FastAPI\napp = FastAPI()\n';
    const files = { 'package.json': '{}', 'services/a/main.py': app, 'services/b/main.py': app };
    const asked: string[][] = [];
    const folder = await writeFiles(files);
    await runCli(['init'], folder, {
      ask: () => Promise.resolve(true),
      choose: (_question, choices) => {
        asked.push([...choices]);
        return Promise.resolve(1);
      },
    });
    expect(asked).toEqual([
      [
        'services/a/main.py  (services/a/main.py:2 makes a FastAPI application)',
        'services/b/main.py  (services/b/main.py:2 makes a FastAPI application)',
      ],
    ]);
    expect(await readFile(path.join(folder, 'pyinstaller.config.mjs'), 'utf8')).toContain(
      "source: 'services/b'",
    );
    const { out } = await runCli(['init', '--dry-run'], await writeFiles(files));
    expect(out).toContain("source: 'services/a'");
    expect(out).toContain('as likely --entry services/b/main.py');
  });

  test('--entry names a program; a wrong one is answered with those there are', async () => {
    const folder = await writeFiles({
      'package.json': '{}',
      'backend/tool.py': 'if __name__ == "__main__":\n  pass\n',
      ...backend,
    });
    const { out } = await runCli(['init', '--dry-run', '--entry', 'backend/tool.py'], folder);
    expect(out).toContain("entry: { script: 'backend/tool.py' }");
    const { exitCode, error } = await runCli(['init', '--entry', 'nothing.py'], folder);
    expect(exitCode).toBe(1);
    expect(error).toContain('Found: backend/main.py, backend/tool.py');
  });

  test('without a backend it says where it looked', async () => {
    const folder = await writeFiles({ 'package.json': '{}' });
    const { exitCode, error } = await runCli(['init'], folder);
    expect(exitCode).toBe(1);
    expect(error).toContain('No Python backend was found');
    expect(error).toContain('--backend <folder>');
  });
});
