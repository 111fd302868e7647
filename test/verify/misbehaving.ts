/** A WSGI backend that misbehaves as the variable MODE says. */
const mainPy = `
import importlib, importlib.metadata, json, os, shutil, subprocess, sys, time
from pathlib import Path

here = Path(__file__).parent
mode = os.environ.get("MODE", "")
if mode == "missing-module":
    importlib.import_module("services." + "absent")
elif mode == "missing-metadata":
    importlib.metadata.version("Not-There")
elif mode == "missing-file":
    (here / "config" / "absent.json").read_text()
elif mode == "slow":
    time.sleep(1.5)
elif mode == "hang":
    time.sleep(600)
elif mode == "exit":
    print("nothing to do today", file=sys.stderr)
    os._exit(3)
elif mode == "abort":
    os.abort()
elif mode == "shared-library":
    import ctypes
    ctypes.CDLL("libnot-there.so.7")
elif mode == "illegal-instruction":
    import ctypes, mmap
    # What x86 and ARM call an instruction that will never exist.
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\\x0f\\x0b" if os.uname().machine == "x86_64" else bytes(4))
    ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
elif mode == "compiled":
    import greenlet
elif mode == "source":
    import inspect
    inspect.getsource(importlib.import_module("services.training").work)
elif mode == "missing-name":
    from services import absent
elif mode == "read-only":
    import sqlite3
    sqlite3.connect((here / "config" / "data.db").as_uri() + "?mode=ro", uri=True).execute("create table t (x)")
elif mode == "no-streams":
    sys.stdout = None
    sys.stdout.write("x")
elif mode == "certificate":
    import ssl, urllib.request
    urllib.request.urlopen(os.environ["SERVER"])
elif mode == "write":
    try:
        (here / "written.txt").write_text("x")
    except OSError:
        pass
elif mode == "leave":
    from electron_pyinstaller import start_detached

    start_detached(["/bin/sleep", "300"])


def app(environ, start_response):
    route = environ.get("PATH_INFO", "/")
    if route == "/environment":
        body = {
            "python": [shutil.which(name) for name in ("python", "python3", "pip")],
            "sh": shutil.which("sh"),
            "home": os.listdir(os.path.expanduser("~")),
            "here": str(here),
            "variables": sorted(os.environ),
        }
    elif route == "/config":
        body = json.loads((here / "config" / "app.json").read_text(encoding="utf-8"))
    elif route == "/absent-file":
        body = (here / "config" / "absent.json").read_text()
    elif route == "/absent-module":
        importlib.import_module("services." + "absent")
    elif route == "/end":
        os._exit(3)
    elif route == "/health":
        body = {"ok": True}
    else:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"no such page"]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body, ensure_ascii=False).encode()]
`;

/** Its files. */
export const misbehavingFiles = {
  'backend/main.py': mainPy,
  'backend/services/__init__.py': '',
  'backend/services/training.py': 'def work():\n    return 1\n',
  // An empty file is an empty database.
  'backend/config/data.db': '',
  'backend/config/app.json': '{"greeting": "grüß"}',
};
/** Its configuration. */
export const misbehavingConfig = {
  entry: { wsgi: 'main:app' },
  requirements: ['greenlet'],
  hiddenImports: ['services.*'],
  data: [{ from: 'backend/config/**/*', to: 'config' }],
  ready: { http: '/health' },
};
