"""Says what the Python files of a project are: programs, applications, servers, and the files they read.

Run as `python -I survey.py <question as JSON>`. Reads and parses, runs nothing. Which of it becomes a proposal is decided by
`electron-pyinstaller init` (src/cli/init/); here only facts are gathered. The answer is one line of JSON.
"""

from __future__ import annotations

import ast
import configparser
import json
import os
import re
import sys
import warnings
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

MARKER = "electron-pyinstaller-survey:"
MOST_FILES = 4000
MOST_BYTES = 2_000_000
MOST_STEPS = 500
"""Spent on one expression: names that are made of each other could take forever."""

SKIPPED = {
    "__pycache__", "node_modules", "site-packages", "dist-packages", "dist", "out", "build", "release", "coverage", "target",
    "tests", "test", "venv", "env", "__tests__", "e2e", "vendor",
}  # fmt: skip

ASGI = {
    "fastapi.FastAPI": "FastAPI", "fastapi.applications.FastAPI": "FastAPI", "starlette.applications.Starlette": "Starlette",
    "litestar.Litestar": "Litestar", "quart.Quart": "Quart", "sanic.Sanic": "Sanic", "blacksheep.Application": "BlackSheep",
    "falcon.asgi.App": "Falcon", "socketio.ASGIApp": "Socket.IO", "channels.routing.ProtocolTypeRouter": "Django Channels",
    "django.core.asgi.get_asgi_application": "Django", "connexion.AsyncApp": "Connexion",
}  # fmt: skip
WSGI = {
    "flask.Flask": "Flask", "flask.app.Flask": "Flask", "apiflask.APIFlask": "APIFlask", "bottle.Bottle": "Bottle",
    "falcon.App": "Falcon", "falcon.API": "Falcon", "django.core.wsgi.get_wsgi_application": "Django", "socketio.WSGIApp": "Socket.IO",
}  # fmt: skip
BARE = {"FastAPI": "asgi", "Starlette": "asgi", "Litestar": "asgi", "Quart": "asgi", "Sanic": "asgi", "Flask": "wsgi", "Bottle": "wsgi",
        "get_asgi_application": "asgi", "get_wsgi_application": "wsgi"}  # fmt: skip
"""Classes that are known without their import."""

SERVERS = {
    "uvicorn.run": "uvicorn.run", "uvicorn.Config": "uvicorn.Config", "waitress.serve": "waitress.serve",
    "hypercorn.asyncio.serve": "hypercorn", "aiohttp.web.run_app": "aiohttp", "werkzeug.serving.run_simple": "run_simple",
    "bottle.run": "bottle.run", "websockets.serve": "websockets.serve", "websockets.asyncio.server.serve": "websockets.serve",
    "websockets.sync.server.serve": "websockets.serve", "asyncio.start_server": "asyncio.start_server",
    "http.server.HTTPServer": "HTTPServer", "http.server.ThreadingHTTPServer": "HTTPServer", "socketserver.TCPServer": "TCPServer",
    "socketserver.ThreadingTCPServer": "TCPServer", "wsgiref.simple_server.make_server": "make_server",
    "gevent.pywsgi.WSGIServer": "WSGIServer", "eventlet.wsgi.server": "eventlet", "cheroot.wsgi.Server": "cheroot",
    "xmlrpc.server.SimpleXMLRPCServer": "SimpleXMLRPCServer", "granian.Granian": "Granian", "cherrypy.quickstart": "CherryPy",
    "nicegui.ui.run": "NiceGUI",
}  # fmt: skip
RUN_METHODS = {"run", "run_server", "listen", "launch", "serve"}
STARTS = {*RUN_METHODS, "start", "show", "start_server", "run_app", "run_forever", "serve_forever"}
"""Last parts of calls that start a server of a library that is not known here, when they are given a port."""
RUN_CLASSES = {
    "flask_socketio.SocketIO": ("Flask-SocketIO", {"run"}), "dash.Dash": ("Dash", {"run", "run_server"}),
    "tornado.web.Application": ("Tornado", {"listen"}), "tornado.httpserver.HTTPServer": ("Tornado", {"listen"}),
    "gradio.Interface": ("Gradio", {"launch"}), "gradio.Blocks": ("Gradio", {"launch"}), "gradio.ChatInterface": ("Gradio", {"launch"}),
    "bottle.Bottle": ("Bottle", {"run"}),
}  # fmt: skip
COMPANION = "electron_pyinstaller"
ROUTERS = {"fastapi.APIRouter", "fastapi.routing.APIRouter", "flask.Blueprint", "quart.Blueprint", "sanic.Blueprint", "apiflask.APIBlueprint"}
HEALTH = re.compile(r"/(?:health|healthz|health_check|healthcheck|ready|readyz|ping|live|status|heartbeat)/?$", re.I)
FOLDER_KEYS = {"directory", "folder", "template_folder", "static_folder", "searchpath", "root_dir", "template_dir", "static_dir"}
FOLDER_CALLS = {"FileSystemLoader", "listdir", "scandir", "walk", "StaticFiles", "Jinja2Templates", "send_from_directory", "glob", "iglob"}
WRITERS = {"FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "WatchedFileHandler", "makedirs", "mkdir", "remove", "unlink", "connect",
           "rmtree", "dump", "to_csv", "save", "imwrite", "NamedTemporaryFile"}  # fmt: skip
WRITING_METHODS = {"write_text", "write_bytes", "mkdir", "touch", "unlink", "rmdir"}
HELPER = re.compile(r"(?:resource|asset|data|bundle)s?_?(?:path|file|dir)$|^get_(?:resource|asset)", re.I)
FILE_TEXT = re.compile(r"^[\w.@()+ \\/-]{1,200}\.\w{1,10}$")

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
AnyFunction = Union[ast.FunctionDef, ast.AsyncFunctionDef]
STDLIB = set(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names)


class Value(NamedTuple):
    """A path as far as it can be told."""

    text: str
    anchored: bool
    """It begins at the place of a file, not in the working directory."""
    dynamic: bool = False
    """More follows that is only known at run time."""
    suffix: str = ""
    """What a dynamic path ends with."""


