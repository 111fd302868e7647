"""Functions and classes that import a module whose name they are given.

A function hands its argument to `__import__` or `import_module`: `inject("socketserver", globals())`. A class keeps it and
imports it later: `yaml = Lazy("yaml")`. One is made of another: `load = partial(import_module, package=__package__)`.

A name written where such a one is called is as good as an import. Reads source text only, runs nothing.
"""

from __future__ import annotations

import ast
import bisect
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Optional

from . import loops, source
from .places import Code, Module

_base = {"importlib.import_module": 0, "import_module": 0, "__import__": 0, "builtins.__import__": 0, "importlib.__import__": 0, "pkgutil.resolve_name": 0}
BY_NAME = re.compile(rb"\bimport_module\b|__import__[(,)]|resolve_name\(|module_from_spec\(")
"""In the text of everything that imports by name."""
_ROUNDS = 4


class Importer(NamedTuple):
    """Where it takes the name."""

    position: int
    keyword: str
    is_rest: bool = False
    """All that follows is names too: `def load(*names)`."""


_SPECS = {"importlib.util.find_spec": Importer(0, "name"), "find_spec": Importer(0, "name")}
"""Import as well where a module is made from what they find; alone they only ask whether it is there."""


Importers = Mapping[str, Importer]
"""By full name: `package.module.function`."""


def read(name: str, file: str, text: bytes) -> Module:
    """One module. Raises what `ast.parse` raises."""
    return Module(Code([], []), name, file, ast.parse(text))


def ends(importers: Importers) -> bytes:
    """Their names without the module's, as alternatives of a pattern."""
    return b"|".join(re.escape(end.encode()) for end in sorted({full.rpartition(".")[2] for full in importers}))


def of_package(texts: Iterable[tuple[str, str, bytes]]) -> tuple[dict[str, Importer], dict[str, Module]]:
    """Those of the modules of one distribution, given as (name, file, text), and the modules that were parsed to find them.
    """
    rest = {name: (file, text) for name, file, text in texts}
    parsed: dict[str, Module] = {}
    looked_at: dict[str, bytes] = {}
    known_then: dict[str, int] = {}
    """How many were found when a module was last looked at."""
    found: dict[str, Importer] = {}
    words = BY_NAME
    for _ in range(_ROUNDS):
        for name in [name for name, (_, text) in rest.items() if words.search(text)]:
            file, text = rest.pop(name)
            try:
                parsed[name] = read(name, file, text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            looked_at[name] = text
        before = len(found)
        for name, module in parsed.items():
            while _is_news(found, known_then.get(name), looked_at[name]):
                known_then[name] = len(found)
                for full, importer in _defined(module, found):
                    found.setdefault(full, importer)
        if len(found) == before:
            break
        words = re.compile(rb"\b(?:" + ends(found) + rb")\b")
    return found, parsed


def _is_news(found: Importers, known: Optional[int], text: bytes) -> bool:
    """Whether a module has the name of something that was found since it was looked at; `known`: how many were found then."""
    return known is None or any(full.rpartition(".")[2].encode() in text for full in list(found)[known:])


def of_files(files: Iterable[tuple[str, str]]) -> dict[str, Importer]:
    """Those of first-party modules, given as (name, file)."""
    texts: list[tuple[str, str, bytes]] = []
    for name, file in files:
        with contextlib.suppress(OSError), open(file, "rb") as stream:
            texts.append((name, file, stream.read()))
    return of_package(texts)[0]


def names_given(module: Module, call: ast.Call, known: Importers) -> list[ast.expr]:
    """The expressions of the names, when a call is one of an importer; one may be that of a container."""
    if getattr(call.func, "id", "") == "map" and len(call.args) == 2:
        handed = _importer(module, call.args[0], known)
        return [call.args[1]] if handed is not None and handed.position == 0 else []
    importer = _importer(module, call.func, known)
    if importer is None:
        return []
    if any(isinstance(argument, ast.Starred) for argument in call.args[: importer.position]):
        return []
    given = call.args[importer.position :]
    if given:
        spread = [argument.value if isinstance(argument, ast.Starred) else argument for argument in given]
        return spread if importer.is_rest or isinstance(given[0], ast.Starred) else spread[:1]
    return [keyword.value for keyword in call.keywords if keyword.arg == importer.keyword]


def _importer(module: Module, function: ast.expr, known: Importers) -> Optional[Importer]:
    if isinstance(function, ast.Call):
        if not function.args or module.dotted(function.func).rpartition(".")[2] != "partial":
            return None
        whole = _importer(module, function.args[0], known)
        bound = len(function.args) - 1
        is_free = whole is not None and whole.position >= bound and all(each.arg != whole.keyword for each in function.keywords)
        return whole._replace(position=whole.position - bound) if whole is not None and is_free else None
    full = _full(module, function)
    if full in _base:
        return Importer(0, "name")
    return known.get(full) or known.get(f"{module.name}.{full}") or _exported(full, known)


def _full(module: Module, function: ast.expr) -> str:
    """`self.load` is one of the module's own."""
    full = module.dotted(function)
    first, _, rest = full.partition(".")
    return rest if first in ("self", "cls") and first not in module.aliases else full


def _exported(full: str, known: Importers) -> Optional[Importer]:
    """A package gives its names out at another place than where they are defined: `from acme import inject`."""
    top, _, _ = full.partition(".")
    end = full.rpartition(".")[2]
    if top == full:
        return None
    return next((importer for name, importer in known.items() if name.partition(".")[0] == top and name.rpartition(".")[2] == end), None)


def may_import(module: Module, known: Importers) -> list[ast.Call]:
    """The calls of a module that can be those of an importer, by the last part of the name of what is called."""
    wanted = {full.rpartition(".")[2] for importers in (_base, _SPECS, known) for full in importers} | {"map"}
    return [call for call, full in module.calls() if full.rpartition(".")[2] in wanted or isinstance(call.func, ast.Call)]


_DEFINING = frozenset({ast.Assign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})


def _defined(module: Module, known: Importers) -> Iterator[tuple[str, Importer]]:
    defining = [node for node in module.nodes if type(node) in _DEFINING]
    owners = {id(member): node for node in defining if isinstance(node, ast.ClassDef) for member in node.body}
    lines = sorted(call.lineno for call in may_import(module, known))

    def is_worth_it(node: ast.stmt | ast.expr) -> bool:
        """Whether such a call stands in its lines: looking at all that a function does takes long."""
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        at = bisect.bisect_left(lines, first)
        return at < len(lines) and lines[at] <= (node.end_lineno or node.lineno)

    for node in defining:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            if not is_worth_it(node.value):
                continue
            names = [argument.arg for argument in node.value.args.args]
            for taken in _taken(module, node.value, {name: name for name in names}, known)[:1]:
                yield from _assigned(module, node, Importer(names.index(taken), taken))
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute, ast.Call)):
            same = _importer(module, node.value, known)
            if same is not None:
                yield from _assigned(module, node, same)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and is_worth_it(node):
            names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args, *([node.args.vararg] if node.args.vararg else [])]]
            taken = _taken(module, node, {name: name for name in [*names, *(each.arg for each in node.args.kwonlyargs)]}, known)
            bound = id(node) in owners and not any(getattr(each, "id", "") == "staticmethod" for each in node.decorator_list)
            for name in taken:
                if name in names[:1] and bound:
                    continue
                position = names.index(name) - bound if name in names else 1000
                is_rest = node.args.vararg is not None and node.args.vararg.arg == name
                yield f"{module.name}.{node.name}", Importer(position, name, is_rest)
                break
        elif isinstance(node, ast.ClassDef) and is_worth_it(node):
            importer = _of_class(module, node, known)
            if importer is not None:
                yield f"{module.name}.{node.name}", importer


