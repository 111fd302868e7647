"""Says what is certainly wrong with an entry, from the sources alone. Run as `python -I preflight.py <question as JSON>…`.

Reads and parses, runs nothing. Only what cannot be otherwise is said: a name that may come from `import *`, a `__getattr__` or
`globals()`, a module that may be installed later, are no problem here. Each answer is one line of JSON.
"""

from __future__ import annotations

import ast
import difflib
import importlib.machinery
import importlib.util
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any, Optional

MARKER = "electron-pyinstaller-preflight:"
COMPANION = b"electron_pyinstaller"
LIMIT_SECONDS = 2.0

COMPILED = (*importlib.machinery.EXTENSION_SUFFIXES, ".so", ".pyd", ".pyc")
SKIPPED = {"__pycache__", "node_modules", "venv", "env", "site-packages"}

INTERFACES = {
    "wsgi": [
        "flask.Flask",
        "flask.app.Flask",
        "apiflask.APIFlask",
        "bottle.Bottle",
        "bottle.default_app",
        "falcon.App",
        "falcon.API",
        "django.core.wsgi.get_wsgi_application",
    ],
    "asgi": [
        "fastapi.FastAPI",
        "fastapi.applications.FastAPI",
        "starlette.applications.Starlette",
        "quart.Quart",
        "quart.app.Quart",
        "litestar.Litestar",
        "sanic.Sanic",
        "falcon.asgi.App",
        "channels.routing.ProtocolTypeRouter",
        "django.core.asgi.get_asgi_application",
    ],
}
INTERFACE_OF = {name: kind for kind, names in INTERFACES.items() for name in names}

HARMLESS = {"Flask", "Quart", "APIFlask", "Blueprint", "Dash", "Celery", "Sanic", "getLogger", "get_logger", "print"}
"""What modules give their own name to, without getting anything back."""

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Found = tuple[str, Optional[str]]
"""(kind, file): `module` and `package` with their file; `namespace`, `compiled` and `absent` without."""


