/** Projects that newcomers come with: with a backend that they froze and started by themselves, or one of uv. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runLogged } from '../demo/run-logged.ts';
import { type Maker, readManifest, writeAll } from './projects.ts';

type Create = (maker: Maker) => Promise<void>;

/** A Flask application, the .spec that freezes it, and what is nobody's business. */
export const flaskWithSpec: Readonly<Record<string, string>> = {
  'requirements.txt': 'flask\n',
  'server.py': `import sys

from flask import Flask, jsonify, render_template

app = Flask(__name__)


@app.route("/health")
def health():
    return jsonify(page=render_template("page.html"))


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    app.run(host="127.0.0.1", port=port)
`,
  'templates/page.html': '<p>healthy</p>',
  'server.spec': `a = Analysis(
    ['server.py'],
    datas=[('templates', 'templates')],
    hiddenimports=['flask.json'],
    excludes=['tkinter'],
)
pyz = PYZ(a.pure)
exe = EXE(pyz, a.scripts, [], exclude_binaries=True, name='server', console=True)
coll = COLLECT(exe, a.binaries, a.datas, name='server')
`,
  '.env': 'SECRET=1\n',
  'secrets.json': '{}',
};

const glue = `let backend: ChildProcess | null = null

function startBackend(): void {
  const file = app.isPackaged ? join(process.resourcesPath, 'backend', 'server') : 'python'
  const args = app.isPackaged ? ['5000'] : [join(app.getAppPath(), 'backend', 'server.py'), '5000']
  backend = spawn(file, args)
}

app.on('will-quit', () => backend?.kill())

`;
const glueImport = "import { spawn, type ChildProcess } from 'child_process'\n";
const glueCall = '  startBackend()\n';
const oldScript = 'npm run build:backend && ';

/** The main process starts the backend by hand, scripts freeze it, and the packager ships what they made. */
export function withOldGlue(create: Create): Create {
  return async (maker) => {
    await create(maker);
    const { folder } = maker;
    const manifest = await readManifest(folder);
    manifest.scripts = {
      ...manifest.scripts,
      'build:backend': 'cd backend && pyinstaller server.spec --noconfirm',
      'build:unpack': `${oldScript}${manifest.scripts?.['build:unpack'] ?? ''}`,
    };
    await writeAll(folder, { 'package.json': JSON.stringify(manifest, undefined, 2) });
    await change(
      path.join(folder, 'electron-builder.yml'),
      (text) => `${text}extraResources:\n  - from: backend/dist/server\n    to: backend\n`,
    );
    await change(path.join(folder, 'src/main/index.ts'), (text) =>
      replaced(
        replaced(
          replaced(text, 'import icon', `${glueImport}import icon`),
          'function createWindow',
          `${glue}function createWindow`,
        ),
        'app.whenReady().then(() => {\n',
        `app.whenReady().then(() => {\n${glueCall}`,
      ),
    );
  };
}

/** Takes out what `init` says is not needed any more, after it said so. */
export async function leaveOldGlue(project: string, printed: readonly string[]): Promise<readonly string[]> {
  const main = 'src/main/index.ts';
  for (const pattern of [
    /build:backend/,
    /src\/main\/index\.ts does by hand/,
    /spawn\(file, args\)/,
    /will-quit/,
  ])
    if (!printed.some((line) => pattern.test(line))) throw new Error(`init does not tell of ${pattern}`);
  await change(path.join(project, main), (text) =>
    [glueImport, glue, glueCall].reduce((rest, piece) => replaced(rest, piece, ''), text),
  );
  const manifest = await readManifest(project);
  if (JSON.stringify(manifest.scripts).includes('build:backend'))
    throw new Error('init leaves the script `build:backend`.');
  return [];
}

/** A project of uv, with its lock, beside the apps. */
export function withUvProject(create: Create): Create {
  return async (maker) => {
    await create(maker);
    const { folder, tools, log, env } = maker;
    const engine = path.resolve(folder, '../../services/engine');
    await writeAll(engine, {
      'pyproject.toml': `[project]
name = "engine"
version = "1.0.0"
requires-python = ">=3.10"
dependencies = ["fastapi", "uvicorn"]
`,
      'main.py': `from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "healthy"}
`,
    });
    const uv = path.join(tools, 'uv', 'bin', 'uv');
    if (!existsSync(uv)) {
      const options = { cwd: tools, log, env, timeoutMs: 120_000 };
      await runLogged('python3', ['-m', 'venv', 'uv'], options);
      await runLogged(path.join(tools, 'uv/bin/python'), ['-m', 'pip', 'install', '--quiet', 'uv'], options);
    }
    await runLogged(uv, ['lock'], { cwd: engine, log, env, timeoutMs: 120_000 });
  };
}

async function change(file: string, edit: (text: string) => string): Promise<void> {
  await writeFile(file, edit(await readFile(file, 'utf8')));
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`There is no \`${from}\`.`);
  return text.replace(from, () => to);
}