class Module:
    """One parsed file."""

    def __init__(self, file: str, tree: ast.Module, top: str) -> None:
        self.file = file
        self.tree = tree
        self.top = top
        self.folder = os.path.dirname(file)
        self.names: Dict[str, str] = {}
        """Local name to dotted name, of every import in the file."""
        self.levels = 0
        self.imports: List[str] = []
        self.assigned: Dict[str, List[ast.expr]] = {}
        """Values of names at the left margin."""
        self.anywhere: Dict[str, List[ast.expr]] = {}
        """Values of names in functions too."""
        self.functions: Dict[str, AnyFunction] = {}
        self.methods: Set[str] = set()
        """Names of attributes that are used."""
        self.parents: Dict[ast.AST, ast.AST] = {}
        self._read()
        self.root = ""
        self.module = ""

    def _read(self) -> None:
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            if isinstance(node, ast.Attribute):
                self.methods.add(node.attr)
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.names[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
                    self.imports.append(alias.name)
            elif isinstance(node, ast.ImportFrom):
                self.levels = max(self.levels, node.level)
                base = "." * node.level + (node.module or "")
                if node.level == 0:
                    self.imports.append(base)
                for alias in node.names:
                    self.names[alias.asname or alias.name] = f"{base}.{alias.name}" if not base.endswith(".") else base + alias.name
                    if node.level == 0:
                        self.imports.append(f"{base}.{alias.name}")
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self._assign(node.targets[0].id, node.value, node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                self._assign(node.target.id, node.value, node)
            elif isinstance(node, Function):
                self.functions.setdefault(node.name, node)

    def _assign(self, name: str, value: ast.expr, statement: ast.AST) -> None:
        self.anywhere.setdefault(name, []).append(value)
        if self.is_top(statement):
            self.assigned.setdefault(name, []).append(value)

    def is_top(self, node: ast.AST) -> bool:
        """At the left margin, or in an `if` or `try` there."""
        while True:
            parent = self.parents.get(node)
            if parent is None:
                # Parents are filled from the outside in, so the module itself is known by then.
                return isinstance(node, ast.Module)
            if isinstance(parent, (*Function, ast.ClassDef, ast.Lambda)):
                return False
            node = parent

    def dotted(self, node: Optional[ast.AST]) -> str:
        """What a name or attribute stands for, by the imports of the file; empty: not a name."""
        parts: List[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.names.get(node.id, node.id), *parts])

    def absolute(self, name: str) -> str:
        """A dotted name that may begin with the dots of a relative import."""
        level = len(name) - len(name.lstrip("."))
        if level == 0:
            return name
        package = self.module.split(".") if os.path.basename(self.file) == "__init__.py" else self.module.split(".")[:-1]
        base = package[: len(package) - (level - 1)]
        return ".".join([*base, name[level:]])

    def guarded(self, node: ast.AST) -> bool:
        current: Optional[ast.AST] = node
        while current is not None:
            if isinstance(current, ast.If) and is_main_test(current.test):
                return True
            current = self.parents.get(current)
        return False


def is_main_test(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Compare)
        and any(isinstance(part, ast.Name) and part.id == "__name__" for part in (node.left, *node.comparators))
        and any(isinstance(part, ast.Constant) and part.value == "__main__" for part in (node.left, *node.comparators))
    )


def text_of(node: Optional[ast.AST]) -> Optional[str]:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def first_text(node: ast.expr) -> Optional[str]:
    """What a text that is put together begins with."""
    if isinstance(node, ast.JoinedStr):
        return text_of(node.values[0]) if node.values else None
    if isinstance(node, ast.BinOp):
        return first_text(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return first_text(node.func.value)
    return text_of(node)


def last_piece(node: ast.expr) -> Optional[ast.expr]:
    """What a text that is put together ends with; of a plain one what stands behind its last colon."""
    if isinstance(node, ast.JoinedStr) and node.values:
        return last_piece(node.values[-1])
    if isinstance(node, ast.FormattedValue):
        return node.value
    if isinstance(node, ast.BinOp):
        right = node.right
        return right.elts[-1] if isinstance(right, ast.Tuple) and right.elts else right
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return node.args[-1] if node.args else None
    text = text_of(node)
    return node if text is None else ast.Constant(value=text.rpartition(":")[2])


def longest_flag(call: ast.Call) -> Optional[str]:
    """Of an option that argparse or click are told: `--port` of `("-p", "--port")`."""
    flags = [text for text in map(text_of, call.args) if text is not None and text.startswith("-")]
    longest = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else None)
    return None if longest is None else longest.partition("/")[0]


def destination_of(call: ast.Call) -> Optional[str]:
    """The name that the value of such an option gets."""
    longest = longest_flag(call)
    named = text_of(argument(call, "dest", -1)) or next((text for text in map(text_of, call.args) if text and text.isidentifier()), None)
    return None if longest is None else named or longest.lstrip("-").replace("-", "_")


def argument(call: ast.Call, name: str, index: int) -> Optional[ast.expr]:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[index] if 0 <= index < len(call.args) else None


Scope = Dict[str, Tuple["Module", List[ast.expr], Any]]
"""Names of a function that is looked into: where their values are written, the values, and the names that those know."""