class Names:
    """What a scope binds, and whether that is all."""

    def __init__(self, body: list[ast.stmt]) -> None:
        self.bound: dict[str, list[Optional[ast.AST]]] = {}
        """Every binding, with its value: an expression, a function, a class, an import; None: anything."""
        self.imports: dict[str, list[tuple[int, str, Optional[str]]]] = {}
        """Names that imports bind, as (level, module, attribute)."""
        self.open = False
        """Names may come from elsewhere."""
        for statement in body:
            self._visit(statement)
            for node in ast.walk(statement):
                if isinstance(node, ast.Global):
                    for name in node.names:
                        self._bind(name, None)
                elif isinstance(node, ast.Name) and node.id in ("globals", "vars", "locals", "exec", "eval", "setattr"):
                    self.open = True
                elif isinstance(node, ast.Attribute) and node.attr in ("modules", "__dict__", "__setattr__", "f_globals", "f_locals"):
                    self.open = True
                elif isinstance(node, ast.Call) and _gives_itself(node):
                    self.open = True
        if "__getattr__" in self.bound:
            self.open = True

    def _bind(self, name: str, value: Optional[ast.AST]) -> None:
        self.bound.setdefault(name, []).append(value)

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, (*Function, ast.ClassDef)):
            self._bind(node.name, node)
            return
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self._bind(node.targets[0].id, node.value)
            self._visit(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            # Without a value it only describes a name.
            if node.value is not None:
                self._bind(node.target.id, node.value)
                self._visit(node.value)
        else:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._bind(node.id, None)
            elif not isinstance(node, ast.alias):
                # Names of `except … as name` and of patterns.
                for field in ("name", "rest"):
                    name = getattr(node, field, None)
                    if isinstance(name, str):
                        self._bind(name, None)
            for child in ast.iter_child_nodes(node):
                self._visit(child)

    def _import(self, node: "ast.Import | ast.ImportFrom") -> None:
        for alias in node.names:
            if alias.name == "*":
                self.open = True
                continue
            if isinstance(node, ast.Import):
                name = alias.asname or alias.name.partition(".")[0]
                target = (0, alias.name if alias.asname else name, None)
            else:
                name = alias.asname or alias.name
                target = (node.level, node.module or "", alias.name)
            self._bind(name, node)
            self.imports.setdefault(name, []).append(target)

    def only_import(self, name: str) -> Optional[tuple[int, str, Optional[str]]]:
        """The import that a name comes from, when it comes from nowhere else."""
        found = self.imports.get(name, [])
        return found[0] if len(found) == 1 and len(self.bound.get(name, [])) == 1 else None


def _named_in_pth_files(folders: list[str]) -> list[str]:
    """Folders of projects installed in place by older tools: their metadata lies beside their sources."""
    found: list[str] = []
    for folder in folders:
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.endswith(".pth"):
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as lines:
                    found += [path for path in (os.path.join(folder, line.strip()) for line in lines) if os.path.isdir(path)]
    return found


class Preflight:
    def __init__(self, question: dict[str, Any]) -> None:
        self.question = question
        self.started = time.monotonic()
        self.roots: list[str] = question["roots"]
        self.problems: list[dict[str, Any]] = []
        self.trees: dict[str, Optional[ast.Module]] = {}
        self.stdlib = set(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names)

    # Finding modules

    def locate(self, name: str) -> Found:
        """Where a dotted name is below the roots."""
        folders = self.roots
        kind: Found = ("absent", None)
        for part in name.split("."):
            kind = self._in_folders(folders, part)
            if kind[0] in ("module", "compiled", "absent"):
                folders = []
            elif kind[1] is not None:
                folders = [os.path.dirname(kind[1])]
            else:
                folders = [os.path.join(folder, part) for folder in folders if os.path.isdir(os.path.join(folder, part))]
        return kind

    def _in_folders(self, folders: list[str], part: str) -> Found:
        namespace = False
        for folder in folders:
            here = os.path.join(folder, part)
            if os.path.isfile(os.path.join(here, "__init__.py")):
                return "package", os.path.join(here, "__init__.py")
            if self._compiled(here, "__init__") or self._compiled(folder, part):
                return "compiled", None
            for suffix in importlib.machinery.SOURCE_SUFFIXES:
                if os.path.isfile(here + suffix):
                    return "module", here + suffix
            namespace = namespace or os.path.isdir(here)
        return ("namespace", None) if namespace else ("absent", None)

    @staticmethod
    def _compiled(folder: str, part: str) -> bool:
        return any(os.path.isfile(os.path.join(folder, part + suffix)) for suffix in COMPILED)

    def modules_in(self, folder: str) -> list[str]:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return []
        files = [name[:-3] for name in names if name.endswith(".py") and name != "__init__.py"]
        return files + [name for name in names if os.path.isfile(os.path.join(folder, name, "__init__.py"))]

    # Reading modules

    def tree(self, file: str) -> Optional[ast.Module]:
        """The parsed file; None when it cannot be read. A syntax error is a problem, told once."""
        if file in self.trees:
            return self.trees[file]
        self.trees[file] = None
        try:
            with open(file, "rb") as stream:
                source = stream.read()
            compile(source, file, "exec", dont_inherit=True)
            self.trees[file] = ast.parse(source, filename=file)
        except SyntaxError as error:
            text = (error.text or "").strip()[:200]
            self.problems.append(
                {"code": "syntax", "file": file, "line": error.lineno or 0, "text": text, "message": error.msg or "invalid syntax"}
            )
        except (OSError, ValueError, RecursionError, MemoryError):
            pass
        return self.trees[file]

    def follow(self, name: str, seen: set[str]) -> None:
        """Parse a module of the sources with what its import imports for certain."""
        parts = name.split(".")
        if parts[0] in self.stdlib:
            return
        for index in range(len(parts)):
            whole = ".".join(parts[: index + 1])
            kind, file = self.locate(whole)
            if file is not None and file not in seen:
                seen.add(file)
                self.follow_file(file, whole if kind == "package" else whole.rpartition(".")[0], seen)

    def follow_file(self, file: str, package: str, seen: set[str]) -> None:
        tree = self.tree(file)
        if tree is None or time.monotonic() - self.started > LIMIT_SECONDS:
            return
        for node in tree.body:
            if self._ends(node, file):
                return
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.follow(alias.name, seen)
            elif isinstance(node, ast.ImportFrom):
                base = self.absolute(node.level, node.module or "", package)
                if base is None:
                    continue
                self.follow(base, seen)
                # `from package import module` imports the module, unless the package has something else of that name.
                kind, place = self.locate(base)
                inside = self.trees.get(place) if kind == "package" and place is not None else None
                names = Names(inside.body) if inside is not None else None
                for alias in node.names if names is not None and not names.open else ():
                    if names is not None and alias.name not in names.bound:
                        self.follow(f"{base}.{alias.name}", seen)

    def _ends(self, node: ast.stmt, file: str) -> bool:
        """Whether a module is never imported to its end, because of a statement that nothing stands around."""
        call = node.value if isinstance(node, ast.Expr) else None
        text = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        if not isinstance(node, ast.Raise) and text not in ("sys.exit", "os._exit", "os.abort"):
            return False
        # A program may end so, a module that is imported may not.
        if "attribute" in self.question:
            said = ast.unparse(node)
            self.problems.append({"code": "raises", "file": file, "line": node.lineno, "text": said[:200]})
        return True

    @staticmethod
    def absolute(level: int, module: str, package: str) -> Optional[str]:
        try:
            return importlib.util.resolve_name("." * level + module, package) or None
        except (ImportError, ValueError):
            return None

    # The questions

    def check_module(self) -> bool:
        """Whether the module of the entry may be there."""
        name: str = self.question["module"]
        parts = name.split(".")
        kind, _ = self.locate(parts[0])
        if kind == "absent":
            suggestion = self._without_folder(parts) or self._near(parts)
            is_slip = suggestion is not None and not self.question["mayBeInstalled"]
            if self._installed(parts[0]) or not (self.question["complete"] or is_slip):
                return True
            there = [module for root in self.roots for module in self.modules_in(root)]
            near = suggestion or next(iter(difflib.get_close_matches(parts[0], there, 1)), None)
            self.problems.append({"code": "module", "part": parts[0], "suggestion": near, "there": there[:12]})
            return False
        for index in range(1, len(parts)):
            before = ".".join(parts[:index])
            kind, file = self.locate(before)
            if kind == "module" and file is not None:
                tree = self.tree(file)
                if tree is None or Names(tree.body).open or "__path__" in Names(tree.body).bound:
                    return True
                ending = parts[index:] == ["py"]
                self.problems.append(
                    {"code": "module", "part": ".".join(parts[: index + 1]), "suggestion": before, "there": [], "ending": ending}
                )
                return False
            if kind != "package":
                return True
        return True

    def _without_folder(self, parts: list[str]) -> Optional[str]:
        """`backend.app` where `backend` is the source folder itself, and `app` lies in it."""
        for root in self.roots:
            above = os.path.normpath(root).split(os.sep)
            for length in range(1, len(parts)):
                rest = ".".join(parts[length:])
                if above[-length:] == parts[:length] and self.locate(rest)[1] is not None:
                    return rest
        return None

    def _near(self, parts: list[str]) -> Optional[str]:
        """The one module with nearly this name that has the attribute."""
        attribute = self.question.get("attribute")
        if attribute is None or len(parts) > 1:
            return None
        near: list[str] = []
        for root in self.roots:
            for name in difflib.get_close_matches(parts[0], self.modules_in(root), 3, 0.75):
                kind, file = self.locate(name)
                tree = self.quiet_tree(file)
                if tree is not None and attribute.split(".")[0] in Names(tree.body).bound:
                    near.append(name)
        return near[0] if len(near) == 1 else None

    def quiet_tree(self, file: Optional[str]) -> Optional[ast.Module]:
        if file is None:
            return None
        known = len(self.problems)
        tree = self.tree(file)
        if len(self.problems) > known:
            del self.problems[known:]
            del self.trees[file]
        return tree

    @staticmethod
    def _installed(name: str) -> bool:
        try:
            return importlib.util.find_spec(name) is not None
        except (ImportError, ValueError, AttributeError):
            return True

    def check_script(self) -> None:
        """Whether an installed distribution has the console script."""
        if not self.question["complete"] or not self.question["installed"]:
            return
        from importlib.metadata import distributions

        folders = [*self.question["installed"], *_named_in_pth_files(self.question["installed"])]
        points = [point for one in distributions(path=folders) for point in one.entry_points]
        there = sorted({point.name for point in points if point.group == "console_scripts"})
        name = self.question["script"]
        if name not in there:
            near = difflib.get_close_matches(name, there, 1, 0.6)
            self.problems.append({"code": "script", "name": name, "there": there[:12], "suggestion": next(iter(near), None)})

    def check_attribute(self) -> None:
        module, attribute = self.question["module"], self.question.get("attribute")
        kind, file = self.locate(module)
        if attribute is None or file is None:
            return
        tree = self.trees.get(file)
        if tree is None:
            return
        names = Names(tree.body)
        first = attribute.split(".")[0]
        if first in names.bound:
            self.check_interface(module, attribute)
            return
        if names.open or first.startswith("__") or self._set_elsewhere(first):
            return
        # A module of a package becomes its attribute once somebody imports it.
        if kind == "package" and self._in_folders([os.path.dirname(file)], first)[0] != "absent":
            return
        there = [name for name, values in names.bound.items() if not name.startswith("_")]
        own = [name for name in there if name not in names.imports]
        near = difflib.get_close_matches(first, there, 1, 0.6)
        applications = [name for name in own if self.interface_of(module, name, 0) is not None]
        suggestion = applications[0] if len(applications) == 1 else next(iter(near), None)
        self.problems.append(
            {"code": "attribute", "file": file, "name": first, "there": (own or there)[:12], "suggestion": suggestion}
        )

    def _set_elsewhere(self, name: str) -> bool:
        """Whether another module that was read sets this attribute of something."""
        for tree in self.trees.values():
            for node in ast.walk(tree) if tree is not None else ():
                if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store):
                    return True
                if isinstance(node, ast.Call) and any(isinstance(arg, ast.Constant) and arg.value == name for arg in node.args):
                    if getattr(node.func, "id", "") == "setattr":
                        return True
        return False

    def check_interface(self, module: str, attribute: str) -> None:
        wanted = self.question["type"]
        if wanted not in INTERFACES or "." in attribute:
            return
        found = self.interface_of(module, attribute, 0)
        if found is None or INTERFACE_OF[found[0]] == wanted:
            return
        dotted, file, line = found
        self.problems.append(
            {"code": "interface", "framework": dotted, "interface": INTERFACE_OF[dotted], "file": file, "line": line}
        )

    def interface_of(self, module: str, name: str, depth: int) -> Optional[tuple[str, str, int]]:
        """What is certainly made for a name of a module: (dotted name of the framework's class, file, line)."""
        kind, file = self.locate(module)
        tree = self.tree(file) if file is not None and depth < 5 else None
        if file is None or tree is None:
            return None
        names = Names(tree.body)
        if names.open:
            return None
        target = names.only_import(name)
        if target is not None:
            level, base, attribute = target
            package = module if kind == "package" else module.rpartition(".")[0]
            origin = self.absolute(level, base, package)
            return self.interface_of(origin, attribute, depth + 1) if origin and attribute else None
        values = names.bound.get(name, [])
        if len(values) == 1 and isinstance(values[0], ast.FunctionDef):
            return self._made_by(values[0], names, file)
        return self._same([self._made(value, [names], file) for value in values])

    def _made_by(self, function: ast.FunctionDef, outer: Names, file: str) -> Optional[tuple[str, str, int]]:
        """What a factory returns."""
        arguments = function.args
        needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
        own = [node for statement in function.body for node in _own_nodes(statement)]
        if function.decorator_list or needed > 0 or arguments.vararg or None in arguments.kw_defaults:
            return None
        if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own):
            return None
        inner = Names(function.body)
        if inner.open:
            return None
        made: list[Optional[tuple[str, str, int]]] = []
        for node in own:
            if not isinstance(node, ast.Return):
                continue
            if isinstance(node.value, ast.Name):
                made += [self._made(value, [inner, outer], file) for value in inner.bound.get(node.value.id, [None])]
            else:
                made.append(self._made(node.value, [inner, outer], file))
        return self._same(made)

    @staticmethod
    def _same(made: list[Optional[tuple[str, str, int]]]) -> Optional[tuple[str, str, int]]:
        kinds = {None if one is None else INTERFACE_OF[one[0]] for one in made}
        return made[0] if made and len(kinds) == 1 else None

    def _made(self, value: Optional[ast.AST], scopes: list[Names], file: str) -> Optional[tuple[str, str, int]]:
        if not isinstance(value, ast.Call):
            return None
        parts: list[str] = []
        callee: ast.AST = value.func
        while isinstance(callee, ast.Attribute):
            parts.insert(0, callee.attr)
            callee = callee.value
        if not isinstance(callee, ast.Name):
            return None
        scope = next((scope for scope in scopes if callee.id in scope.bound), None)
        target = scope.only_import(callee.id) if scope is not None else None
        if target is None or target[0] > 0:
            return None
        dotted = ".".join([target[1], *([target[2]] if target[2] else []), *parts])
        if dotted not in INTERFACE_OF or self.locate(dotted.partition(".")[0])[0] != "absent":
            return None
        return dotted, file, value.lineno

    # Whether the program can say where it is

    def check_announcement(self) -> None:
        if not self.question["announces"] or self._mentioned(self.roots, (".py", ".pyw", *COMPILED), None):
            return
        file = self.question.get("file")
        if file is not None and _holds(file):
            return
        starts = self._server_start()
        if starts is None and not self.question["complete"]:
            return
        if starts is None and self._mentioned(self.question["installed"], (".py",), LIMIT_SECONDS):
            return
        self.problems.append({"code": "announce", "starts": starts})

    def _mentioned(self, folders: list[str], endings: tuple[str, ...], limit: Optional[float]) -> bool:
        """Whether a file names the companion, or would not be read in time."""
        for folder in folders:
            for place, inside, files in os.walk(folder):
                if limit is None:
                    inside[:] = [name for name in inside if name not in SKIPPED and not name.startswith(".")]
                for name in files:
                    if time.monotonic() - self.started > LIMIT_SECONDS:
                        return True
                    if name.endswith(endings) and _holds(os.path.join(place, name)):
                        return True
        return False

    def _server_start(self) -> Optional[dict[str, Any]]:
        """Where the program starts a server by itself."""
        for file, tree in self.trees.items():
            for node in ast.walk(tree) if tree is not None else ():
                if isinstance(node, ast.Call):
                    text = ast.unparse(node.func).rpartition(")")[2].lstrip(".")
                    if tree is not None and text.endswith(".run") and self._is_application(node.func, tree, file):
                        return {"file": file, "line": node.lineno, "text": text}
                    if text in ("uvicorn.run", "waitress.serve", "web.run_app", "hypercorn.run") or text.endswith("serve_forever"):
                        return {"file": file, "line": node.lineno, "text": text}
        return None

    def _is_application(self, function: ast.expr, tree: ast.Module, file: str) -> bool:
        """Whether this is `app.run` of a framework."""
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
            return False
        names = Names(tree.body)
        values = names.bound.get(function.value.id, [])
        return any(self._made(value, [names], file) is not None for value in values)

    def check_names(self) -> None:
        """Hidden imports that no statement could import: often the name of a distribution."""
        for name in self.question["names"]:
            if self.locate(name)[0] != "absent" or self.locate(name.partition(".")[0])[0] != "absent":
                continue
            if self.question["complete"] and not self._installed(name.partition(".")[0]):
                self.problems.append({"code": "name", "name": name})

    def run(self) -> list[dict[str, Any]]:
        question = self.question
        if "module" in question:
            if not self.check_module():
                return self.problems
            self.follow(question["module"], set())
            if question["type"] == "module" and self.locate(question["module"])[0] == "package":
                self.follow(question["module"] + ".__main__", set())
        elif question["type"] == "consoleScript":
            self.check_script()
        elif "file" in question:
            self.follow_file(question["file"], "", {question["file"]})
        if not self.problems and "module" in question:
            self.check_attribute()
        if not self.problems:
            self.check_announcement()
        self.check_names()
        return self.problems


def _gives_itself(call: ast.Call) -> bool:
    """Whether a module hands its name to a function that could replace it, as lazy importers do."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not any(isinstance(value, ast.Name) and value.id == "__name__" for value in values):
        return False
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return function not in HARMLESS


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A statement with everything below it that is not in a function of its own."""
    if isinstance(node, (*Function, ast.ClassDef, ast.Lambda)):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _own_nodes(child)


def _holds(file: str) -> bool:
    try:
        with open(file, "rb") as stream:
            return COMPANION in stream.read().lower()
    except OSError:
        return True


def requires_python(file: Optional[str]) -> Optional[str]:
    """`requires-python` of a pyproject.toml, or what Poetry 1 calls it."""
    try:
        import tomllib

        with open(file or "", "rb") as stream:
            content = tomllib.load(stream)
    except (ImportError, OSError, ValueError):
        return None
    found = content.get("project", {}).get("requires-python")
    if found is None:
        found = content.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python")
    return found if isinstance(found, str) else None


def main() -> None:
    warnings.simplefilter("ignore")
    for question in map(json.loads, sys.argv[1:]):
        answer = {"problems": Preflight(question).run(), "requiresPython": requires_python(question.get("pyproject"))}
        sys.stdout.write("\n" + MARKER + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
