"""Finds files that first-party code names, exist among the sources, and are not in the bundle.

What `places.py` cannot tell for certain, what the program writes itself, and what is there already is not reported.
"""

from __future__ import annotations

import ast
import os
import posixpath
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Optional

from .contract import NamedFile
from .places import ELSEWHERE, TEXT, Code, Module, Place, members

_READERS = {
    "StaticFiles", "Jinja2Templates", "FileSystemLoader", "FileResponse", "add_static", "add_static_files", "add_static_file",
    "listdir", "scandir", "walk", "glob", "iglob", "rglob", "iterdir", "fileConfig", "CDLL", "WinDLL", "LoadLibrary", "parse",
    "imread", "VideoCapture", "QIcon", "QPixmap", "PhotoImage", "truetype", "Sound", "run_path", "genfromtxt", "copy", "copyfile", "copytree",
}  # fmt: skip
_READER = re.compile(r"^_?(?:open|read|load|from_)|(?:load|read|_from_file)$|^Config$", re.ASCII)
"""What is called so reads files; a folder must be written with a slash."""
_PATH_KEYS = {
    "directory", "static_path", "template_path", "searchpath", "static_dir", "template_dir", "localedir", "log_config", "ssl_keyfile", "ssl_certfile",
}  # fmt: skip
_WRITERS = {
    "makedirs", "mkdir", "remove", "unlink", "rmtree", "rmdir", "touch", "symlink_to", "chmod", "utime", "truncate", "savefig",
    "imwrite", "FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "WatchedFileHandler", "connect", "basicConfig",
    "create_engine", "shelve", "mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory", "FileLock",
}  # fmt: skip
_WRITER = re.compile(r"^(?:write|save|dump|to_|export|download)|(?:save|dump|write)$", re.ASCII)
_NOT_SHIPPED = re.compile(
    r"\.(?:db|sqlite3?|log|pid|lock|tmp|bak)$|/(?:logs?|tmp|cache|\.cache)$"
    r"|\.(?:pem|key|p12|pfx|jks)$|/id_rsa[^/]*$|(?:[/_.-])(?:secrets?|credentials?)(?:[_.-][^/]*)?$",
    re.IGNORECASE,
)
"""What programs write, and secrets: nobody is told to bundle it."""
_LIMIT_SECONDS = 20.0
"""Of a processor, for code of a size that nobody wrote alone."""
_NOT_DATA = {"__pycache__", "node_modules", ".git", ".hg", ".svn", ".venv", "venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
_ENV_READERS = {"load_dotenv", "dotenv_values", "find_dotenv", "read_env", "SettingsConfigDict"}
_OF_PATHS = {"open", "read_text", "read_bytes", "iterdir", "glob", "rglob"}
"""Methods of a path that read it."""
_FRAMEWORKS = {"Flask": 0, "Quart": 0, "APIFlask": 0, "OpenAPI": 0, "Dash": 0, "Blueprint": 1, "APIBlueprint": 1}
"""Where the argument with the module's name stands."""
_BESIDE_APPLICATION = {"send_from_directory", "send_file", "open_resource", "from_pyfile", "from_file"}
"""Methods of Flask that start at the application's own folder."""
_PACKAGE_READERS = {
    "get_data", "read_text", "read_binary", "open_text", "open_binary", "resource_filename", "resource_string", "resource_stream", "PackageLoader",
}  # fmt: skip


@dataclass
class _Found:
    """What one module names."""

    named: list[Place] = field(default_factory=lambda: [])
    dotenv: list[tuple[Optional[Place], ast.expr]] = field(default_factory=lambda: [])
    written: list[Place] = field(default_factory=lambda: [])
    moves: list[list[Place]] = field(default_factory=lambda: [])
    """Arguments of `os.chdir`."""


def named_files(code: Iterable[tuple[str, str]], roots: list[str], project: str, bundled: Iterable[str]) -> list[NamedFile]:
    """Each place once, in the order of the code. `bundled` are the files of the bundle, relative to its root."""
    modules = Code(((name, file) for name, file in code if "site-packages" not in file.replace("\\", "/").split("/")), roots)
    present = _Present(bundled)
    result: list[NamedFile] = []
    until = time.process_time() + _LIMIT_SECONDS
    read = [module for module in map(modules.module, modules.files) if module is not None]
    called = {name for module in read for name in module.called()}
    readings = [(module, _Reader(module, called).read()) for module in read if time.process_time() < until]
    folders = _working_directory([move for _, found in readings for move in found.moves], [*roots, project])
    written = {path for _, found in readings for place in found.written for path in _sources(place, folders)}
    for module, found in readings:
        for place in found.named:
            claim = _claim(place, folders, present, module)
            if claim is not None and not _is_below(claim["source"], written):
                result.append(claim)
        for place, node in found.dotenv:
            claim = _environment_file(place, node, module, folders, project, present)
            if claim is not None:
                result.append(claim)
    return _fewest(result)


class _Present:
    """What is in the bundle."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = {posixpath.normpath(file.replace("\\", "/")) for file in files}
        self.folders: set[str] = set()
        for file in self.files:
            folder = posixpath.dirname(file)
            while folder and folder not in self.folders:
                self.folders.add(folder)
                folder = posixpath.dirname(folder)


class _Reader:
    """Reads one module. `called` are the names of all functions that any module calls."""

    def __init__(self, module: Module, called: set[str]) -> None:
        self.module = module
        self.found = _Found()
        loaded = (node for node in module.nodes if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load))
        self.used = {node.id if isinstance(node, ast.Name) else node.attr for node in loaded}
        # What such a function returns counts where it is called.
        self.returned = {
            id(value)
            for function in module.functions.values()
            if function.name in called
            for value in module.returned(function)
        }

    def read(self) -> _Found:
        for node in self.module.nodes:
            if isinstance(node, ast.stmt):
                self._statement(node)
            elif isinstance(node, ast.arguments):
                for default in [*node.defaults, *node.kw_defaults]:
                    if default is not None:
                        self._expression(default)
        return self.found

    def _statement(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            name = getattr(target, "id", None) or getattr(target, "attr", None)
            if name == "env_file":
                self._dotenv(self.module.places(statement.value), statement.value, set())
                return
            # A name counts where it is used: it may be a mere beginning.
            if name in self.used and self._is_place(statement.value):
                return
        if isinstance(statement, ast.Return) and statement.value is not None:
            if id(statement.value) in self.returned and self._is_place(statement.value):
                return
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                self._expression(child)
            elif isinstance(child, ast.withitem):
                self._expression(child.context_expr)
            elif isinstance(child, ast.keyword):
                self._expression(child.value)

    def _is_place(self, node: ast.expr) -> bool:
        return any(place.anchor != TEXT for place in self.module.places(node))

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call):
            if self.module.dotted(node.func).startswith(("sys.path.", "site.")):
                return  # Where modules are found is no data.
            self._call(node)
        if isinstance(node, (ast.Name, ast.Attribute, ast.BinOp, ast.JoinedStr, ast.Subscript, ast.Call)):
            places = self.module.places(node)
            if any(place.anchor != TEXT for place in places):
                self._add(places, node)
                return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._expression(child)
            elif isinstance(child, ast.keyword):
                self._expression(child.value)
            elif isinstance(child, ast.comprehension):
                self._expression(child.iter)

    def _add(self, places: Iterable[Place], node: ast.expr) -> None:
        for place in places:
            if _is_environment_file(place.bundle):
                self.found.dotenv.append((place, node))
            else:
                self.found.named.append(place)

    def _call(self, node: ast.Call) -> None:
        module = self.module
        full = module.dotted(node.func)
        last = full.rpartition(".")[2]
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        if full in ("os.chdir", "contextlib.chdir"):
            self.found.moves.append([place for argument in given for place in module.places(argument)])
        elif self._writes(node, last, owner):
            return
        elif last in _ENV_READERS or full == "decouple.config":
            places = [place for argument in given for place in module.places(argument) if _is_environment_file(place.bundle)]
            self._dotenv(places, node, set(keywords))
        elif last in _FRAMEWORKS:
            self._framework(node, last, keywords)
        elif last in _PACKAGE_READERS and (last == "PackageLoader" or (owner is not None and len(node.args) > 1)):
            self._package_reader(node)
        elif last in _BESIDE_APPLICATION and owner is not None:
            for text in self._texts(given):
                self._add([self._beside(text)], node)
        elif last in _READERS:
            self._add(self._texts([*([owner] if owner is not None and last in _OF_PATHS else []), *given]), node)
        elif _READER.search(last):
            texts = self._texts([*([owner] if owner is not None and last in _OF_PATHS else []), *given[:2]])
            self._add((text for text in texts if "/" in text.bundle or "." in text.bundle), node)
        else:
            self._add(self._texts([value for key, value in keywords.items() if key in _PATH_KEYS]), node)

    def _texts(self, nodes: Iterable[ast.expr]) -> list[Place]:
        """Relative paths among what is given to a reader of files."""
        return [
            place
            for node in nodes
            for value in [node, *members(node)]
            for place in self.module.places(value)
            if place.anchor == TEXT and _is_path(place)
        ]

    def _beside(self, text: Place) -> Place:
        joined = replace(self.module.own_file().up().joined(text.bundle), node=text.node, file=text.file)
        return joined.open_ended() if text.rest else joined

    def _writes(self, node: ast.Call, last: str, owner: Optional[ast.expr]) -> bool:
        """Whether a call writes what it is given; then that is no file of the bundle."""
        module = self.module
        if last == "open":
            of_path = owner is not None and bool(module.places(owner))
            modes = [keyword.value for keyword in node.keywords if keyword.arg == "mode"] or node.args[0 if of_path else 1 :]
            mode = module.text(modes[0]) if modes else None
            if mode is None or not re.fullmatch(r"[rbt]*[wax+][rwax+bt]*", mode):
                return False
            targets = [owner] if of_path and owner is not None else node.args[:1]
        elif last in _WRITERS or _WRITER.search(last):
            targets = [*([owner] if owner is not None else []), *node.args, *(keyword.value for keyword in node.keywords)]
        else:
            return False
        self.found.written.extend(place for target in targets for place in module.places(target) if place.named)
        return True

    def _dotenv(self, places: list[Place], node: ast.expr, keywords: set[str]) -> None:
        """`.env` by its name, relative (others come by as places of their own); or, without one, wherever it is found."""
        if places:
            self.found.dotenv.extend((place, node) for place in places if place.anchor == TEXT)
        elif isinstance(node, ast.Call) and not keywords & {"stream", "dotenv_path", "env_file"}:
            last = self.module.dotted(node.func).rpartition(".")[2]
            if last == "config" or (not node.args and last != "SettingsConfigDict"):
                self.found.dotenv.append((None, node))

    def _framework(self, node: ast.Call, name: str, keywords: dict[str, ast.expr]) -> None:
        position = _FRAMEWORKS[name]
        argument = node.args[position] if len(node.args) > position else keywords.get("import_name", keywords.get("name"))
        if argument is None or (isinstance(argument, ast.Name) and argument.id != "__name__"):
            return
        start = self.module.package_named(argument) or ([self.module.own_file().up()] if name == "Dash" else [])
        defaults = {"assets_folder": "assets"} if name == "Dash" else {"template_folder": "templates", "static_folder": "static"}
        for key, default in defaults.items():
            value = keywords.get(key)
            text = self.module.text(value) if value is not None else (default if position == 0 else None)
            if text is not None:
                self.found.named.extend(self._below(place, text, node) for place in start)

    def _package_reader(self, node: ast.Call) -> None:
        start = self.module.package_named(node.args[0]) if node.args else []
        texts = [self.module.text(argument) for argument in node.args[1:]] or ["templates"]
        if texts[0] is not None:
            self.found.named.extend(self._below(place, texts[0], node) for place in start)

    def _below(self, place: Place, text: str, node: ast.expr) -> Place:
        return replace(place.joined(text), node=node, file=self.module.file)


def _is_path(place: Place) -> bool:
    text = place.bundle
    return (
        0 < len(text) < 200
        and not text.startswith(("/", "\\", "~", "<"))
        and "://" not in text
        and not re.match(r"^[A-Za-z]:", text)
        and "\n" not in text
        and "\0" not in text
        and text.strip("./") != ""
    )


def _is_environment_file(path: str) -> bool:
    name = posixpath.basename(path.replace("\\", "/"))
    return name.endswith(".env") or name.startswith(".env.")


def _working_directory(moves: list[list[Place]], folders: list[str]) -> list[Place]:
    """Where relative paths start: in development; after `os.chdir` to a place that is known, there; empty: nobody knows."""
    if not moves:
        return [Place(TEXT, tuple(dict.fromkeys(folders)))]
    known = [place for places in moves for place in places if place.anchor not in (TEXT, ELSEWHERE) and not place.rest]
    return known[:1] if len(known) == len(moves) else []


def _resolved(place: Place, start: list[Place]) -> Optional[Place]:
    """A relative place as one that starts somewhere; None: it is not known where."""
    if place.anchor != TEXT:
        return place
    if not start:
        return None
    text = place.bundle
    origin = start[0]
    source = tuple(os.path.normpath(os.path.join(folder, text)) for folder in origin.source)
    bundle = text if origin.anchor == TEXT else posixpath.normpath(posixpath.join(origin.bundle, text))
    return replace(place, anchor=origin.anchor, source=source, bundle=bundle, named=True)


def _sources(place: Place, start: list[Place]) -> list[str]:
    resolved = _resolved(place, start)
    return [] if resolved is None else list(resolved.source)


def _is_below(path: str, folders: set[str]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


def _claim(place: Place, start: list[Place], present: _Present, module: Module) -> Optional[NamedFile]:
    resolved = _resolved(place, start)
    if resolved is None or resolved.anchor == ELSEWHERE or not resolved.named or resolved.node is None:
        return None
    for source in resolved.source:
        bundle = resolved.bundle
        if resolved.rest and not os.path.isdir(source):
            source, bundle = os.path.dirname(source), posixpath.dirname(bundle) or "."
        if _NOT_SHIPPED.search(source.replace("\\", "/")) or not _is_meant(source, module.file):
            continue
        folder = os.path.isdir(source)
        if folder:
            if not _is_missing_folder(source, bundle, present, resolved.anchor == TEXT):
                continue
        elif resolved.rest or not os.path.isfile(source):
            continue
        bundle = posixpath.normpath(bundle)
        is_relative = resolved.anchor == TEXT
        if not is_relative and not folder and bundle in present.files:
            return None
        kind = "relative" if is_relative else "above" if bundle == ".." or bundle.startswith("../") else "beside"
        return {
            "kind": kind,
            "file": resolved.file or module.file,
            "line": resolved.node.lineno,
            "text": _shorten(ast.unparse(resolved.node)),
            "source": source,
            "bundle": bundle,
            "folder": folder,
            "variables": [],
        }
    return None


def _is_meant(source: str, file: str) -> bool:
    """A folder with the code itself in it is where code lies, no data."""
    return not _is_below(file, {source}) and os.path.basename(source) not in _NOT_DATA | {"__init__.py"}


def _data_in(folder: str) -> Iterator[str]:
    """Files that are no modules, relative, at most some hundred."""
    count = 0
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_DATA and not os.path.exists(os.path.join(here, name, "pyvenv.cfg")))
        for name in sorted(files):
            if not name.endswith((".py", ".pyc", ".pyi")) and name != ".DS_Store" and name != ".gitkeep":
                yield os.path.relpath(os.path.join(here, name), folder).replace(os.sep, "/")
                count += 1
                if count > 500:
                    return


def _is_missing_folder(source: str, bundle: str, present: _Present, relative: bool) -> bool:
    """Whether nothing of a folder is there. With a part of it, somebody has chosen."""
    data = list(_data_in(source))
    return bool(data) and (relative or not any(posixpath.normpath(posixpath.join(bundle, file)) in present.files for file in data))


def _environment_file(
    place: Optional[Place], node: ast.expr, module: Module, start: list[Place], project: str, present: _Present
) -> Optional[NamedFile]:
    bundle = ".env"
    if place is None:
        candidates = list(_upwards(os.path.dirname(module.file), project))
    else:
        resolved = _resolved(place, start)
        if resolved is None or resolved.anchor == ELSEWHERE or resolved.rest:
            return None
        bundle = resolved.bundle
        if resolved.anchor != TEXT and posixpath.normpath(bundle) in present.files:
            return None
        candidates = list(resolved.source)
    source = next((path for path in candidates if os.path.isfile(path)), None)
    if source is None:
        return None
    return {
        "kind": "dotenv",
        "file": (place.file if place is not None else "") or module.file,
        "line": node.lineno,
        "text": _shorten(ast.unparse(node)),
        "source": source,
        "bundle": posixpath.normpath(bundle),
        "folder": False,
        "variables": _variables(source),
    }


def _upwards(folder: str, project: str) -> Iterator[str]:
    for _ in range(8):
        yield os.path.join(folder, ".env")
        if folder in (project, os.path.dirname(folder)):
            return
        folder = os.path.dirname(folder)


def _variables(file: str) -> list[str]:
    """Names only: the values may be secrets."""
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            found = [re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=", line) for line in stream]
    except OSError:
        return []
    return list(dict.fromkeys(match.group(1) for match in found if match))


def _fewest(claims: list[NamedFile]) -> list[NamedFile]:
    """Each source once; what lies in a folder that is named too goes with it."""
    kept: dict[tuple[str, str], NamedFile] = {}
    for claim in claims:
        kept.setdefault(("dotenv" if claim["kind"] == "dotenv" else "", claim["source"]), claim)
    folders = {claim["source"] for claim in kept.values() if claim["folder"]}
    return [claim for claim in kept.values() if not _is_below(os.path.dirname(claim["source"]), folders)]


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:97] + "..."
