"""Tells which place an expression of first-party code means: `HERE / "data" / "words.txt"`, `os.path.join(os.path.dirname(__file__), …)`.

Reads source text only (`ast`), runs nothing. Names are followed through assignments, simple functions and imports of first-party
modules; what cannot be told is no place at all.
"""

from __future__ import annotations

import ast
import os
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Optional, Union

from . import loops, source

_DEPTH = 20
_MOST = 8
_EFFORT = 500
"""Steps spent on one expression: names that are made of each other could take forever."""

SAME = {"Path", "PurePath", "PosixPath", "str", "fspath", "abspath", "realpath", "normpath", "resolve", "absolute", "as_posix", "as_file"}
"""Calls that mean the place they are given (or, as methods, belong to)."""

ELSEWHERE = "elsewhere"
ROOT = "root"
FILE = "file"
TEXT = "text"


@dataclass(frozen=True)
class Place:
    """A path. `TEXT`: relative to nothing, as written. `FILE`: beside a module. `ROOT`: in the bundle's own folder."""

    anchor: str
    source: tuple[str, ...] = ()
    """Absolute, among the sources; of a `TEXT` nothing."""
    bundle: str = ""
    """Relative to the root of the bundle, with `/`; a `TEXT` itself."""
    named: bool = False
    """Code says a part of it by name."""
    rest: bool = False
    """Parts follow that nobody knows."""
    slash: bool = False
    """A text that is put behind it is a part of its own."""
    node: Optional[ast.expr] = None
    file: str = ""
    """Where its last name is written."""

    def joined(self, part: str) -> Place:
        if self.rest:
            return self
        if self.anchor == TEXT:
            return replace(self, bundle=posixpath.join(self.bundle, part), node=None)
        part = part.replace("\\", "/") if self.anchor != ELSEWHERE else ""
        below = part.lstrip("/")
        return replace(
            self,
            source=tuple(os.path.normpath(os.path.join(folder, below)) for folder in self.source),
            bundle=posixpath.normpath(posixpath.join(self.bundle, below)),
            named=self.named or part.strip("./") != "",
            slash=part.endswith("/"),
            node=None,
        )

    def up(self, levels: int = 1) -> Place:
        if self.rest:
            return self
        if self.anchor == TEXT:
            folder = self.bundle
            for _ in range(levels):
                folder = posixpath.dirname(folder)
            return replace(self, bundle=folder)
        return self.joined("/".join([".."] * levels))

    def open_ended(self) -> Place:
        return replace(self, rest=True)


class Code:
    """All first-party modules that are looked at. `roots` are the source folders."""

    def __init__(self, modules: Iterable[tuple[str, str]], roots: list[str]) -> None:
        self.files = dict(modules)
        self.roots = roots
        self.effort = _EFFORT
        self._read: dict[str, Optional[Module]] = {}

    def module(self, name: str) -> Optional[Module]:
        if name not in self._read:
            self._read[name] = None
            file = self.files.get(name)
            tree = None if file is None else source.tree(file)
            if file is not None and tree is not None:
                self._read[name] = Module(self, name, file, tree)
        return self._read[name]

    def package(self, name: str) -> Optional[Place]:
        """The folder of a first-party package."""
        file = self.files.get(name)
        folder = name.replace(".", "/")
        if file is not None and os.path.basename(file) == "__init__.py":
            return Place(FILE, (os.path.dirname(file),), folder)
        for root in self.roots:
            if file is None and name and os.path.isdir(os.path.join(root, folder)):
                return Place(FILE, (os.path.join(root, folder),), folder)
        return None


_NAMING = frozenset(
    {ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension}
)
"""What gives names a meaning."""

Scope = Mapping[str, "list[Place]"]
Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


