import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { writeFiles } from '../support/files.js';
import { hostEnvironment } from '../support/hosts.js';
import { repositoryDir } from '../support/paths.js';

const packageDir = process.env['ELECTRON_PYINSTALLER_PACKAGE'] ?? repositoryDir;
const main = path.join(packageDir, 'dist/cli/main.js');

/** Run the built command line, as `npx electron-pyinstaller` does. */
async function cli(cwd: string, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], {
    cwd,
    env: hostEnvironment(),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode, stdout, stderr };
}

/** The same for both, so that they share an environment. */
const requirements = 'fastapi\nuvicorn\nflask\n';

describe('from nothing but the project to a program that was started and asked', () => {
  test('a FastAPI package with a launcher and secrets beside it', async () => {
    const folder = await writeFiles({
      'package.json': '{"name":"x"}',
      'backend/requirements.txt': requirements,
      'backend/app/__init__.py': '',
      'backend/app/main.py':
        'import json\nfrom fastapi import FastAPI\nfrom app.core.config import DEFAULTS, SECRETS\napp = FastAPI()\n@app.get("/health")\ndef health(): return json.loads(DEFAULTS.read_text())\n',
      'backend/app/core/__init__.py': '',
      'backend/app/core/config.py':
        'from pathlib import Path\nDEFAULTS = Path(__file__).parent / "defaults.json"\nSECRETS = Path(__file__).parents[2] / "secrets.json"\nKEY = Path(__file__).parent / "server.pem"\n',
      'backend/app/core/defaults.json': '{"from":"the bundle"}',
      'backend/app/core/server.pem': 'x',
      'backend/secrets.json': '{}',
      'backend/app.db': 'x',
      'backend/.env': 'KEY=1',
      'backend/run_server.py':
        'import uvicorn\nif __name__ == "__main__":\n  uvicorn.run("app.main:app", port=8000)\n',
    });
    const written = await cli(folder, 'init', '--yes');
    expect(written.exitCode, written.stderr).toBe(0);
    const build = await cli(folder, 'build', '--json');
    expect(build.exitCode, build.stderr).toBe(0);
    const { backends } = JSON.parse(build.stdout) as { backends: { bundleDir: string }[] };
    const shipped = await readdir(backends[0]?.bundleDir ?? '', { recursive: true });
    expect(shipped.filter((name) => /secrets\.json|server\.pem|app\.db|\.env$/.test(name))).toEqual([]);
    // Asked at its health route, which reads the file that init proposed.
    expect(await readFile(path.join(folder, 'pyinstaller.config.mjs'), 'utf8')).toContain(
      "ready: { http: '/health' }",
    );
    expect(shipped).toContain(path.join('_internal', 'app', 'core', 'defaults.json'));
  });

  test('Flask with a spec of its own', async () => {
    const folder = await writeFiles({
      'package.json': '{"name":"x","scripts":{"freeze":"cd python && pyinstaller server.spec"}}',
      'python/requirements.txt': requirements,
      'python/server.py':
        'import importlib\nfrom flask import Flask, render_template\napp = Flask(__name__)\n@app.route("/health")\ndef health(): return render_template("ok.html", name=importlib.import_module("extra" + "_part").NAME)\nif __name__ == "__main__":\n  app.run(port=5000)\n',
      'python/extra_part.py': 'NAME = "part"\n',
      'python/templates/ok.html': '{{ name }}',
      'python/server.spec':
        "a = Analysis(['server.py'], pathex=[], binaries=[], datas=[('templates', 'templates')], hiddenimports=['extra_part'], excludes=['tkinter'])\npyz = PYZ(a.pure)\nexe = EXE(pyz, a.scripts, [], exclude_binaries=True, name='flask_server', upx=True, console=False)\ncoll = COLLECT(exe, a.binaries, a.datas, upx=True, name='flask_server')\n",
    });
    const written = await cli(folder, 'init', '--yes');
    expect(written.exitCode, written.stderr).toBe(0);
    const build = await cli(folder, 'build', '--json');
    expect(build.exitCode, build.stderr).toBe(0);
    const { backends } = JSON.parse(build.stdout) as { backends: { executable: string }[] };
    expect(path.basename(backends[0]?.executable ?? '', '.exe')).toBe('flask_server');
    const config = await readFile(path.join(folder, 'pyinstaller.config.mjs'), 'utf8');
    expect(config).toContain("entry: { wsgi: 'server:app' }");
    expect(config).toContain("ready: { http: '/health' }");
  });
});
