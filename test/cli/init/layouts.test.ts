import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DetectedBackend, detectBackend } from '../../../src/cli/init/detect-backend.js';
import { writeFiles } from '../../support/files.js';

const fastapi = 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/health")\ndef health(): ...\n';
const flask = 'from flask import Flask\napp = Flask(__name__)\n@app.route("/")\ndef index(): ...\n';

/** A layout people have, and what of the proposal matters. */
interface Layout {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** Folder of package.json; default: the root. */
  readonly project?: string;
  readonly expected: Partial<DetectedBackend>;
}

const layouts: readonly Layout[] = [
  {
    title: 'a package with a launcher beside it: the package, and the folder that its imports start from',
    files: {
      'backend/app/__init__.py': '',
      'backend/app/main.py': `${fastapi}from app.core.config import NAME\n`,
      'backend/app/core/__init__.py': '',
      'backend/app/core/config.py': 'NAME = "x"\n',
      'backend/run_server.py':
        'import uvicorn\nif __name__ == "__main__":\n  uvicorn.run("app.main:app", port=8000)\n',
      'backend/aa_sign.py':
        'import argparse\nif __name__ == "__main__":\n  argparse.ArgumentParser().parse_args()\n',
      'backend/requirements.txt': 'fastapi\n',
    },
    expected: {
      entry: { asgi: 'app.main:app' },
      source: 'backend',
      requirements: 'backend/requirements.txt',
      ready: { name: '/health', why: 'backend/app/main.py:3' },
      port: null,
      reason: 'backend/app/main.py:2 makes a FastAPI application; backend/run_server.py:3 serves it',
    },
  },
  {
    title: 'a server of a library that is not known, by its port',
    files: {
      'backend/main.py':
        'import sys\nimport panel as pn\nif __name__ == "__main__":\n  pn.serve({}, port=int(sys.argv[1]), show=False)\n',
      'backend/tool.py':
        'import subprocess\ndef run(port): ...\nif __name__ == "__main__":\n  run(port=1)\n  subprocess.run(port=2)\n',
    },
    expected: {
      entry: { script: 'backend/main.py' },
      kind: 'http',
      reason: 'backend/main.py:4 starts a server (panel.serve)',
    },
  },
  {
    title: 'a package without __init__.py, whose own imports name it',
    files: {
      'server/src/main.py': `${fastapi}from src.db import connect\n`,
      'server/src/db.py': 'def connect(): ...\n',
      'server/pyproject.toml': '[project]\nname = "x"\ndependencies = ["fastapi"]\n',
    },
    expected: { entry: { asgi: 'src.main:app' }, source: 'server', requirements: 'server/pyproject.toml' },
  },
  {
    title: 'modules side by side in a folder that happens to be a package',
    files: {
      'backend/__init__.py': '',
      'backend/main.py': `${fastapi}from database import engine\n`,
      'backend/database.py': 'engine = 1\n',
    },
    expected: { entry: { asgi: 'main:app' }, source: 'backend', requirements: null },
  },
  {
    title: 'relative imports start from the folder above',
    files: {
      'backend/__init__.py': '',
      'backend/main.py': `from .db import x\n${fastapi}`,
      'backend/db.py': 'x = 1\n',
    },
    expected: { entry: { asgi: 'backend.main:app' }, source: '.' },
  },
  {
    title: 'a backend beside the folder of the app',
    files: {
      'electron/package.json': '{}',
      'electron/scripts/icons.py': 'if __name__ == "__main__":\n  print(1)\n',
      'backend/main.py': fastapi,
      'requirements.txt': 'fastapi\n',
    },
    project: 'electron',
    expected: { entry: { asgi: 'main:app' }, source: '../backend', requirements: '../requirements.txt' },
  },
  {
    title: 'a service of a workspace, two levels up and down again',
    files: {
      'pnpm-workspace.yaml': 'packages: [apps/*]\n',
      'apps/desktop/package.json': '{}',
      'services/engine/src/engine/server.py': fastapi,
      'services/engine/src/engine/__init__.py': '',
      'services/engine/pyproject.toml': '[project]\nname = "engine"\n',
      'services/engine/uv.lock': 'version = 1\n',
    },
    project: 'apps/desktop',
    expected: {
      entry: { asgi: 'engine.server:app' },
      source: '../../services/engine/src',
      requirements: '../../services/engine/uv.lock',
    },
  },
  {
    title: 'Flask that runs itself is given to the companion',
    files: { 'backend/app.py': `${flask}if __name__ == "__main__":\n  app.run(port=5000)\n` },
    expected: { entry: { wsgi: 'app:app' }, framework: 'Flask', port: null, kind: 'http' },
  },
  {
    title: 'a factory',
    files: {
      'backend/engine/__init__.py':
        'from flask import Flask\ndef create_app(config=None):\n  app = Flask(__name__)\n  return app\n',
      'backend/wsgi_run.py':
        'from engine import create_app\nif __name__ == "__main__":\n  create_app().run()\n',
    },
    expected: { entry: { wsgi: 'engine:create_app' }, source: 'backend' },
  },
  {
    title: 'a factory that uvicorn is told to call',
    files: {
      'api/service.py':
        'import fastapi\ndef build() -> fastapi.FastAPI:\n  application = fastapi.FastAPI()\n  return application\n',
      'api/start.py': 'import uvicorn\nuvicorn.run("service:build", factory=True)\n',
    },
    expected: { entry: { asgi: 'service:build' } },
  },
  {
    title: 'Django with its manage.py; WSGI, as nothing in the requirements serves ASGI',
    files: {
      'backend/manage.py':
        'import os\nfrom django.core.management import execute_from_command_line\nif __name__ == "__main__":\n  os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site1.settings")\n',
      'backend/site1/__init__.py': '',
      'backend/site1/settings.py': 'INSTALLED_APPS = ["django.contrib.admin", "shop.apps.ShopConfig"]\n',
      'backend/site1/asgi.py':
        'from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n',
      'backend/site1/wsgi.py':
        'from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n',
      'backend/shop/apps.py': '',
      'backend/shop/templates/shop/list.html': '',
      'backend/requirements.txt': 'django\n',
    },
    expected: {
      entry: { wsgi: 'site1.wsgi:application' },
      framework: 'Django',
      data: [{ from: 'backend/shop/templates', why: 'backend/site1/settings.py:1' }],
    },
  },
  {
    title: 'a script server with its port as an option',
    files: {
      'python/engine.py':
        'import argparse\nfrom http.server import HTTPServer, BaseHTTPRequestHandler\nparser = argparse.ArgumentParser()\nparser.add_argument("-p", "--listen-port", type=int, dest="port", default=9000)\nargs = parser.parse_args()\nHTTPServer(("127.0.0.1", args.port), BaseHTTPRequestHandler).serve_forever()\n',
    },
    expected: {
      entry: { script: 'python/engine.py' },
      kind: 'http',
      port: { address: { port: [8000, 8010] }, args: ['--listen-port', '{port}'], env: {} },
      ready: { name: '/', why: 'a path that answers without an error' },
    },
  },
  {
    title: 'a script server with its port in the environment, through a constant',
    files: {
      'backend/server.py':
        'import os\nfrom aiohttp import web\nPORT = int(os.environ.get("ENGINE_PORT", "8123"))\napp = web.Application()\napp.router.add_get("/ping", None)\nif __name__ == "__main__":\n  web.run_app(app, port=PORT)\n',
    },
    expected: {
      entry: { script: 'backend/server.py' },
      port: { address: { port: [8000, 8010] }, args: [], env: { ENGINE_PORT: '{port}' } },
      ready: { name: '/ping', why: 'backend/server.py:5' },
    },
  },
  {
    title: 'a script server with a port of its own',
    files: {
      'backend/server.py':
        'import asyncio, websockets\nasync def main():\n  async with websockets.serve(print, "localhost", 8765): await asyncio.Future()\nasyncio.run(main())\n',
    },
    expected: {
      entry: { script: 'backend/server.py' },
      port: { address: { port: 8765 }, args: [], env: {} },
    },
  },
  {
    title: 'a server whose own options matter is started by its own code',
    files: {
      'backend/main.py': `import argparse, uvicorn\n${fastapi}if __name__ == "__main__":\n  p = argparse.ArgumentParser()\n  p.add_argument("--port", type=int)\n  p.add_argument("--model-dir")\n  a = p.parse_args()\n  uvicorn.run(app, port=a.port)\n`,
    },
    expected: {
      entry: { script: 'backend/main.py' },
      port: { address: { port: [8000, 8010] }, args: ['--port', '{port}'], env: {} },
      ready: { name: '/health', why: 'backend/main.py:4' },
    },
  },
  {
    title: 'options of the server alone do not matter to the companion',
    files: {
      'backend/main.py': `import argparse, uvicorn\n${fastapi}if __name__ == "__main__":\n  p = argparse.ArgumentParser()\n  p.add_argument("--port", type=int)\n  p.add_argument("--host")\n  p.add_argument("--reload", action="store_true")\n  a = p.parse_args()\n  uvicorn.run(app, port=a.port)\n`,
    },
    expected: { entry: { asgi: 'main:app' }, port: null },
  },
  {
    title: 'Flask-SocketIO serves by itself',
    files: {
      'backend/app.py': `${flask}from flask_socketio import SocketIO\nsocketio = SocketIO(app)\nif __name__ == "__main__":\n  socketio.run(app, port=5001)\n`,
    },
    expected: { entry: { script: 'backend/app.py' }, port: { address: { port: 5001 }, args: [], env: {} } },
  },
  {
    title: 'a typer server: its parameter is an option',
    files: {
      'backend/cli.py':
        'import typer\nfrom waitress import serve\nfrom other import application\ndef main(http_port: int = 8080):\n  serve(application, port=http_port)\ntyper.run(main)\n',
    },
    expected: {
      entry: { script: 'backend/cli.py' },
      port: { address: { port: [8000, 8010] }, args: ['--http-port', '{port}'], env: {} },
    },
  },
  ...Object.entries({
    argparse:
      'import argparse\np = argparse.ArgumentParser()\nsub = p.add_subparsers()\nconvert = sub.add_parser("convert")\nconvert.add_argument("--size")\nrun = sub.add_parser("run-server")\nrun.add_argument("-p", "--port", type=int)\na = p.parse_args()\nserve(application, port=a.port)\n',
    click:
      'import click\n@click.group()\ndef cli(): ...\n@cli.command()\n@click.option("--size")\ndef convert(size): ...\n@cli.command()\n@click.option("--port", "-p", default=1)\ndef run_server(port):\n  serve(application, port=port)\ncli()\n',
    'click, with a name and a group in a group':
      'import click\n@click.group()\ndef cli(): ...\n@cli.group("web")\ndef of_web(): ...\n@of_web.command(name="up")\n@click.option("--port", "number")\ndef start(number):\n  serve(application, port=number)\ncli()\n',
    typer:
      'import typer\napp = typer.Typer()\n@app.command()\ndef convert(size: int): ...\n@app.command()\ndef run_server(port: int = 1):\n  serve(application, port=port)\napp()\n',
    'typer, with a group that is added':
      'import typer\napp = typer.Typer()\nweb = typer.Typer(name="web")\napp.add_typer(web)\n@web.command()\ndef up(port: int = 1):\n  serve(application, port=port)\napp()\n',
    'typer, with one command':
      'import typer\napp = typer.Typer()\n@app.command()\ndef run_server(port: int = 1):\n  serve(application, port=port)\napp()\n',
  }).map(([library, text]) => ({
    title: `the subcommand that serves is named before its option (${library})`,
    files: { 'backend/tool.py': `from waitress import serve\nfrom other import application\n${text}` },
    expected: {
      entry: { script: 'backend/tool.py' },
      port: {
        address: { port: [8000, 8010] as const },
        args: [
          ...({
            'typer, with one command': [],
            'typer, with a group that is added': ['web', 'up'],
            'click, with a name and a group in a group': ['web', 'up'],
          }[library] ?? ['run-server']),
          '--port',
          '{port}',
        ],
        env: {},
      },
    },
  })),
  {
    title: 'a server of another protocol is ready when it takes a connection: nothing is asked of it',
    files: {
      'backend/server.py':
        'import asyncio, sys\nfrom websockets.asyncio.server import serve\nasync def main():\n  async with serve(print, "127.0.0.1", int(sys.argv[1])):\n    await asyncio.Future()\nasyncio.run(main())\n',
    },
    expected: {
      entry: { script: 'backend/server.py' },
      ready: { name: null, why: 'it speaks no HTTP' },
      port: { address: { port: [8000, 8010] }, args: ['{port}'], env: {} },
    },
  },
  ...Object.entries({
    gRPC: 'import grpc\ndef serve():\n  server = grpc.server(None)\n  server.add_insecure_port(f"127.0.0.1:{os.environ.get(\'PORT\', \'50051\')}")\n  server.start()\nif __name__ == "__main__": serve()\n',
    ZeroMQ:
      'import zmq\nsocket = zmq.Context().socket(zmq.REP)\naddress = "tcp://127.0.0.1:{}".format(os.getenv("PORT"))\nsocket.bind(address)\n',
    'ZeroMQ, put together':
      'import zerorpc\ns = zerorpc.Server(object())\ns.bind("tcp://127.0.0.1:" + str(os.environ["PORT"]))\ns.run()\n',
    socket:
      'import socket\ns = socket.socket()\ns.bind(("127.0.0.1", int(os.environ["PORT"])))\ns.listen()\n',
  }).map(([library, text]) => ({
    title: `a server that binds an address is one: ${library}`,
    files: { 'backend/worker.py': `import os\n${text}` },
    expected: {
      entry: { script: 'backend/worker.py' },
      kind: 'http' as const,
      ready: { name: null, why: 'it speaks no HTTP' },
      port: { address: { port: [8000, 8010] as const }, args: [], env: { PORT: '{port}' } },
    },
  })),
  {
    title: 'a socket that looks for a free port is no server',
    files: {
      'backend/app.py': `${flask}import socket\ndef free():\n  s = socket.socket()\n  s.bind(("", 0))\n  s.listen(1)\n  return s.getsockname()[1]\nif __name__ == "__main__":\n  app.run(port=free())\n`,
    },
    expected: { entry: { wsgi: 'app:app' }, port: null },
  },
  {
    title: 'a page of Streamlit is run by it, with its other pages, and what it imports is no page',
    files: {
      'ui/home.py': 'import streamlit as st\nimport parts\nst.title("a")\n',
      'ui/parts.py': 'import streamlit as st\ndef title(): st.title("b")\n',
      'ui/pages/two.py': 'import streamlit as st\nst.title("c")\n',
      'requirements.txt': 'streamlit\n',
    },
    expected: {
      entry: { consoleScript: 'streamlit' },
      source: 'ui',
      data: [
        { from: 'ui/home.py', why: 'ui/home.py:1' },
        { from: 'ui/pages', why: 'ui/home.py:1' },
      ],
      port: {
        address: { port: [8000, 8010] },
        args: [
          'run',
          '{bundle}/home.py',
          '--server.port={port}',
          '--server.address=127.0.0.1',
          '--server.headless=true',
        ],
        env: {},
      },
    },
  },
  {
    title: 'the file that pip-tools compiles says which packages there are',
    files: { 'backend/main.py': fastapi, 'backend/requirements.in': 'fastapi\n' },
    expected: { requirements: 'backend/requirements.in' },
  },
  ...(['argparse', 'click', 'typer'] as const).map((library) => ({
    title: `a command line made with ${library} is a job`,
    files: {
      'python/tool.py': {
        argparse:
          'import argparse\ndef main(): argparse.ArgumentParser().parse_args()\nif __name__ == "__main__": main()\n',
        click:
          'import click\n@click.command()\n@click.option("--size")\ndef main(size): ...\nif __name__ == "__main__": main()\n',
        typer: 'import typer\napp = typer.Typer()\n@app.command()\ndef main(size: int): ...\napp()\n',
      }[library],
    },
    expected: { entry: { script: 'python/tool.py' }, kind: 'job' as const, port: null, ready: null },
  })),
  {
    title: 'a program that reads lines is one of streams',
    files: {
      'python/worker.py':
        'import sys, json\nif __name__ == "__main__":\n  for line in sys.stdin: print(json.loads(line))\n',
    },
    expected: { kind: 'stdio', entry: { script: 'python/worker.py' } },
  },
  {
    title: 'the companion is used already',
    files: {
      'backend/main.py': `from electron_pyinstaller import serve\n${fastapi.replace('app =', '_app =').replaceAll('@app', '@_app')}if __name__ == "__main__":\n  serve(_app)\n`,
    },
    expected: { entry: { asgi: 'main:_app' }, port: null },
  },
  {
    title: 'what an npm script starts goes before what lies nearer',
    files: {
      'package.json': '{"scripts":{"dev:py":"cd tools/api && python -m uvicorn serving.web:api --reload"}}',
      'backend/main.py': fastapi,
      'tools/api/serving/__init__.py': '',
      'tools/api/serving/web.py': fastapi
        .replaceAll('app', 'api')
        .replace('fastapi', 'fastapi')
        .replace('fastapi import', 'fastapi import'),
    },
    expected: { entry: { asgi: 'serving.web:api' }, source: 'tools/api' },
  },
  {
    title: 'an application that another one mounts is not the program',
    files: {
      'backend/a_admin.py': 'from fastapi import FastAPI\nadmin = FastAPI()\n',
      'backend/z_main.py': `${fastapi}sub = FastAPI()\napp.mount("/sub", sub)\n`,
    },
    expected: { entry: { asgi: 'z_main:app' }, id: 'backend/z_main.py:app' },
  },
  {
    title: 'the whole path of a health route, through routers with prefixes',
    files: {
      'backend/app/main.py':
        'from fastapi import FastAPI\nfrom app.routes import status as s\napp = FastAPI()\napp.include_router(s.router, prefix="/api")\n',
      'backend/app/routes/__init__.py': '',
      'backend/app/routes/status.py':
        'from fastapi import APIRouter\nrouter = APIRouter(prefix="/v1")\n@router.get("/health")\ndef health(): ...\n',
    },
    expected: { ready: { name: '/api/v1/health', why: 'backend/app/routes/status.py:3' } },
  },
  {
    title: 'a health route whose prefix is only known at run time is not proposed',
    files: {
      'backend/app/main.py':
        'from fastapi import FastAPI\nfrom app.status import router\nfrom app.settings import PREFIX\napp = FastAPI()\napp.include_router(router, prefix=PREFIX)\n',
      'backend/app/status.py':
        'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/health")\ndef health(): ...\n',
      'backend/app/settings.py': 'PREFIX = "/api"\n',
    },
    expected: { ready: null },
  },
];