class Module:
    """One module: what its names stand for."""

    def __init__(self, code: Code, name: str, file: str, tree: ast.Module) -> None:
        self.code = code
        self.name = name
        self.file = file
        self.tree = tree
        self.is_package = os.path.basename(file) == "__init__.py"
        self.package = name if self.is_package else name.rpartition(".")[0]
        self.aliases: dict[str, str] = {}
        self.values: dict[str, list[ast.expr]] = {}
        self._loops: dict[str, list[loops.Loop]] = {}
        self._items: dict[str, list[ast.expr]] = {}
        self.functions: dict[str, Function] = {}
        self._active: set[int] = set()
        self._known: dict[int, list[Place]] = {}
        self._returned: dict[str, list[ast.expr]] = {}
        self.nodes = source.walk(tree)
        for node in self.nodes:
            if type(node) in _NAMING:
                self._read(node)
        self._calls: Optional[list[tuple[ast.Call, str]]] = None

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                self.aliases[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            parts = self.package.split(".") if self.package else []
            base = parts[: len(parts) - (node.level - 1)] if node.level else []
            base += [node.module] if node.module else []
            for alias in node.names:
                self.aliases[alias.asname or alias.name] = ".".join([*base, alias.name])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.functions.setdefault(node.name, node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                name = getattr(target, "id", None) or getattr(target, "attr", None)
                if name is not None:
                    self.values.setdefault(name, []).append(node.value)
        elif isinstance(node, (ast.For, ast.comprehension)):
            for name, path in loops.targets(node.target):
                self._loops.setdefault(name, []).append((node.iter, path))

    def calls(self) -> list[tuple[ast.Call, str]]:
        """Its calls, each with the full name of what is called."""
        if self._calls is None:
            self._calls = [(node, self.dotted(node.func)) for node in self.nodes if isinstance(node, ast.Call)]
        return self._calls

    def called(self) -> set[str]:
        """Names of all functions that it calls."""
        return {str(getattr(call.func, "id", None) or getattr(call.func, "attr", "")) for call, _ in self.calls()}

    def dotted(self, node: ast.expr) -> str:
        """The full name of what an expression names, as far as imports say it; else as it is written."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.dotted(node.value)}.{node.attr}"
        return f"?.{node.func.attr}" if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else "?"

    def own_file(self) -> Place:
        folder = "" if self.name == "__main__" else (self.name if self.is_package else self.name.rpartition(".")[0]).replace(".", "/")
        return Place(FILE, (self.file,), posixpath.join(folder, os.path.basename(self.file)))

    def bundle_root(self, like: Iterable[Place] = ()) -> Place:
        known = [path for place in like if place.anchor != TEXT for path in place.source]
        texts = [os.path.normpath(os.path.join(root, place.bundle)) for place in like if place.anchor == TEXT for root in self.code.roots]
        return Place(ROOT, tuple(dict.fromkeys([*known, *texts, *self.code.roots])), ".")

    def text(self, node: Optional[ast.expr]) -> Optional[str]:
        """What a text is for certain."""
        places = [] if node is None else self.places(node)
        if len(places) == 1 and places[0].anchor == TEXT and not places[0].rest:
            return places[0].bundle
        return None

    def places(self, node: ast.expr, scope: Optional[Scope] = None, depth: int = 0) -> list[Place]:
        """Every place that an expression can mean; empty: nobody knows. A frozen program's own way counts alone."""
        key = id(node)
        if not scope and key in self._known:
            return self._known[key]
        if depth == 0:
            self.code.effort = _EFFORT
        self.code.effort -= 1
        if depth > _DEPTH or self.code.effort < 0 or key in self._active:
            return []
        self._active.add(key)
        try:
            found = _chosen(self._places(node, scope or {}, depth + 1))
        finally:
            self._active.discard(key)
        found = [replace(place, node=node, file=self.file) if place.named and place.node is None else place for place in found]
        if not scope:
            self._known[key] = found
        return found

    def _places(self, node: ast.expr, scope: Scope, depth: int) -> list[Place]:
        if isinstance(node, ast.Constant):
            return [Place(TEXT, bundle=node.value, named=True, node=node, file=self.file)] if isinstance(node.value, str) else []
        if isinstance(node, ast.Name):
            return self._name(node.id, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope, depth)
        if isinstance(node, ast.BinOp):
            return self._operator(node, scope, depth)
        if isinstance(node, ast.JoinedStr):
            return self._joined_text(node, scope, depth)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, scope, depth)
        if isinstance(node, ast.Call):
            return self._call(node, scope, depth)
        if isinstance(node, ast.IfExp):
            return [*self.places(node.body, scope, depth), *self.places(node.orelse, scope, depth)]
        if isinstance(node, ast.BoolOp):
            return [place for value in node.values for place in self.places(value, scope, depth)]
        if isinstance(node, (ast.NamedExpr, ast.Await)):
            return self.places(node.value, scope, depth)
        return []

    def _name(self, name: str, scope: Scope, depth: int) -> list[Place]:
        if name in scope:
            return list(scope[name])
        if name == "__file__":
            return [self.own_file()]
        made = [*self.values.get(name, []), *self._looped(name)]
        if made:
            return [place for value in made[:_MOST] for place in self.places(value, scope, depth)]
        full = self.aliases.get(name)
        return [] if full is None else self._foreign(full, depth)

    def _looped(self, name: str) -> list[ast.expr]:
        """What a name stands for in loops, one after the other."""
        if name not in self._items:
            given = [(loops.items(container, self._meant), path) for container, path in self._loops.get(name, [])]
            # Kept: places are known by the identity of their expression.
            self._items[name] = [loops.at(item, path) for items, path in given for item in items or []]
        return self._items[name]

    def _meant(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, (ast.Name, ast.Attribute)):
            own = self.values.get(node.id if isinstance(node, ast.Name) else node.attr, [])
            owner, _, attribute = self.dotted(node).rpartition(".")
            module = self.code.module(owner) if owner and not own and owner != self.name else None
            return own if module is None else module.values.get(attribute, [])
        return []

    def _foreign(self, full: str, depth: int) -> list[Place]:
        """`from app.config import BASE_DIR`: what the other module says."""
        if full in ("os.sep", "os.path.sep"):
            return [Place(TEXT, bundle="/")]
        if full in ("os.curdir", "os.path.curdir", "os.pardir", "os.path.pardir"):
            return [Place(TEXT, bundle=".." if full.endswith("pardir") else ".")]
        if full == "sys._MEIPASS":
            return [self.bundle_root()]
        if full in ("sys.executable", "sys.argv"):
            return [Place(ELSEWHERE)]
        owner, _, attribute = full.rpartition(".")
        module = self.code.module(owner) if owner and owner != self.name else None
        return [] if module is None or depth > _DEPTH else module._name(attribute, {}, depth + 1)

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> list[Place]:
        if node.attr == "parent":
            return [place.up() for place in self.places(node.value, scope, depth)]
        full = self.dotted(node)
        if node.attr == "__file__":
            module = self.code.module(self.dotted(node.value))
            return [] if module is None else [module.own_file()]
        if full.endswith("__spec__.origin"):
            return [self.own_file()]
        found = self._foreign(full, depth)
        if found or not isinstance(node.value, ast.Name):
            return found
        # `self.folder`, `Settings.folder`
        return [] if node.value.id in self.aliases else self._name(node.attr, {}, depth) if node.attr in self.values else []

    def _operator(self, node: ast.BinOp, scope: Scope, depth: int) -> list[Place]:
        left = self.places(node.left, scope, depth)
        if isinstance(node.op, ast.Div):
            return self._join(left, [node.right], scope, depth)
        if isinstance(node.op, ast.Add):
            return self._append(left, self.places(node.right, scope, depth))
        if isinstance(node.op, ast.Mod):
            return [_cut(place, "%") for place in left if place.anchor == TEXT]
        return []

    def _join(self, first: list[Place], others: Iterable[ast.expr], scope: Scope, depth: int) -> list[Place]:
        result = first
        for node in others:
            parts = [] if isinstance(node, ast.Starred) else self.places(node, scope, depth)
            joined: list[Place] = []
            for place in result:
                if not parts:
                    joined.append(place.open_ended())
                for part in parts[:_MOST]:
                    if part.anchor != TEXT or part.bundle.startswith("/"):
                        joined.append(part)  # An absolute part begins anew.
                    else:
                        whole = place.joined(part.bundle)
                        joined.append(whole.open_ended() if part.rest else whole)
            result = joined[:_MOST]
        return result

    @staticmethod
    def _append(left: list[Place], right: list[Place]) -> list[Place]:
        """Texts put together. What does not begin at a separator makes a name of its own: `FOLDER + "-old"`."""
        result: list[Place] = []
        for place in left:
            if not right:
                result.append(place.open_ended())
            for part in right:
                if place.rest:
                    result.append(place)
                elif place.anchor == TEXT:
                    if part.anchor == TEXT:
                        result.append(replace(place, bundle=place.bundle + part.bundle, named=True, rest=part.rest))
                elif part.anchor == TEXT and (place.slash or part.bundle.startswith(("/", "\\"))):
                    whole = place.joined(part.bundle)
                    result.append(whole.open_ended() if part.rest else whole)
                elif part.anchor == TEXT and part.bundle:
                    result.append(place.up().joined(posixpath.basename(place.bundle) + part.bundle))
        return result[:_MOST]

    def _joined_text(self, node: ast.JoinedStr, scope: Scope, depth: int) -> list[Place]:
        result: list[Place] = []
        for index, part in enumerate(node.values):
            value = part.value if isinstance(part, ast.FormattedValue) else part
            places = self.places(value, scope, depth)
            result = places if index == 0 else self._append(result, places)
            if not result:
                return []
        return result

    def _subscript(self, node: ast.Subscript, scope: Scope, depth: int) -> list[Place]:
        value, index = node.value, node.slice
        number = index.value if isinstance(index, ast.Constant) and isinstance(index.value, int) else None
        if isinstance(value, ast.Attribute) and value.attr == "parents":
            return [] if number is None or number < 0 else [place.up(number + 1) for place in self.places(value.value, scope, depth)]
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            # os.path.split(__file__)[0], __file__.rsplit("/", 1)[0]
            if number == 0 and value.func.attr == "split" and value.args and self.dotted(value.func).endswith("path.split"):
                return [place.up() for place in self.places(value.args[0], scope, depth)]
            if number == 0 and value.func.attr in ("rsplit", "rpartition"):
                return [place.up() for place in self.places(value.func.value, scope, depth) if place.anchor != TEXT]
        if self.dotted(value) == "sys.argv":
            return [Place(ELSEWHERE)]
        if isinstance(value, ast.Name):
            return [place for made in self.values.get(value.id, []) for member in members(made) for place in self.places(member, scope, depth)]
        return []

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> list[Place]:
        function = node.func
        full = self.dotted(function)
        last = full.rpartition(".")[2]
        owner = function.value if isinstance(function, ast.Attribute) else None
        args = node.args
        if last == "getattr" and len(args) > 1 and self.text(args[1]) == "_MEIPASS":
            return [self.bundle_root(self.places(args[2], scope, depth) if len(args) > 2 else ())]
        if last == "resource_path" and full.startswith("electron_pyinstaller."):
            return self._join([self.bundle_root()], args, scope, depth)
        if last == "files" and full.endswith("resources.files"):
            return self.package_named(args[0] if args else None)
        if full.endswith(("getcwd", "Path.cwd")):
            return [Place(TEXT, bundle=".")]
        if last == "dirname" and args:
            return [place.up() for place in self.places(args[0], scope, depth)]
        if last == "join" and args and (full.endswith("path.join") or full == "join"):
            return self._join(self.places(args[0], scope, depth), args[1:], scope, depth)
        if owner is not None and last in ("joinpath", "with_name", "with_suffix"):
            places = self.places(owner, scope, depth)
            if last == "joinpath":
                return self._join(places, args, scope, depth)
            text = self.text(args[0]) if args else None
            if text is None:
                return [place.up().open_ended() for place in places]
            stem = [(place, posixpath.splitext(posixpath.basename(place.bundle))[0]) for place in places]
            return [place.up().joined(text if last == "with_name" else name + text) for place, name in stem]
        if last in SAME:
            if args:
                return self._join(self.places(args[0], scope, depth), args[1:], scope, depth)
            return [] if owner is None else self.places(owner, scope, depth)
        if last == "format" and owner is not None:
            return [_cut(place, "{") for place in self.places(owner, scope, depth) if place.anchor == TEXT]
        return self._own_function(node, full, scope, depth)

    def _own_function(self, node: ast.Call, full: str, scope: Scope, depth: int) -> list[Place]:
        """`def data(name): return HERE / name`: what it returns for these arguments."""
        module, name = self, full
        is_method = full.startswith(("self.", "cls."))
        if is_method:
            name = full.partition(".")[2]
            if name not in self.functions:
                return []
        elif full not in self.functions:
            owner, _, name = full.rpartition(".")
            found = self.code.module(owner) if owner else None
            if found is None or name not in found.functions:
                return []
            module = found
        function = module.functions[name]
        names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
        inner: dict[str, list[Place]] = {}
        for argument in [*names, *(argument.arg for argument in function.args.kwonlyargs)]:
            inner[argument] = []
        for argument, value in zip(names[1:] if is_method else names, node.args):
            inner[argument] = self.places(value, scope, depth)
        for keyword in node.keywords:
            if keyword.arg in inner:
                inner[keyword.arg] = self.places(keyword.value, scope, depth)
        places = [place for value in module.returned(function)[:_MOST] for place in module.places(value, inner, depth)]
        return [replace(place, node=node, file=self.file) for place in places]

    def returned(self, function: Function) -> list[ast.expr]:
        """What its `return` statements give back."""
        if function.name not in self._returned:
            statements = [node for node in source.walk(function) if isinstance(node, ast.Return)]
            self._returned[function.name] = [node.value for node in statements if node.value is not None]
        return self._returned[function.name]

    def package_named(self, node: Optional[ast.expr]) -> list[Place]:
        """The folder of the package that an expression names; left out: of this module's own."""
        name = self.package
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
        elif isinstance(node, ast.Name) and node.id == "__name__":
            return [self.own_file().up()]
        elif isinstance(node, ast.Name) and node.id != "__package__":
            name = self.aliases.get(node.id, "?")
        elif node is not None and not isinstance(node, ast.Name):
            name = self.text(node) or self.dotted(node)
        package = self.code.package(name)
        return [] if package is None else [package]


def members(node: ast.expr) -> list[ast.expr]:
    """What a container written out in the code holds; of a dictionary its values."""
    if isinstance(node, ast.Dict):
        return node.values
    return node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else []


def _cut(place: Place, mark: str) -> Place:
    """A text with unknown parts, up to the first."""
    head, found, _ = place.bundle.partition(mark)
    return replace(place, bundle=head, rest=True) if found else place


def _chosen(places: list[Place]) -> list[Place]:
    """Of several: what the frozen program takes. A place elsewhere beats all; the bundle's own folder beats what is beside a file."""
    places = list(dict.fromkeys(places))
    for anchor in (ELSEWHERE, ROOT, FILE):
        alone = [place for place in places if place.anchor == anchor]
        if not alone:
            continue
        if anchor == ROOT and len(alone) == 1:
            others = [path for place in places if place.anchor == FILE for path in place.source]
            return [replace(alone[0], source=tuple(dict.fromkeys([*alone[0].source, *others])))]
        return alone
    return places
