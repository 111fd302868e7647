import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freezingScripts } from '../../../src/cli/init/find-migration.js';
import { migrate, readSpec, type SpecFacts } from '../../../src/cli/init/migration.js';
import { glueIn } from '../../../src/cli/init/old-glue.js';
import {
  oldBackendTest,
  oldProgramResources,
  withoutJsonResources,
  withoutYamlResources,
} from '../../../src/cli/init/old-resources.js';
import { readPyInstallerCommand } from '../../../src/cli/init/pyinstaller-command.js';
import { validate } from '../../../src/config/check/validate.js';
import { configSchema } from '../../../src/config/schema/index.js';
import { writeFiles } from '../../support/files.js';
import { runCli } from '../support.js';
import { notOnWindows } from '../../support/windows.js';

const parts = (analysis: string, program = '', collect = true) => `
a = Analysis(['server.py'], ${analysis})
pyz = PYZ(a.pure)
exe = EXE(pyz, a.scripts, ${collect ? '[], exclude_binaries=True' : 'a.binaries, a.datas, []'}, name='srv', debug=False, strip=False, upx=False, console=True, ${program})
${collect ? "coll = COLLECT(exe, a.binaries, a.datas, strip=False, upx=False, name='srv')" : ''}
`;

describe('readSpec', () => {
  const cases: readonly (readonly [string, string, Record<string, unknown>])[] = [
    [
      'lists',
      parts("datas=[('config/*.json', 'config')], hiddenimports=['a.b'], excludes=['tkinter']"),
      {
        hiddenImports: ['a.b'],
        data: [{ from: 'backend/config/*.json', to: 'config' }],
        excludes: ['tkinter'],
        pyinstaller: { name: 'srv' },
      },
    ],
    [
      'names, sums and additions',
      `import os\nfrom PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata, collect_dynamic_libs\nbase = os.path.join(SPECPATH, 'assets')\nfiles = [(base, 'assets')] + collect_data_files('magic')\nfiles += copy_metadata('tqdm')\nhidden = collect_submodules('pkg')\nhidden.append('x')\nhidden.extend(['y'])\n${parts("datas=files, hiddenimports=hidden, binaries=collect_dynamic_libs('lib')")}`,
      {
        hiddenImports: ['pkg.**', 'x', 'y'],
        data: [{ from: 'backend/assets', to: 'assets' }],
        collect: { data: ['magic'], metadata: ['tqdm'], binaries: ['lib'] },
        pyinstaller: { name: 'srv' },
      },
    ],
    [
      'collect_all, taken apart',
      `from PyInstaller.utils.hooks import collect_all\ndatas, binaries, hiddenimports = collect_all('big')\n${parts('datas=datas, binaries=binaries, hiddenimports=hiddenimports')}`,
      { collect: { all: ['big'] }, pyinstaller: { name: 'srv' } },
    ],
    [
      'onefile with options',
      parts(
        "runtime_hooks=['hooks/r.py'], hookspath=['hooks'], pathex=['lib']",
        "icon='a.ico', version='v.txt', runtime_tmpdir='/x'",
        false,
      ),
      {
        pyinstaller: {
          mode: 'onefile',
          name: 'srv',
          hooks: ['backend/hooks'],
          runtimeHooks: ['backend/hooks/r.py'],
          paths: ['backend/lib'],
          icon: 'backend/a.ico',
          versionInfo: 'backend/v.txt',
          runtimeTmpdir: '/x',
        },
      },
    ],
    [
      'interpreter options',
      parts('datas=[]').replace(
        '[], exclude',
        "[('u', None, 'OPTION'), ('W ignore', None, 'OPTION')], exclude",
      ),
      { pyinstaller: { name: 'srv', pythonOptions: ['W ignore'] } },
    ],
    [
      'entries of a table of contents',
      parts('datas=[]').replace('pyz =', "a.datas += [('cfg/a.json', 'x/a.json', 'DATA')]\npyz ="),
      { data: [{ from: 'backend/x/a.json', to: 'cfg' }], pyinstaller: { name: 'srv' } },
    ],
  ];
  test.each(cases)('%s', async (_title, text, keys) => {
    const folder = await writeFiles({ 'backend/engine.spec': text });
    const found = await readSpec(path.join(folder, 'backend/engine.spec'), folder);
    expect(found.unknown).toEqual([]);
    expect(found.keys).toEqual(keys);
    expect(found.script).toBe(path.join(folder, 'backend/server.py'));
  });

  test.each([
    ['a condition', 'import sys\nif sys.platform == "win32":\n  x = 1\n', 'a condition'],
    ['a loop', 'for x in []: pass\n', 'a loop'],
    ['its own code', 'import build_helpers\n', 'imports build_helpers'],
    ['an unknown value', 'import os\nx = os.environ["X"]\n', "os.environ['X']"],
    [
      'a Tree',
      parts('datas=[]').replace('a.datas, strip', "Tree('x', prefix='y'), a.datas, strip"),
      "Tree('x', prefix='y')",
    ],
    ['two programs', `${parts('datas=[]')}b = Analysis(['two.py'])\n`, 'a second Analysis'],
    ['rights', parts('datas=[]', 'uac_admin=True'), 'uac_admin of EXE'],
    ['no Python', 'this is no spec', 'invalid syntax'],
  ])('%s is named with its line, so that nothing is lost silently', async (_title, text, what) => {
    const folder = await writeFiles({
      'engine.spec': text.includes('Analysis') ? text : `${text}\n${parts('datas=[]')}`,
    });
    const found = await readSpec(path.join(folder, 'engine.spec'), folder);
    expect(found.unknown.map(({ what: named }) => named).join('\n')).toContain(what);
  });

  test('nothing of it is run', async () => {
    const folder = await writeFiles({
      'engine.spec': `open('ran.txt', 'w').write('x')\n${parts('datas=[]')}`,
    });
    const found = await readSpec(path.join(folder, 'engine.spec'), folder);
    expect(found.unknown[0]).toMatchObject({ line: 1 });
    await expect(readFile(path.join(folder, 'ran.txt'))).rejects.toThrow('ENOENT');
  });

  test('whatever lists a spec has, they come back as keys that the configuration takes', async () => {
    const name = fc.stringMatching(/^[a-z][a-z_]{0,8}(?:\.[a-z]{1,6})?$/);
    const file = fc.stringMatching(/^[a-z]{1,8}(?:\/[a-z é]{1,6}[a-z])?\.json$/);
    const names = fc.uniqueArray(name, { maxLength: 4 });
    const python = (values: readonly unknown[]) => JSON.stringify(values);
    await fc.assert(
      fc.asyncProperty(
        names,
        names,
        fc.uniqueArray(file, { maxLength: 4 }),
        fc.boolean(),
        async (hidden, excludes, files, onedir) => {
          const datas = files.map((from) => [from, path.posix.dirname(from)]);
          const text = parts(
            `hiddenimports=${python(hidden)}, excludes=${python(excludes)}, datas=${python(datas)}`,
            '',
            onedir,
          );
          const folder = await writeFiles({ 'b/e.spec': text });
          const { keys, unknown } = await readSpec(path.join(folder, 'b/e.spec'), folder);
          expect(unknown).toEqual([]);
          expect(keys['hiddenImports'] ?? []).toEqual(hidden);
          expect(keys['excludes'] ?? []).toEqual(excludes);
          expect(keys['data'] ?? []).toEqual(
            files.map((from) => ({ from: `b/${from}`, to: path.posix.dirname(from) })),
          );
          expect(validate(configSchema, { backends: { engine: { entry: 'b/server.py', ...keys } } })).toEqual(
            [],
          );
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('a spec that was written on Windows', () => {
  const facts = (slash: string, pathex: readonly string[] = []): SpecFacts => {
    const at = (text: string) => text.replaceAll('/', slash);
    return {
      analysis: {
        scripts: [at('backend/main.py')],
        pathex: [...pathex, at('backend/lib')],
        datas: [[at('backend/config/*.json'), at('config/sub')]],
        hookspath: [at('backend/hooks')],
        runtime_hooks: [at('./backend/rt.py')],
      },
      program: { icon: [at('assets/icon.ico')] },
      mode: 'onedir',
      unknown: [],
    };
  };

  test('says the same as one from elsewhere', () => {
    const migration = migrate(facts('\\'), 'e.spec', '/p', '/p');
    expect(migration).toEqual(migrate(facts('/'), 'e.spec', '/p', '/p'));
    expect(migration.script).toBe(path.resolve('/p/backend/main.py'));
    expect(migration.keys['data']).toEqual([{ from: 'backend/config/*.json', to: 'config/sub' }]);
  });

  test(
    'has folders of the machine where it was written: they are left out, and named',
    notOnWindows('such folders are its own'),
    () => {
      const migration = migrate(facts('\\', ['C:\\Users\\me\\p']), 'e.spec', '/p', '/p');
      expect(migration.keys).toEqual(migrate(facts('/'), 'e.spec', '/p', '/p').keys);
      expect(migration.remarks).toEqual([
        String.raw`C:\Users\me\p in pathex of e.spec is left out: it is a folder of another machine.`,
      ]);
    },
  );
});

describe('readPyInstallerCommand', () => {
  test('takes over what a command line says', () => {
    const command = readPyInstallerCommand(
      'cd backend && pyinstaller --noconfirm --onefile --name engine --add-data "config:config" --add-binary=lib/x.so:. --hidden-import=uvicorn.logging --hidden-import a.b --collect-all chromadb --exclude-module tkinter --distpath ../resources/py server.py && echo done',
    );
    expect(command?.target).toBe('server.py');
    expect(command?.distpath).toBe('../resources/py');
    const { keys, unknown } = migrate(
      command?.facts ?? { analysis: {}, program: {}, mode: 'onedir', unknown: [] },
      'x',
      '/p/backend',
      '/p',
    );
    expect(unknown).toEqual([]);
    expect(keys).toEqual({
      hiddenImports: ['uvicorn.logging', 'a.b'],
      data: [{ from: 'backend/config', to: 'config' }],
      binaries: [{ from: 'backend/lib/x.so', to: '.' }],
      collect: { all: ['chromadb'] },
      excludes: ['tkinter'],
      pyinstaller: { mode: 'onefile', name: 'engine' },
    });
  });

  test.each([
    ['electron-builder', null],
    ['electron-pyinstaller build', null],
    ['python -m PyInstaller engine.spec', 'engine.spec'],
    ['.venv\\Scripts\\pyinstaller.exe -F main.py', 'main.py'],
    ['npx tsc && pyinstaller --add-data "C:\\x;y" main.py', 'main.py'],
    ['pip install pyinstaller && pyinstaller main.py', 'main.py'],
    ['cd backend; pyinstaller main.py; echo done', 'main.py'],
    ['cd /d backend & py -3 -m PyInstaller main.py', 'main.py'],
    ['pip install pyinstaller', null],
    ['pyinstaller $OPTIONS main.py', 'main.py'],
    ['pyinstaller %ARGS%', null],
  ])('%s', (command, target) => {
    expect(readPyInstallerCommand(command)?.target ?? null).toBe(target);
  });

  test('one that was written for Windows says the same, read anywhere', () => {
    const posix =
      'pyinstaller -F --add-data "backend/config:config/x" -p backend/lib --distpath out/py backend/main.py';
    const windows =
      'pyinstaller.exe -F --add-data backend\\config;config\\x -p backend\\lib --distpath out\\py backend\\main.py';
    expect(readPyInstallerCommand(windows)).toEqual(readPyInstallerCommand(posix));
  });

  test('what a variable names is left out, and said', () => {
    const read = readPyInstallerCommand(
      'pyinstaller --add-data "$MODELS/x:m" --add-data "a:b" --icon %ICON% main.py',
    );
    const facts = read?.facts ?? { analysis: {}, program: {}, mode: 'onedir', unknown: [] };
    const { keys, remarks } = migrate(facts, 'build.sh', '/p', '/p');
    expect(keys).toEqual({ data: [{ from: 'a', to: 'b' }] });
    expect(remarks).toEqual([
      expect.stringContaining('$MODELS/x of build.sh is left out'),
      expect.stringContaining('%ICON% of build.sh is left out'),
    ]);
  });

  test('an option without a key is named', () => {
    expect(readPyInstallerCommand('pyinstaller --uac-admin main.py')?.facts.unknown).toEqual([
      { line: 0, what: '--uac-admin' },
    ]);
  });

  test('whatever names it is given, they come back in their order', () => {
    const word = fc.stringMatching(/^[a-z][\w.]{0,10}$/);
    fc.assert(
      fc.property(fc.array(word), fc.array(word), fc.boolean(), (hidden, excludes, glued) => {
        const options = (name: string, values: readonly string[]) =>
          values.map((value) => `${name}${glued ? '=' : ' '}${value}`).join(' ');
        const read = readPyInstallerCommand(
          `pyinstaller ${options('--hidden-import', hidden)} ${options('--exclude-module', excludes)} main.py`,
        );
        expect(read?.target).toBe('main.py');
        expect(read?.facts.analysis['hiddenimports'] ?? []).toEqual(hidden);
        expect(read?.facts.analysis['excludes'] ?? []).toEqual(excludes);
      }),
    );
  });

  test('scripts that freeze are named with those that run them', () => {
    expect(
      freezingScripts({
        'build:backend': 'pyinstaller e.spec',
        dist: 'npm run build:backend && electron-builder',
        x: 'npm run build:backend:win',
      }),
    ).toEqual([
      { file: 'package.json', name: 'build:backend', command: 'pyinstaller e.spec', usedBy: ['dist'] },
    ]);
  });
});

test('where PyInstaller wrote into a folder of other things, only its program is the old backend', () => {
  const project = path.resolve('/p');
  const outputs = [path.join(project, 'resources'), project];
  const filesIn = () => ['main', 'icons'];
  const isOld = oldBackendTest(project, { outputs, sources: [], names: ['main'], filesIn });
  expect(
    ['resources/main', 'resources/main.exe', 'main', 'resources/icons', 'resources', 'icons'].map(isOld),
  ).toEqual([true, true, true, false, false, false]);
});

test.each([
  ['nothing else lies there', 'resources', ['main.exe', '.gitkeep'], true],
  ['it is not there any more', 'resources', null, true],
  ['a page is built into it, some time', 'dist', null, false],
  ['it is empty', 'resources', [], false],
] as const)('a folder that PyInstaller wrote into as a whole: %s', (_title, name, files, expected) => {
  const project = path.resolve('/p');
  const outputs = [path.join(project, name)];
  const isOld = oldBackendTest(project, { outputs, sources: [], names: ['main'], filesIn: () => files });
  expect([`${name}/`, `.\\${name}\\**`].map(isOld)).toEqual([expected, expected]);
});

describe('rules that ship the old backend', () => {
  const project = path.resolve('/p');
  const isOld = oldBackendTest(project, {
    outputs: [path.join(project, 'backend/dist'), path.join(project, 'dist')],
    sources: [path.join(project, 'backend')],
    names: ['engine'],
    filesIn: () => ['renderer'],
  });

  test.each([
    ['backend/dist/engine', true],
    ['./backend/dist', true],
    ['backend/dist/engine/**/*', true],
    ['dist/engine', true],
    ['dist/engine.exe', true],
    ['backend', true],
    ['backend/.venv', true],
    ['python/venv', true],
    ['dist', false],
    ['dist/renderer', false],
    ['icons', false],
    ['backend/models', false],
    ['', false],
  ])('%s: %s', (from, expected) => {
    expect(isOld(from)).toBe(expected);
  });

  test('are taken out of YAML; the rest keeps its words', () => {
    const text =
      'appId: x # ours\nextraResources:\n  # the backend\n  - from: backend/dist/engine\n    to: backend\n  - icons # small\nwin:\n  extraFiles: backend/dist\n';
    expect(withoutYamlResources(text, isOld)).toEqual({
      text: 'appId: x # ours\nextraResources:\n  - icons # small\n',
      removed: ['backend/dist/engine', 'backend/dist'],
    });
    expect(withoutYamlResources('extraResources: [icons]\n', isOld).removed).toEqual([]);
  });

  test('are taken out of JSON', () => {
    const text =
      '{\n\t"build": { "extraResources": ["icons", "backend/dist"], "mac": { "extraResources": [{ "from": "dist/engine" }] } }\n}\n';
    const { text: rest, removed } = withoutJsonResources(text, 'build', isOld);
    expect(removed).toEqual(['backend/dist', 'dist/engine']);
    expect(JSON.parse(rest)).toEqual({ build: { extraResources: ['icons'] } });
  });

  test('are named in a program', () => {
    const text =
      "module.exports = {\n  packagerConfig: {\n    // extraResource: ['backend/dist'],\n    extraResource: [\n      'icons',\n      path.join(__dirname, 'backend', 'dist', 'engine'),\n      './backend/dist',\n    ],\n  },\n};\n";
    expect(oldProgramResources(text, isOld)).toEqual([
      { line: 6, text: "path.join(__dirname, 'backend', 'dist', 'engine')" },
      { line: 7, text: "'./backend/dist'" },
    ]);
  });
});

describe('glueIn', () => {
  test('names what starts, asks and ends the backend, and nothing in comments', () => {
    const text = `// spawn('python')
const exe = path.join(process.resourcesPath, 'backend', 'engine');
this.server = spawn(exe, ['--port', port]);
const git = spawn('git', ['log']);
await fetch(\`http://127.0.0.1:\${port}/api/items\`);
// http://localhost:8123/x
axios.get('http://localhost:8123/x');
axios.get('http://localhost:9999/x');
this.server.kill();
git.kill();
`;
    expect(glueIn(text, 'src/main.ts', 'engine', [8123]).map(({ line, instead }) => [line, instead])).toEqual(
      [
        [3, 'await engine.start()'],
        [5, "engine.fetch('/api/items') in the main process"],
        [7, "engine.fetch('/x') in the main process"],
        [9, 'nothing: it is stopped when the app quits'],
      ],
    );
  });

  test.each([
    'execSync(`pyinstaller ${options}`)',
    "spawnSync('python', ['-m', 'PyInstaller', 'main.py'])",
    "execSync('python -m pip install -r requirements.txt')",
  ])('a line of the build is the business of the build: %s', (text) => {
    expect(glueIn(text, 'scripts/build.js', 'engine', []).map(({ instead }) => instead)).toEqual([
      'nothing: the build does it',
    ]);
  });

  test.each([
    ["child_process.spawn('python3', ['backend/main.py'])", 1],
    ["PythonShell.run('x.py', opts)", 1],
    ["execFile(isWin ? 'backend.exe' : './backend')", 1],
    ['const s = spawn(getBackendPath())', 1],
    ["spawn('ffmpeg', ['-i', 'a.mp4'])", 0],
    ["'spawn(python)'", 0],
    ['/re/.exec("python")', 0],
  ])('%s', (text, count) => {
    expect(glueIn(text, 'main.js', 'engine', [])).toHaveLength(count);
  });
});

describe('a project that did it by hand', () => {
  const files = {
    'package.json':
      '{"main":"main.js","scripts":{"freeze":"cd backend && pyinstaller engine.spec","dist":"npm run freeze && electron-builder"},"devDependencies":{"electron-builder":"26"}}',
    'electron-builder.yml': 'extraResources:\n  - from: backend/dist/engine\n    to: backend\n',
    'backend/server.py':
      'import uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get("/health")\ndef health(): ...\nif __name__ == "__main__":\n  uvicorn.run(app, port=8123)\n',
    'backend/aaa.py': 'from flask import Flask\napp = Flask("x")\n',
    'backend/config/a.json': '{}',
    'backend/config/private.key': 'x',
    'backend/engine.spec': parts(
      "datas=[('config', 'config'), ('.env', '.')], hiddenimports=['uvicorn.logging']",
      'upx_exclude=[]',
    ),
    'backend/.env': 'A=1',
    'main.js':
      "const child = require('child_process').spawn(require('path').join(process.resourcesPath, 'backend/engine'));\n",
  };

  test('gets its keys, loses the rule that ships it twice, and is told which lines are not needed', async () => {
    const folder = await writeFiles(files);
    const { exitCode, out } = await runCli(['init', '--yes'], folder);
    expect(exitCode).toBe(0);
    const config = await readFile(path.join(folder, 'pyinstaller.config.mjs'), 'utf8');
    expect(config).toContain("entry: { asgi: 'server:app' }");
    expect(config).toContain("'uvicorn.logging', // backend/engine.spec");
    expect(config).toContain("{ from: 'backend/config', to: 'config', exclude: ['private.key'] }");
    expect(config).not.toContain('.env');
    expect(await readFile(path.join(folder, 'electron-builder.yml'), 'utf8')).toBe(
      'extends: electron-pyinstaller/electron-builder\n',
    );
    expect(out).toContain('backend/engine.spec freezes it');
    expect(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'))).toMatchObject({
      scripts: { dist: 'electron-builder' },
    });
    expect(out).toContain('no longer has the script "freeze", which "dist" does not call any more');
    expect(out).toMatch(/main\.js does by hand what the runtime does:\n +1: const child/);
  });

  test('keeps a script that a workflow runs, and hears of it', async () => {
    const folder = await writeFiles({ ...files, '.github/workflows/ci.yml': '- run: npm run freeze\n' });
    const { out } = await runCli(['init', '--yes'], folder);
    expect(await readFile(path.join(folder, 'package.json'), 'utf8')).toBe(files['package.json']);
    expect(out).toContain('take it out of "dist" too');
  });

  test('a spec that says more than the configuration can stays in use, with the port of its program', async () => {
    const folder = await writeFiles({
      ...files,
      'backend/engine.spec': `import sys\nif sys.platform == 'win32': pass\n${files['backend/engine.spec']}`,
    });
    const { out } = await runCli(['init', '--yes'], folder);
    const config = await readFile(path.join(folder, 'pyinstaller.config.mjs'), 'utf8');
    expect(config).toContain("pyinstaller: { spec: 'backend/engine.spec' }");
    expect(config).toContain('address: { port: 8123 }');
    expect(config).not.toMatch(/entry|hiddenImports|data:/);
    expect(out).toContain(
      'backend/engine.spec stays in use, because the configuration has no key for line 2: a condition',
    );
  });

  test.each([
    ['electron-builder.yml', files['electron-builder.yml'], 'electron-builder.yml ships backend/dist/engine'],
    [
      'electron-builder.js',
      "module.exports = {\n  extraResources: ['backend/dist/engine'] };\n",
      "electron-builder.js:2 ships 'backend/dist/engine'",
    ],
  ])('doctor does not call a doubled backend ready: %s', async (name, text, said) => {
    const { 'electron-builder.yml': _old, ...rest } = files;
    const folder = await writeFiles({
      ...rest,
      [name]: text,
      'pyinstaller.config.json':
        '{"backends":{"engine":{"entry":{"asgi":"server:app"},"source":"backend","requirements":[]}}}',
    });
    const { exitCode, out } = await runCli(['doctor'], folder);
    expect(exitCode).toBe(1);
    expect(out).toContain(said);
  });
});