describe('detectBackend', () => {
  test.each(layouts)('$title', async ({ files, project, expected }) => {
    const folder = await writeFiles({ ...(project === undefined ? { 'package.json': '{}' } : {}), ...files });
    const found = await detectBackend(path.join(folder, project ?? '.'));
    expect(found).toMatchObject(expected);
  });

  test('a project without a Python program has none', async () => {
    const folder = await writeFiles({
      'package.json': '{}',
      '.git/HEAD': '',
      'lib/util.py': 'x = 1',
      'node_modules/g/main.py': 'app = FastAPI()',
      '.venv/pyvenv.cfg': '',
      '.venv/lib/site.py': 'app = FastAPI()',
      'env2/pyvenv.cfg': '',
      'env2/lib/site.py': 'app = FastAPI()',
    });
    expect(await detectBackend(folder)).toBeNull();
  });

  test('folders beside the project that have nothing to do with it are not looked at', async () => {
    const folder = await writeFiles({ 'mine/package.json': '{}', 'another/main.py': fastapi });
    expect(await detectBackend(path.join(folder, 'mine'))).toBeNull();
  });

  test('a file that is not valid Python is named, and the rest is read', async () => {
    const folder = await writeFiles({
      'package.json': '{}',
      'backend/main.py': fastapi,
      'backend/old.py': 'print 1',
    });
    const found = await detectBackend(folder);
    expect(found?.entry).toEqual({ asgi: 'main:app' });
    expect(found?.remarks.join('\n')).toMatch(/backend\/old\.py:1 is not valid Python/);
  });

  test('two programs that are as likely are both named; --entry chooses', async () => {
    const folder = await writeFiles({
      'package.json': '{}',
      'services/a/main.py': fastapi,
      'services/b/main.py': fastapi,
    });
    const found = await detectBackend(folder);
    expect(found?.id).toBe('services/a/main.py');
    expect(found?.alternatives.map(({ id }) => id)).toEqual(['services/b/main.py']);
    const other = await detectBackend(folder, { entry: 'services/b/main.py' });
    expect(other).toMatchObject({ source: 'services/b', alternatives: [] });
  });
});