class Survey:
    def __init__(self, question: Dict[str, Any]) -> None:
        self.scope: Scope = {}
        self.question = question
        self.modules: Dict[str, Module] = {}
        self.broken: List[Dict[str, Any]] = []
        self.complete = True
        self.effort = 0

    # Reading

    def read(self) -> None:
        for place in self.question["places"]:
            self._walk(place["folder"], place["depth"], set(place.get("except", ())))
        for module in self.modules.values():
            module.root = self._root(module)
            module.module = os.path.splitext(os.path.basename(module.file))[0]
        self._share_roots()
        for module in self.modules.values():
            relative = os.path.relpath(module.file, module.root)[:-3].split(os.sep)
            module.module = ".".join(relative[:-1] if relative[-1] == "__init__" else relative)

    def _share_roots(self) -> None:
        """What a module imports is imported from the same folder, even where the imported file says nothing of it."""
        for _ in range(6):
            changed = False
            for module in self.modules.values():
                for name in module.imports:
                    parts = name.split(".")
                    for length in range(1, len(parts) + 1):
                        other = self._in_root(module.root, parts[:length])
                        if other is not None and other.root.startswith(module.root + os.sep):
                            other.root = module.root
                            changed = True
            if not changed:
                return

    def _walk(self, folder: str, depth: int, without: "set[str]") -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            return
        if any(entry.name == "pyvenv.cfg" or entry.name == "conda-meta" for entry in entries):
            return
        for entry in entries:
            if entry.is_file() and entry.name.endswith((".py", ".pyw")):
                self._parse(entry.path)
        for entry in entries:
            if depth > 0 and entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in SKIPPED:
                if entry.path not in without and not entry.name.endswith((".egg-info", ".dist-info", ".app")):
                    self._walk(entry.path, depth - 1, without)

    def _parse(self, file: str) -> None:
        if file in self.modules:
            return
        if len(self.modules) >= MOST_FILES:
            self.complete = False
            return
        try:
            if os.path.getsize(file) > MOST_BYTES:
                return
            with open(file, "rb") as stream:
                tree = ast.parse(stream.read(), filename=file)
        except SyntaxError as error:
            self.broken.append({"file": file, "line": error.lineno or 0, "message": error.msg or "invalid syntax"})
            return
        except (OSError, ValueError, RecursionError, MemoryError):
            return
        self.modules[file] = Module(file, tree, self.question["top"])

    def _root(self, module: Module) -> str:
        """The folder that imports start from: of the folders above the file the one where most of its own imports are found."""
        folders = [module.folder]
        while folders[-1] != module.top and os.path.dirname(folders[-1]) != folders[-1] and len(folders) < 7:
            folders.append(os.path.dirname(folders[-1]))
        plain = next((folder for folder in folders if not os.path.isfile(os.path.join(folder, "__init__.py"))), folders[-1])
        if module.levels > 0:
            folders = folders[min(module.levels, len(folders) - 1) :]
        best, most = (plain, 0) if plain in folders else (folders[0], 0)
        own = {name for name in module.imports if name.partition(".")[0] not in STDLIB}
        for folder in [best, *folders]:
            found = len({name for name in own if self._is_there(folder, name)})
            if found > most:
                best, most = folder, found
        return best

    @staticmethod
    def _is_there(folder: str, name: str) -> bool:
        here = os.path.join(folder, *name.split("."))
        if os.path.isfile(here + ".py"):
            return True
        try:
            return os.path.isdir(here) and any(inside.endswith(".py") for inside in os.listdir(here))
        except OSError:
            return False

    def find(self, module: Module, dotted: str) -> Optional[Tuple[Module, str]]:
        """The module of the project and the rest of a dotted name that lies in it."""
        parts = module.absolute(dotted).split(".")
        for length in range(len(parts), 0, -1):
            for root in (module.root, module.folder):
                found = self._in_root(root, parts[:length])
                if found is not None:
                    return found, ".".join(parts[length:])
        return None

    def _in_root(self, root: str, parts: List[str]) -> Optional[Module]:
        here = os.path.join(root, *parts)
        return self.modules.get(here + ".py") or self.modules.get(os.path.join(here, "__init__.py"))

    # Applications

    def made(self, module: Module, node: Optional[ast.AST], depth: int = 0) -> Optional[Tuple[str, str]]:
        """(interface, framework) that an expression makes."""
        if not isinstance(node, ast.Call):
            return None
        dotted = module.dotted(node.func)
        if dotted in ASGI:
            return "asgi", ASGI[dotted]
        if dotted in WSGI:
            return "wsgi", WSGI[dotted]
        last = dotted.rpartition(".")[2]
        if last in BARE and (dotted == last or self.find(module, dotted) is None):
            return BARE[last], "Django" if last.startswith("get_") else last
        if depth < 3 and not node.args and not node.keywords:
            inner = self.factory(module, dotted, depth + 1)
            if inner is not None:
                return inner
        return None

    def factory(self, module: Module, dotted: str, depth: int = 0) -> Optional[Tuple[str, str]]:
        """What a function of the project that can be called without arguments returns."""
        place = self.find(module, dotted) if "." in module.absolute(dotted) else None
        home, name = place if place is not None else (module, dotted)
        function = home.functions.get(name)
        if function is None or home.parents.get(function) is not home.tree:
            return None
        required = len(function.args.args) + len(function.args.posonlyargs) - len(function.args.defaults)
        if required > 0 or any(default is None for default in function.args.kw_defaults):
            return None
        local: Dict[str, ast.expr] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                local.setdefault(node.targets[0].id, node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                local.setdefault(node.target.id, node.value)
        for node in ast.walk(function):
            if isinstance(node, ast.Return):
                value = local.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
                result = self.made(home, value, depth)
                if result is not None:
                    return result
        return None

    def applications(self, module: Module) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = []
        inner = self._inner(module)
        for name, values in module.assigned.items():
            for value in values:
                made = self.made(module, value)
                if made is not None and not any(item["name"] == name for item in found):
                    interface, framework = made
                    item = {"name": name, "interface": interface, "framework": framework, "line": value.lineno, "inner": name in inner}
                    found.append({**item, "routes": self._uses(module, name)})
                elif isinstance(value, ast.Attribute) and value.attr == "server" and self._class_of(module, value.value) == "dash.Dash":
                    found.append({"name": name, "interface": "wsgi", "framework": "Dash", "line": value.lineno, "inner": False, "routes": 1})
        return found

    @staticmethod
    def _uses(module: Module, name: str) -> int:
        return sum(
            1 for node in ast.walk(module.tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
        )

    def _inner(self, module: Module) -> "set[str]":
        """Applications that are a part of another one: mounted, or wrapped."""
        inner: "set[str]" = set()
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            is_mount = isinstance(node.func, ast.Attribute) and node.func.attr in ("mount", "register_blueprint", "wsgi_app")
            is_wrap = module.dotted(node.func) in ("socketio.ASGIApp", "socketio.WSGIApp", "channels.routing.ProtocolTypeRouter")
            if is_mount or is_wrap:
                for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    if isinstance(value, ast.Name):
                        inner.add(value.id)
        return inner

    def factories(self, module: Module) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = []
        for name, function in module.functions.items():
            made = self.factory(module, name)
            if made is not None:
                found.append({"name": name, "interface": made[0], "framework": made[1], "line": function.lineno})
        return found

    def _class_of(self, module: Module, node: Optional[ast.AST]) -> str:
        """Dotted name of the class that a name is made from."""
        if isinstance(node, ast.Call):
            return module.dotted(node.func)
        if isinstance(node, ast.Name):
            for value in module.anywhere.get(node.id, []):
                if isinstance(value, ast.Call):
                    return module.dotted(value.func)
            for parent in ast.walk(module.tree):
                if isinstance(parent, (ast.With, ast.AsyncWith)):
                    for item in parent.items:
                        if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == node.id and isinstance(item.context_expr, ast.Call):
                            return module.dotted(item.context_expr.func)
        return ""

    # Servers

    def serves(self, module: Module) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = []
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                serve = self._serve(module, node)
                if serve is not None:
                    found.append({**serve, "line": node.lineno})
        # A socket may be there to find a free port for a real server.
        return sorted(found, key=lambda serve: serve["how"] == "socket")

    def _serve(self, module: Module, call: ast.Call) -> Optional[Dict[str, Any]]:
        dotted = module.dotted(call.func)
        if dotted in SERVERS:
            how = SERVERS[dotted]
            target = argument(call, "app", 0) if how.startswith(("uvicorn", "waitress", "hypercorn")) else None
            factory = argument(call, "factory", -1)
            is_factory = isinstance(factory, ast.Constant) and factory.value is True
            return {"how": how, "target": self._target(module, target, is_factory), "port": self._port_of(module, call, how)}
        bound = self._bound(module, call)
        if bound is not None:
            return bound
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in RUN_METHODS:
            return self._unknown_server(module, call, dotted)
        receiver, method = call.func.value, call.func.attr
        made_by = self._class_of(module, receiver)
        if made_by in RUN_CLASSES and method in RUN_CLASSES[made_by][1]:
            how = RUN_CLASSES[made_by][0]
            shown = receiver if how == "Bottle" else argument(call, "app", 0) if how == "Flask-SocketIO" else None
            target = self._target(module, shown, False)
            return {"how": how, "target": target, "port": self._port_of(module, call, how)}
        if method in ("run", "run_server"):
            target = self._target(module, receiver, False)
            if target is not None:
                return {"how": f"{ast.unparse(receiver) if hasattr(ast, 'unparse') else 'app'}.run", "target": target, "port": self._port_of(module, call, "")}
        return self._unknown_server(module, call, dotted)

    def _bound(self, module: Module, call: ast.Call) -> Optional[Dict[str, Any]]:
        """`server.add_insecure_port(f"[::]:{port}")`, `socket.bind("tcp://127.0.0.1:" + port)`, `socket.bind((host, port))` that listens."""
        if not isinstance(call.func, ast.Attribute) or not call.args:
            return None
        address, method = self._value(module, call.args[0]), call.func.attr
        if method in ("add_insecure_port", "add_secure_port"):
            how = "gRPC"
        elif method == "bind" and (first_text(address) or "").startswith("tcp://"):
            how = "ZeroMQ"
        elif method == "bind" and isinstance(address, ast.Tuple) and len(address.elts) > 1 and "listen" in module.methods:
            how = "socket"
        else:
            return None
        port = address.elts[1] if isinstance(address, ast.Tuple) and len(address.elts) > 1 else last_piece(address)
        return {"how": how, "target": None, "port": self.port(module, port, 0) if port is not None else {"type": "unknown"}}

    def _value(self, module: Module, node: ast.expr) -> ast.expr:
        return next(iter(module.anywhere.get(node.id, [])), node) if isinstance(node, ast.Name) else node

    def _unknown_server(self, module: Module, call: ast.Call, dotted: str) -> Optional[Dict[str, Any]]:
        """`panel.serve(pages, port=8080)`: of an installed package, by how it is called."""
        if dotted.rpartition(".")[2] not in STARTS or argument(call, "port", -1) is None:
            return None
        if "." not in dotted or dotted.partition(".")[0] in STDLIB or self.find(module, dotted) is not None:
            return None
        return {"how": dotted, "target": None, "port": self._port_of(module, call, dotted)}

    def _target(self, module: Module, node: Optional[ast.AST], factory: bool) -> Optional[Dict[str, Any]]:
        """The application that is served, as file and name."""
        text = text_of(node)
        if text is not None:
            name, _, attribute = text.partition(":")
            place = self.find(module, name)
            if place is None or place[1] != "" or attribute == "":
                return None
            # A name in a string is looked up where the program is started.
            root = next((folder for folder in (module.folder, module.root) if self._in_root(folder, name.split(".")) is place[0]), None)
            return {"file": place[0].file, "name": attribute.rstrip("()"), "root": root, "factory": factory}
        if isinstance(node, ast.Name):
            for value in module.anywhere.get(node.id, []):
                if node.id in module.assigned and self.made(module, value) is not None:
                    return {"file": module.file, "name": node.id, "root": None, "factory": False}
                found = self._target(module, value, factory) if isinstance(value, ast.Call) else None
                if found is not None:
                    return found
        if isinstance(node, (ast.Name, ast.Attribute)):
            place = self.find(module, module.dotted(node)) if "." in module.absolute(module.dotted(node)) else None
            if place is not None and place[1] != "":
                home, name = place
                if any(self.made(home, value) is not None for value in home.assigned.get(name, [])):
                    return {"file": home.file, "name": name, "root": None, "factory": False}
            return None
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            dotted = module.dotted(node.func)
            if dotted != "" and self.factory(module, dotted) is not None:
                place = self.find(module, dotted) if "." in module.absolute(dotted) else None
                home, name = place if place is not None else (module, dotted)
                return {"file": home.file, "name": name, "root": None, "factory": True}
        return None

    def _port_of(self, module: Module, call: ast.Call, how: str) -> Dict[str, Any]:
        node = argument(call, "port", -1) or argument(call, "server_port", -1)
        if node is None:
            if how in ("HTTPServer", "TCPServer", "SimpleXMLRPCServer", "WSGIServer", "cheroot"):
                address = call.args[0] if call.args else argument(call, "bind_addr", -1)
                address = None if address is None else self._value(module, address)
                node = address.elts[1] if isinstance(address, ast.Tuple) and len(address.elts) > 1 else None
            elif how == "Tornado":
                node = call.args[0] if call.args else None
            elif how in ("websockets.serve", "asyncio.start_server"):
                node = call.args[2] if len(call.args) > 2 else None
            elif how in ("make_server", "run_simple", "app.run", ""):
                node = call.args[1] if len(call.args) > 1 else None
            elif how == "Flask-SocketIO":
                node = call.args[2] if len(call.args) > 2 else None
        if node is None:
            default = {"uvicorn.run": 8000, "aiohttp": 8080, "bottle.run": 8080, "Bottle": 8080, "waitress.serve": 8080, "Flask-SocketIO": 5000,
                       "Dash": 8050, "Gradio": 7860, "NiceGUI": 8080, "CherryPy": 8080}.get(how)  # fmt: skip
            return {"type": "fixed", "port": default} if default is not None else {"type": "unknown"}
        return self.port(module, node, 0)

    def port(self, module: Module, node: ast.AST, depth: int) -> Dict[str, Any]:
        """Where a port comes from."""
        if depth > 6:
            return {"type": "unknown"}
        if isinstance(node, ast.Constant):
            text = str(node.value)
            return {"type": "fixed", "port": int(text)} if text.isdigit() and 0 < int(text) < 65536 else {"type": "unknown"}
        if isinstance(node, ast.Call):
            dotted = module.dotted(node.func)
            if dotted in ("os.getenv", "os.environ.get"):
                name = text_of(node.args[0]) if node.args else None
                return {"type": "environment", "name": name} if name else {"type": "unknown"}
            if dotted in ("int", "str") and node.args:
                return self.port(module, node.args[0], depth + 1)
            return {"type": "unknown"}
        if isinstance(node, ast.BoolOp):
            found = [self.port(module, value, depth + 1) for value in node.values]
            return next((item for item in found if item["type"] != "fixed" and item["type"] != "unknown"), found[-1])
        if isinstance(node, ast.IfExp):
            found = [self.port(module, value, depth + 1) for value in (node.body, node.orelse)]
            return next((item for item in found if item["type"] not in ("fixed", "unknown")), found[0])
        if isinstance(node, ast.Subscript):
            dotted = module.dotted(node.value)
            if dotted == "os.environ":
                name = text_of(node.slice)
                return {"type": "environment", "name": name} if name else {"type": "unknown"}
            if dotted == "sys.argv" and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
                return {"type": "argument", "index": node.slice.value}
            return {"type": "unknown"}
        if isinstance(node, ast.Attribute):
            if node.attr in self.options(module):
                return self._option(module, node.attr)
            place = self.find(module, module.dotted(node))
            if place is not None and place[1] in place[0].assigned:
                return self.port(place[0], place[0].assigned[place[1]][-1], depth + 1)
            return {"type": "unknown"}
        if isinstance(node, ast.Name):
            values = module.anywhere.get(node.id)
            if values:
                found = [self.port(module, value, depth + 1) for value in values]
                return next((item for item in found if item["type"] not in ("fixed", "unknown")), found[-1])
            if node.id in self.options(module):
                return self._option(module, node.id)
            place = self.find(module, module.dotted(node)) if node.id in module.names else None
            if place is not None and place[1] in place[0].assigned:
                return self.port(place[0], place[0].assigned[place[1]][-1], depth + 1)
            return self._parameter(module, node, depth)
        return {"type": "unknown"}

    def _parameter(self, module: Module, node: ast.Name, depth: int) -> Dict[str, Any]:
        """A parameter of the function around: what it is called with, else its default."""
        current: Optional[ast.AST] = node
        while current is not None and not isinstance(current, Function):
            current = module.parents.get(current)
        if current is None:
            return {"type": "unknown"}
        names = [item.arg for item in (*current.args.posonlyargs, *current.args.args)]
        index = names.index(node.id) if node.id in names else -1
        for call in ast.walk(module.tree):
            if isinstance(call, ast.Call) and module.dotted(call.func) == current.name:
                given = argument(call, node.id, index)
                if given is not None and not (isinstance(given, ast.Name) and given.id == node.id):
                    return self.port(module, given, depth + 1)
        defaults = current.args.defaults
        if index >= 0 and index - (len(names) - len(defaults)) >= 0:
            return self.port(module, defaults[index - (len(names) - len(defaults))], depth + 1)
        for item, default in zip(current.args.kwonlyargs, current.args.kw_defaults):
            if item.arg == node.id and default is not None:
                return self.port(module, default, depth + 1)
        return {"type": "unknown"}

    # Command lines

    def _option(self, module: Module, destination: str) -> Dict[str, Any]:
        return {"type": "option", "option": self.options(module)[destination], "command": self._command_of(module, destination)}

    def _command_of(self, module: Module, destination: str) -> List[str]:
        """What stands before an option on the command line: the names of its subcommand."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
                if destination_of(node) == destination:
                    return self._words_of_parser(module, node.func.value, 0)
            elif isinstance(node, Function):
                of_click = [item for item in node.decorator_list if isinstance(item, ast.Call) and module.dotted(item.func) == "click.option"]
                named = [item.arg for item in (*node.args.args, *node.args.kwonlyargs)]
                if destination in map(destination_of, of_click) or (destination in named and node in self._commands(module)):
                    return self._words_of_function(module, node, 0)
        return []

    def _words_of_parser(self, module: Module, parser: ast.expr, depth: int) -> List[str]:
        """`sub = parser.add_subparsers()`, `serve = sub.add_parser("serve")`: `serve`."""
        if isinstance(parser, ast.Name) and depth < 6:
            made = module.anywhere.get(parser.id, [])
            return self._words_of_parser(module, made[-1], depth + 1) if made else []
        if not isinstance(parser, ast.Call) or not isinstance(parser.func, ast.Attribute):
            return []
        above = self._words_of_parser(module, parser.func.value, depth + 1)
        name = text_of(parser.args[0]) if parser.args and parser.func.attr == "add_parser" else None
        return above if name is None else [*above, name]

    def _words_of_function(self, module: Module, function: AnyFunction, depth: int) -> List[str]:
        """Names of a function that click or typer make a command of, with those of the groups above it."""
        for item in function.decorator_list:
            callee = item.func if isinstance(item, ast.Call) else item
            if not isinstance(callee, ast.Attribute) or callee.attr not in ("command", "group") or not isinstance(callee.value, ast.Name):
                continue
            group = callee.value.id
            if module.names.get(group) == "click" or depth > 5:
                return []
            given = (argument(item, "name", 0) if isinstance(item, ast.Call) else None) or ast.Constant(value=function.name.replace("_", "-"))
            above = module.functions.get(group)
            words = self._words_of_function(module, above, depth + 1) if above is not None else self._words_of_typer(module, group, depth + 1)
            # typer asks for no name where there is one command only.
            return words if above is None and not words and self._stands_alone(module, group) else [*words, text_of(given) or function.name]
        return []

    def _words_of_typer(self, module: Module, group: str, depth: int) -> List[str]:
        """`app.add_typer(group, name="net")`: `net`, with what `app` was added to."""
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "add_typer" or depth > 5:
                continue
            added = argument(node, "typer_instance", 0)
            if isinstance(added, ast.Name) and added.id == group and isinstance(node.func.value, ast.Name):
                made = [value for value in module.anywhere.get(group, []) if isinstance(value, ast.Call)]
                name = text_of(argument(node, "name", -1)) or next(filter(None, (text_of(argument(value, "name", -1)) for value in made)), None)
                return [*self._words_of_typer(module, node.func.value.id, depth + 1), *([name] if name else [])]
        return []

    def _stands_alone(self, module: Module, group: str) -> bool:
        uses = [
            node.attr
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == group
        ]
        return uses.count("command") == 1 and not {"callback", "add_typer"} & set(uses)

    def options(self, module: Module) -> Dict[str, str]:
        """Options of the command line, by the name of their value."""
        found: Dict[str, str] = {}
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            function = node.func.attr if isinstance(node.func, ast.Attribute) else module.dotted(node.func)
            if function in ("add_argument", "option") or module.dotted(node.func) == "click.option":
                longest = longest_flag(node)
                if longest is not None:
                    found[destination_of(node) or ""] = longest
        for function in self._commands(module):
            for item in (*function.args.args, *function.args.kwonlyargs):
                found.setdefault(item.arg, "--" + item.arg.replace("_", "-"))
        return found

    def _commands(self, module: Module) -> List[AnyFunction]:
        """Functions whose parameters typer or fire make options of."""
        found: List[AnyFunction] = []
        if not any(name.partition(".")[0] in ("typer", "fire") for name in module.names.values()):
            return found
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and module.dotted(node.func) in ("typer.run", "fire.Fire") and node.args:
                function = module.functions.get(module.dotted(node.args[0]))
                if function is not None:
                    found.append(function)
            elif isinstance(node, Function):
                for item in node.decorator_list:
                    callee = item.func if isinstance(item, ast.Call) else item
                    if isinstance(callee, ast.Attribute) and callee.attr in ("command", "callback"):
                        found.append(node)
        return found

    def parser(self, module: Module) -> Optional[Dict[str, Any]]:
        positional = 0
        line: Optional[int] = None
        kind = ""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                dotted = module.dotted(node.func)
                name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted
                if dotted in ("argparse.ArgumentParser", "click.command", "click.group", "typer.Typer", "typer.run", "fire.Fire", "docopt.docopt"):
                    kind, line = dotted.partition(".")[0], line or node.lineno
                elif name == "add_argument" and node.args and not (text_of(node.args[0]) or "-").startswith("-"):
                    positional += 1
        if line is None:
            return None
        return {"kind": kind, "line": line, "positional": positional, "options": sorted(set(self.options(module).values()))}

    # Routes

    def routes(self) -> List[Dict[str, Any]]:
        """Paths that answer GET; only those of which the whole is known."""
        routers: Dict[Tuple[str, str], str] = {}
        included: Dict[Tuple[str, str], List[Tuple[Module, str, Optional[str], bool]]] = {}
        for module in self.modules.values():
            for name, values in module.assigned.items():
                for value in values:
                    if isinstance(value, ast.Call) and module.dotted(value.func) in ROUTERS:
                        prefix = argument(value, "prefix", -1) or argument(value, "url_prefix", -1)
                        routers[(module.file, name)] = "" if prefix is None else (text_of(prefix) or "?")
            for node in ast.walk(module.tree):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                    continue
                if node.func.attr not in ("include_router", "register_blueprint", "blueprint"):
                    continue
                key = self._thing(module, node.args[0])
                prefix = argument(node, "prefix", -1) or argument(node, "url_prefix", -1)
                replaces = node.func.attr != "include_router" and prefix is not None
                if key is not None:
                    given = "" if prefix is None else text_of(prefix)
                    included.setdefault(key, []).append((module, module.dotted(node.func.value), given, replaces))
        found: List[Dict[str, Any]] = []
        for module in self.modules.values():
            for name, path, line in self._own_routes(module):
                whole = self._whole(module, name, path, routers, included, 0)
                if whole is not None and "{" not in whole and "<" not in whole and "?" not in whole and ":" not in whole:
                    found.append({"path": whole, "file": module.file, "line": line, "health": HEALTH.search(whole) is not None})
        return found

    def _thing(self, module: Module, node: ast.AST) -> Optional[Tuple[str, str]]:
        dotted = module.dotted(node)
        if isinstance(node, ast.Name) and node.id in module.assigned:
            return module.file, node.id
        place = self.find(module, dotted) if dotted != "" else None
        return (place[0].file, place[1]) if place is not None and place[1] != "" else None

    def _whole(
        self,
        module: Module,
        name: str,
        path: str,
        routers: Dict[Tuple[str, str], str],
        included: Dict[Tuple[str, str], List[Tuple[Module, str, Optional[str], bool]]],
        depth: int,
    ) -> Optional[str]:
        key = (module.file, name)
        if key not in routers:
            return path
        uses = included.get(key, [])
        if len(uses) != 1 or depth > 4:
            return None
        user, receiver, prefix, replaces = uses[0]
        if prefix is None:
            return None
        here = path if replaces else routers[key] + path
        return self._whole(user, receiver, prefix + here, routers, included, depth + 1)

    @staticmethod
    def _own_routes(module: Module) -> List[Tuple[str, str, int]]:
        found: List[Tuple[str, str, int]] = []
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            path, method = text_of(node.args[0]), node.func.attr
            if path is None or not path.startswith("/"):
                continue
            methods = argument(node, "methods", -1)
            allowed = [text_of(item) for item in methods.elts] if isinstance(methods, (ast.List, ast.Tuple, ast.Set)) else ["GET"]
            if method in ("get", "route", "api_route", "add_api_route", "add_url_rule", "add_get") and "GET" in allowed:
                if isinstance(node.func.value, ast.Name):
                    found.append((module.dotted(node.func.value) if node.func.value.id in module.names else node.func.value.id, path, node.lineno))
                elif method == "add_get":
                    found.append(("", path, node.lineno))
        return found

    # Modules that are imported by name

    def lazy(self, module: Module) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = []
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            last = module.dotted(node.func).rpartition(".")[2]
            name: Optional[str] = None
            if last in ("import_module", "__import__") and node.args:
                first = node.args[0]
                if isinstance(first, ast.JoinedStr) and first.values:
                    text = text_of(first.values[0])
                    name = text[:-1] if text is not None and text.endswith(".") and len(first.values) > 1 else None
                elif isinstance(first, ast.BinOp) and isinstance(first.op, ast.Add):
                    text = text_of(first.left)
                    name = text[:-1] if text is not None and text.endswith(".") else None
                else:
                    text = text_of(first)
                    name = text.rpartition(".")[0] if text is not None and "." in text.strip(".") else None
            elif last in ("iter_modules", "walk_packages") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Attribute) and first.attr == "__path__":
                    name = module.absolute(module.dotted(first.value))
            if name and all(part.isidentifier() for part in name.split(".")) and os.path.isdir(os.path.join(module.root, *name.split("."))):
                found.append({"package": name, "file": module.file, "line": node.lineno})
        return found

    # Files

    def value(self, module: Module, node: Optional[ast.AST], depth: int = 0) -> Optional[Value]:
        """A path that an expression stands for."""
        if depth == 0:
            self.effort = MOST_STEPS
        self.effort -= 1
        if node is None or depth > 12 or self.effort < 0:
            return None
        again = depth + 1
        text = text_of(node)
        if text is not None:
            return Value(text, os.path.isabs(text)) if "\n" not in text and len(text) < 300 and "\0" not in text else None
        if isinstance(node, ast.Name):
            if node.id == "__file__":
                return Value(module.file, True)
            if node.id in self.scope:
                home, values, scope = self.scope[node.id]
                return self._within(scope, home, values, again)
            if node.id in module.assigned:
                return next(filter(None, [self._within({}, module, [item], again) for item in module.assigned[node.id]]), None)
            return self._imported(module, node, again) if node.id in module.names else None
        if isinstance(node, ast.Attribute):
            if node.attr == "parent":
                return self._map(self.value(module, node.value, again), os.path.dirname)
            if module.dotted(node) == "sys._MEIPASS":
                return Value(module.root, True)
            return self._imported(module, node, again)
        if isinstance(node, ast.Subscript):
            if isinstance(node.value, ast.Attribute) and node.value.attr == "parents" and isinstance(node.slice, ast.Constant):
                found = self.value(module, node.value.value, again)
                for _ in range(int(node.slice.value) + 1 if isinstance(node.slice.value, int) and 0 <= node.slice.value < 20 else 0):
                    found = self._map(found, os.path.dirname)
                return found
            return None
        if isinstance(node, ast.BinOp):
            left = self.value(module, node.left, again)
            if left is None:
                return None
            if isinstance(node.op, ast.Div):
                return self._join(module, left, [node.right], again)
            if isinstance(node.op, ast.Add):
                text = text_of(node.right)
                right = Value(text, False) if text is not None else self.value(module, node.right, again)
                if right is None or right.anchored:
                    return self._cut(left, "")
                return left._replace(text=left.text + right.text, dynamic=right.dynamic, suffix=right.suffix)
            return None
        if isinstance(node, ast.JoinedStr):
            return self._joined(module, node, again)
        if isinstance(node, ast.IfExp):
            found = [self.value(module, part, again) for part in (node.body, node.orelse)]
            return next((item for item in found if item is not None and os.path.exists(item.text)), next(filter(None, found), None))
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self.value(module, node.values[-1], again)
        if isinstance(node, ast.Call):
            return self._call(module, node, again)
        return None

    def _imported(self, module: Module, node: ast.AST, depth: int) -> Optional[Value]:
        dotted = module.dotted(node)
        place = self.find(module, dotted) if "." in module.absolute(dotted) and dotted != "" else None
        if place is None or place[1] not in place[0].assigned:
            return None
        return self._within({}, place[0], [place[0].assigned[place[1]][-1]], depth)

    def _call(self, module: Module, node: ast.Call, depth: int) -> Optional[Value]:
        dotted = module.dotted(node.func)
        first = node.args[0] if node.args else None
        if dotted == "os.path.dirname":
            return self._map(self.value(module, first, depth), os.path.dirname)
        if dotted in ("os.path.abspath", "os.path.realpath", "os.path.normpath", "str", "os.fspath"):
            return self.value(module, first, depth)
        if dotted in ("pathlib.Path", "pathlib.PurePath", "os.path.join"):
            if first is None:
                return Value("", False)
            return self._join(module, self.value(module, first, depth), node.args[1:], depth)
        if dotted in ("os.getcwd", "pathlib.Path.cwd"):
            return Value("", False)
        if dotted == "getattr" and len(node.args) == 3 and text_of(node.args[1]) == "_MEIPASS":
            return self.value(module, node.args[2], depth)
        if dotted in ("importlib.resources.files", "importlib_resources.files"):
            name = text_of(first) or (module.module if isinstance(first, ast.Name) and first.id in ("__package__", "__name__") else None)
            if name is None:
                return None
            if isinstance(first, ast.Name):
                return Value(module.folder, True)
            folder = os.path.join(module.root, *name.split("."))
            return Value(folder, True) if os.path.isdir(folder) else None
        if dotted in ("pkgutil.get_data", "importlib.resources.read_text", "importlib.resources.open_text", "importlib.resources.read_binary"):
            name, file = text_of(first), text_of(node.args[1] if len(node.args) > 1 else None)
            if isinstance(first, ast.Name) and first.id in ("__package__", "__name__"):
                return Value(os.path.join(module.folder, file), True) if file else None
            return Value(os.path.join(module.root, *name.split("."), file), True) if name and file else None
        if isinstance(node.func, ast.Attribute):
            method = node.func.attr
            if method in ("resolve", "absolute", "as_posix", "expanduser", "__str__"):
                return self.value(module, node.func.value, depth)
            if method == "joinpath":
                return self._join(module, self.value(module, node.func.value, depth), node.args, depth)
            if method in ("glob", "rglob") and text_of(first) is not None:
                base = self.value(module, node.func.value, depth)
                pattern = text_of(first) or ""
                return None if base is None else base._replace(text=os.path.join(base.text, "**" if method == "rglob" else "", pattern))
            if method == "with_name" and text_of(first) is not None:
                return self._map(self.value(module, node.func.value, depth), lambda text: os.path.join(os.path.dirname(text), text_of(first) or ""))
        if HELPER.search(dotted.rpartition(".")[2]) and len(node.args) == 1:
            text = text_of(first)
            return Value(os.path.join(module.root, text), True) if text else None
        return self._returned(module, node, dotted, depth)

    def _returned(self, module: Module, call: ast.Call, dotted: str, depth: int) -> Optional[Value]:
        """What a function of the project makes of its arguments: `def base(): return os.path.dirname(__file__)`."""
        place = (module, dotted) if dotted in module.functions else self.find(module, dotted) if "." in module.absolute(dotted) else None
        function = place[0].functions.get(place[1]) if place is not None else None
        if place is None or function is None or call.keywords:
            return None
        home = place[0]
        inner: Scope = {parameter.arg: (module, [given], self.scope) for parameter, given in zip(function.args.args, call.args)}
        for step in ast.walk(function):
            if isinstance(step, ast.Assign) and len(step.targets) == 1 and isinstance(step.targets[0], ast.Name):
                inner.setdefault(step.targets[0].id, (home, [], inner))[1].append(step.value)
        returned = [step.value for step in ast.walk(function) if isinstance(step, ast.Return) and step.value is not None]
        return self._within(inner, home, returned, depth)

    def _within(self, scope: Scope, module: Module, nodes: Sequence[ast.expr], depth: int) -> Optional[Value]:
        """The first path of these that is known whole, else the first, with the names of a function."""
        outer, self.scope = self.scope, scope
        try:
            found = [self.value(module, node, depth) for node in nodes]
        finally:
            self.scope = outer
        return next((item for item in found if item is not None and item.anchored), next(filter(None, found), None))

    @staticmethod
    def _map(value: Optional[Value], change: Any) -> Optional[Value]:
        return None if value is None else value._replace(text=change(value.text))

    def _join(self, module: Module, left: Optional[Value], parts: List[ast.expr], depth: int) -> Optional[Value]:
        for part in parts:
            if left is None:
                return None
            right = self.value(module, part, depth)
            if right is None:
                return left._replace(dynamic=True)
            left = Value(os.path.join(left.text, right.text), left.anchored or right.anchored, right.dynamic, right.suffix)
        return left

    def _joined(self, module: Module, node: ast.JoinedStr, depth: int) -> Optional[Value]:
        text, anchored = "", False
        for index, part in enumerate(node.values):
            constant = text_of(part)
            inner = Value(constant, False) if constant is not None else None
            if isinstance(part, ast.FormattedValue):
                inner = self.value(module, part.value, depth)
            if inner is None or (index > 0 and inner.anchored):
                rest = text_of(node.values[-1]) or ""
                return self._cut(Value(text, anchored), rest) if "/" in text else None
            text, anchored = text + inner.text, anchored or inner.anchored
        return Value(text, anchored)

    @staticmethod
    def _cut(value: Value, rest: str) -> Optional[Value]:
        """Up to the last folder that is known."""
        ending = re.search(r"\.\w+$", rest)
        folder = value.text if value.text.endswith(("/", os.sep)) else os.path.dirname(value.text)
        return Value(folder.rstrip("/" + os.sep), value.anchored, True, ending.group() if ending is not None else "")

    def paths(self, module: Module) -> List[Dict[str, Any]]:
        """Files and folders that the file names and that are there."""
        found: List[Dict[str, Any]] = []
        docstrings = {
            node.body[0].value
            for node in ast.walk(module.tree)
            if isinstance(node, (ast.Module, ast.ClassDef, *Function)) and node.body and isinstance(node.body[0], ast.Expr)
        }

        def visit(node: ast.AST) -> None:
            if node in docstrings:
                return
            is_path = isinstance(node, (ast.Call, ast.BinOp, ast.JoinedStr, ast.Attribute, ast.Name, ast.Subscript, ast.IfExp))
            text = text_of(node)
            value = self.value(module, node) if is_path or (text is not None and (FILE_TEXT.match(text) or self._wants_folder(module, node))) else None
            if value is not None and value.text not in ("", module.file) and not self._is_step(module, node, value):
                item = self._existing(module, node, value)
                if item is not None:
                    found.append(item)
                    return
            for child in ast.iter_child_nodes(node):
                visit(child)

        visit(module.tree)
        found.extend(self._flask_folders(module))
        for item in list(found):
            if os.path.basename(item["path"]) == "alembic.ini":
                found.extend(self._alembic(item))
        return found

    def _is_step(self, module: Module, node: ast.AST, value: Value) -> bool:
        """The name of a folder that other expressions go on from: what they make of it counts."""
        parent = module.parents.get(node)
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target] if isinstance(parent, ast.AnnAssign) else []
        name = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None
        if name is None or name not in module.assigned or not value.anchored or not os.path.isdir(value.text):
            return False
        if any(isinstance(other, ast.Name) and other.id == name and isinstance(other.ctx, ast.Load) for other in ast.walk(module.tree)):
            return True
        whole = f"{module.module}.{name}"
        return any(other.absolute(dotted) == whole for other in self.modules.values() for dotted in other.names.values())

    def _wants_folder(self, module: Module, node: ast.AST) -> bool:
        parent = module.parents.get(node)
        if isinstance(parent, ast.keyword):
            return parent.arg in FOLDER_KEYS
        return isinstance(parent, ast.Call) and module.dotted(parent.func).rpartition(".")[2] in FOLDER_CALLS

    def _existing(self, module: Module, node: ast.AST, value: Value) -> Optional[Dict[str, Any]]:
        bases = [""] if value.anchored else [module.root, module.folder, self.question["project"]]
        for base in bases:
            whole = os.path.normpath(os.path.join(base, value.text))
            if whole.endswith((".py", ".pyw")):
                return None
            pattern = whole if any(mark in whole for mark in "*[") else None
            place = whole
            while pattern is not None and any(mark in place for mark in "*["):
                place = os.path.dirname(place)
            if not os.path.exists(place):
                continue
            is_folder = os.path.isdir(place)
            if is_folder and (module.root == place or module.root.startswith(place + os.sep)):
                # The place of the code itself: a step on the way to a file.
                if not value.dynamic and pattern is None:
                    return None
                if pattern is None and value.suffix == "":
                    return None
            # A plain text may mean anything; that there is a folder of its name says little.
            if is_folder and not value.anchored and not isinstance(node, ast.Call) and not self._wants_folder(module, node):
                continue
            return {
                "path": place,
                "pattern": pattern,
                "folder": is_folder,
                "suffix": value.suffix if value.dynamic else "",
                "anchored": value.anchored,
                "written": self._is_written(module, node),
                "file": module.file,
                "line": getattr(node, "lineno", 0),
            }
        return None

    @staticmethod
    def _is_written(module: Module, node: ast.AST) -> bool:
        parent = module.parents.get(node)
        if isinstance(parent, ast.Attribute):
            return parent.attr in WRITING_METHODS
        if not isinstance(parent, ast.Call):
            return False
        name = module.dotted(parent.func).rpartition(".")[2] or (parent.func.attr if isinstance(parent.func, ast.Attribute) else "")
        if name == "open":
            mode = text_of(argument(parent, "mode", 1)) or "r"
            return any(mark in mode for mark in "wax+")
        return name in WRITERS

    def _flask_folders(self, module: Module) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = []
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and module.dotted(node.func) in ("flask.Flask", "quart.Quart", "flask.Blueprint", "apiflask.APIFlask"):
                is_blueprint = module.dotted(node.func).endswith("Blueprint")
                for folder, key in (("templates", "template_folder"), ("static", "static_folder")):
                    place = os.path.join(module.folder, folder)
                    if os.path.isdir(place) and not is_blueprint and argument(node, key, -1) is None:
                        found.append(self._plain(module, place, node.lineno))
        return found

    def _alembic(self, item: Dict[str, Any]) -> List[Dict[str, Any]]:
        reader = configparser.RawConfigParser()
        try:
            reader.read(item["path"], encoding="utf-8")
            text = reader.get("alembic", "script_location")
        except (configparser.Error, OSError, UnicodeError):
            return []
        here = os.path.dirname(item["path"])
        place = os.path.normpath(os.path.join(here, text.replace("%(here)s", here)))
        return [{**item, "path": place, "folder": True, "code": True}] if os.path.isdir(place) else []

    @staticmethod
    def _plain(module: Module, place: str, line: int) -> Dict[str, Any]:
        return {"path": place, "pattern": None, "folder": True, "suffix": "", "anchored": True, "written": False, "file": module.file, "line": line}

    # Django

    def django(self, module: Module) -> Optional[Dict[str, Any]]:
        if os.path.basename(module.file) != "manage.py" or not any(name.startswith("django.core.management") for name in module.names.values()):
            return None
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and module.dotted(node.func) == "os.environ.setdefault" and len(node.args) == 2:
                settings = text_of(node.args[1])
                if settings is not None:
                    package = settings.split(".")[0]
                    modules = [kind for kind in ("asgi", "wsgi") if os.path.isfile(os.path.join(module.folder, package, kind + ".py"))]
                    return {"settings": settings, "package": package, "modules": modules, "data": self._django_folders(module, settings)}
        return None

    def _django_folders(self, module: Module, settings: str) -> List[Dict[str, Any]]:
        home = self._in_root(module.folder, settings.split("."))
        found: List[Dict[str, Any]] = []
        values = home.assigned.get("INSTALLED_APPS", []) if home is not None else []
        for value in values:
            for node in ast.walk(value):
                name = text_of(node)
                if name is None or home is None:
                    continue
                parts = name.split(".")
                for length in range(len(parts), 0, -1):
                    folder = os.path.join(module.folder, *parts[:length])
                    if os.path.isdir(folder):
                        for kind in ("templates", "static", "locale", "fixtures"):
                            if os.path.isdir(os.path.join(folder, kind)):
                                found.append(self._plain(home, os.path.join(folder, kind), getattr(node, "lineno", 0)))
                        break
        return found

    # The answer

    @staticmethod
    def _page_line(module: Module) -> Optional[int]:
        """Where a page of Streamlit imports it: a script that Streamlit runs from disk. Its other pages lie in `pages`."""
        if os.path.basename(module.folder) == "pages":
            return None
        for node in module.tree.body:
            if isinstance(node, ast.Import) and any(alias.name == "streamlit" for alias in node.names):
                return node.lineno
            if isinstance(node, ast.ImportFrom) and node.module == "streamlit" and node.level == 0:
                return node.lineno
        return None

    def facts(self, module: Module) -> Dict[str, Any]:
        tree = module.tree
        has_main = any(isinstance(node, ast.If) and is_main_test(node.test) for node in tree.body)
        stdin = False
        for node in ast.walk(tree):
            if isinstance(node, (ast.For, ast.AsyncFor)) and module.dotted(node.iter) in ("sys.stdin", "sys.stdin.buffer"):
                stdin = True
            elif isinstance(node, ast.Call) and module.dotted(node.func) in ("sys.stdin.readline", "sys.stdin.buffer.readline"):
                stdin = True
        return {
            "file": module.file,
            "root": module.root,
            "module": module.module,
            "hasMain": has_main or os.path.basename(module.file) == "__main__.py",
            "applications": self.applications(module),
            "factories": self.factories(module),
            "serves": self.serves(module),
            "parser": self.parser(module),
            "companion": any(name.partition(".")[0] == COMPANION for name in module.names.values()),
            "readsStdin": stdin,
            "lazy": self.lazy(module),
            "paths": self.paths(module),
            "page": self._page_line(module),
            "django": self.django(module),
            "imports": sorted(
                {place[0].file for place in (self.find(module, name) for name in module.names.values()) if place is not None} - {module.file}
            ),
        }

    def answer(self) -> Dict[str, Any]:
        self.read()
        return {
            "files": [self.facts(module) for module in self.modules.values()],
            "routes": self.routes(),
            "broken": self.broken,
            "complete": self.complete,
        }


def main() -> None:
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(5000)
    print(MARKER + json.dumps(Survey(json.loads(sys.argv[1])).answer()))


if __name__ == "__main__":
    main()