def _assigned(module: Module, node: ast.Assign, importer: Importer) -> Iterator[tuple[str, Importer]]:
    return ((f"{module.name}.{target.id}", importer) for target in node.targets if isinstance(target, ast.Name))


def _of_class(module: Module, node: ast.ClassDef, known: Importers) -> Optional[Importer]:
    """A class keeps the name it is made with, and imports it later."""
    methods = [member for member in node.body if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef))]
    making = next((method for method in methods if method.name == "__init__"), None)
    kept: dict[str, str] = {}
    names: list[str] = []
    if making is None:
        # A dataclass or a named tuple.
        names = [member.target.id for member in node.body if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)]
        kept = {name: name for name in names}
    else:
        names = [argument.arg for argument in [*making.args.posonlyargs, *making.args.args]][1:]
        for inner in source.walk(making):
            if isinstance(inner, ast.Assign):
                origin = _origin(inner.value, {name: name for name in names})
                kept.update({target.attr: origin for target in inner.targets if isinstance(target, ast.Attribute) and origin is not None})
            elif isinstance(inner, ast.Call) and inner.args and getattr(inner.func, "attr", "") == "__init__":
                # `class Lazy(ModuleType)`: a module's name is its first argument.
                origin = _origin(inner.args[0], {name: name for name in names})
                if origin is not None:
                    kept["__name__"] = origin
    attributes = {f"self.{attribute}": origin for attribute, origin in kept.items()}
    for method in methods:
        for name in _taken(module, method, attributes, known):
            return Importer(names.index(name), name)
    return None


def _taken(module: Module, function: ast.AST, meant: dict[str, str], known: Importers) -> list[str]:
    """Which of some names reach an import, inside a function."""
    local = dict(meant)
    nodes = source.walk(function)
    for node in nodes:
        if isinstance(node, ast.Assign):
            origin = _origin(node.value, local)
            if origin is not None:
                for target in node.targets:
                    first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
                    if isinstance(first, ast.Name):
                        local.setdefault(first.id, origin)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            for name, path in loops.targets(node.target):
                origin = _origin(loops.column(node.iter, path), local)
                if origin is not None:
                    local.setdefault(name, origin)
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    if any(module.dotted(call.func).rpartition(".")[2] == "module_from_spec" for call in calls):
        known = {**known, **_SPECS}
    origins = [_origin(argument, local) for call in calls for argument in names_given(module, call, known)]
    return list(dict.fromkeys(origin for origin in origins if origin is not None))


def _origin(node: ast.expr, local: Mapping[str, str]) -> Optional[str]:
    """The name that an expression is a part of: `name`, `name.split(":")[0]`, `str(name)`."""
    while True:
        if isinstance(node, ast.Name):
            return local.get(node.id)
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and f"{node.value.id}.{node.attr}" in local:
                return local[f"{node.value.id}.{node.attr}"]
            return None
        if isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("split", "rsplit", "partition", "rpartition", "strip", "lower"):
                node = node.func.value
            elif isinstance(node.func, ast.Name) and node.func.id == "str" and node.args:
                node = node.args[0]
            else:
                return None
        elif isinstance(node, ast.BoolOp):
            named = [value for value in node.values if isinstance(value, ast.Name) and value.id in local]
            if not named:
                return None
            node = named[0]
        else:
            return None
