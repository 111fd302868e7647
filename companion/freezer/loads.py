"""Finds where first-party code loads modules by name, which PyInstaller's analysis cannot see.

Reads source text only (`ast`), runs nothing. What it yields are claims of the form "main.py line 42 loads every child
of `services`"; whether those modules are in the bundle is decided later.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Optional

from . import importers, source
from .contract import Claim
from .importers import Importers
from .places import Code, Module, members

_importers = {"import_module", "__import__", "find_spec", "run_module", "load_module", "resolve_name"}
_listers = {"iter_modules", "walk_packages"}
_hole = "\0"


def scan(name: str, file: str, known: set[str], own: Optional[Importers] = None) -> list[Claim]:
    """All claims of one file. `known` is the set of first-party module names, `own` what of the project imports by name itself."""
    tree = source.tree(file)
    if tree is None:
        return []  # A syntax error shows up as `invalid module` when the module is needed at all.
    return claims_of(Module(Code([], []), name, file, tree), known, own)


def claims_of(module: Module, known: set[str], own: Optional[Importers] = None) -> list[Claim]:
    """As `scan`, of a module that is read already."""
    scanner = _Scanner(module.name, module.is_package, known)
    claims = scanner.claims(module.nodes)
    if own is not None:
        told = {claim["pattern"] for claim in claims}
        claims += [claim for claim in scanner.handed(module, own) if claim["pattern"] not in told]
    return claims


def texts_of(name: str, nodes: list[ast.AST]) -> Callable[[ast.expr], list[str]]:
    """A function that tells every text an expression of a module can be, given as all that it consists of, with `*` for each part that is not known."""
    scanner = _Scanner(name, False, set())
    scanner.claims(nodes)
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for argument, default in zip(reversed(node.args.args), reversed(node.args.defaults)):
                scanner.constants.setdefault(argument.arg, []).append(default)

    def texts(node: ast.expr) -> list[str]:
        # A constant of a class is known by its own name: `cls.GROUP`, `self.GROUP`.
        found = scanner.texts(ast.Name(node.attr)) if isinstance(node, ast.Attribute) else scanner.texts(node)
        return [text.replace(_hole, "*") for text in found or []]

    return texts


_TELLING = frozenset(
    {ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.For, ast.AsyncFor, ast.comprehension, ast.Constant, ast.Call}
)


class _Scanner:
    def __init__(self, name: str, is_package: bool, known: set[str]) -> None:
        self.known = known
        self.name = name
        self.package = name if is_package else name.rpartition(".")[0]
        self.aliases: dict[str, str] = {}
        self.constants: dict[str, list[ast.expr]] = {}
        self.loops: dict[str, list[ast.expr]] = {}
        """What the names of loops stand for one after the other."""
        self.strings: list[str] = []

    def claims(self, nodes: list[ast.AST]) -> list[Claim]:
        calls: list[ast.Call] = []
        for node in (node for node in nodes if type(node) in _TELLING):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.aliases[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
            elif isinstance(node, ast.ImportFrom):
                base = self._from_base(node)
                for alias in node.names:
                    self.aliases[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        self.constants.setdefault(target.id, []).append(node.value)
            elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
                self._loop(node.target, node.iter)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.strings.append(node.value)
            elif isinstance(node, ast.Call):
                calls.append(node)
        found: list[Optional[Claim]] = []
        unresolved: Optional[ast.Call] = None
        for call in calls:
            function = self._function(call.func)
            if function in _importers:
                patterns = self._patterns(call, function)
                if patterns is None:
                    unresolved = unresolved or call
                table = function in ("import_module", "__import__") and bool(call.args) and not isinstance(call.args[0], ast.Constant)
                for pattern in patterns or []:
                    found.append(self._claim(call, pattern, table=table))
            elif function in _listers:
                package = self._listed_package(call)
                if package is not None:
                    found.append(self._claim(call, f"{package}.{_hole}", deep=function == "walk_packages"))
            elif function == "run" or function == "Config":
                found.extend(self._server_target(call))
        if unresolved is not None:
            found.extend(self._mentioned(unresolved))
        return [claim for claim in found if claim is not None]

    def handed(self, module: Module, own: Importers) -> Iterator[Claim]:
        """Names that stand where something is called that imports what it is given: `load("services.export")`."""
        for call in (call for call in importers.may_import(module, own) if self._function(call.func) not in _importers):
            given = importers.names_given(module, call, own)
            for name in (one for expression in given for one in members(expression) or [expression]):
                # What a relative name is relative to, only the importer knows.
                texts = [text.partition(":")[0] for text in self.texts(name) or [] if not text.startswith(".")]
                yield from (claim for claim in (self._claim(call, text, table=True) for text in texts) if claim is not None)

    def _from_base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".") if self.package else []
        parts = parts[: len(parts) - (node.level - 1)]
        return ".".join(parts + ([node.module] if node.module else []))

    @staticmethod
    def _function(node: ast.expr) -> Optional[str]:
        if isinstance(node, ast.Attribute):
            return node.attr
        return node.id if isinstance(node, ast.Name) else None

    def _loop(self, target: ast.expr, container: ast.expr) -> None:
        """`for name in NAMES`, `for key, name in TABLE.items()`."""
        method = container.func.attr if isinstance(container, ast.Call) and isinstance(container.func, ast.Attribute) else None
        if isinstance(container, ast.Call) and method in ("values", "items", "split"):
            assert isinstance(container.func, ast.Attribute)
            inner = container.func.value
            if method == "split" and isinstance(inner, ast.Constant) and isinstance(inner.value, str) and not container.args:
                inner = ast.List([ast.Constant(word) for word in inner.value.split()])
            container = inner
        elif isinstance(container, ast.Call) and isinstance(container.func, ast.Name) and container.func.id in ("sorted", "list", "tuple", "set"):
            container = container.args[0] if container.args else container
        elif isinstance(container, ast.Dict):
            container = ast.List([key for key in container.keys if key is not None])
        if method == "items" and isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == 2:
            target = target.elts[1]
        if isinstance(target, ast.Name):
            self.loops.setdefault(target.id, []).append(container)

    def _claim(self, call: ast.Call, pattern: str, deep: bool = False, server: bool = False, table: bool = False) -> Optional[Claim]:
        """A claim, or None when the pattern names nothing: `{anything}` alone."""
        head = pattern.partition(_hole)[0]
        if _hole in pattern and "." not in head:
            # "service_" + name: modules at the top whose names begin so; a bare hole says nothing.
            if not head:
                return None
        if _hole not in pattern and not pattern:
            return None
        return {
            "line": call.lineno,
            "text": _shorten(ast.unparse(call)),
            "pattern": pattern.replace(_hole, "*"),
            "deep": deep,
            "server": server,
            "table": table,
        }

    def _patterns(self, call: ast.Call, function: Optional[str]) -> Optional[list[str]]:
        """What the first argument can be: texts with holes. None: not to be told."""
        argument = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg in ("name", "mod_name")), None)
        if argument is None:
            return []
        texts = self.texts(argument)
        if texts is None:
            return None
        package = self._anchor(call) if function in ("import_module", "find_spec") else None
        return [self._absolute(text.partition(":")[0], package) for text in texts]  # `resolve_name("pkg.mod:function")`

    def _anchor(self, call: ast.Call) -> Optional[str]:
        node = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "package"), None)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name) and node.id == "__name__":
            return self.name
        if isinstance(node, ast.Attribute) and node.attr == "__name__" and isinstance(node.value, ast.Name):
            return self.aliases.get(node.value.id)
        return self.package

    @staticmethod
    def _absolute(text: str, package: Optional[str]) -> str:
        if not text.startswith("."):
            return text
        level = len(text) - len(text.lstrip("."))
        parts = (package or "").split(".")
        base = ".".join(parts[: len(parts) - (level - 1)])
        return f"{base}.{text[level:]}" if base else text[level:]

    def texts(self, node: ast.expr, depth: int = 0) -> Optional[list[str]]:
        """Every text an expression can be, with a hole for each unknown part; None when nothing is known."""
        if depth > 6:
            return None
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            text = ""
            for part in node.values:
                if isinstance(part, ast.Constant):
                    text += str(part.value)
                else:
                    inner = self.texts(part.value, depth + 1) if isinstance(part, ast.FormattedValue) else None
                    text += inner[0] if inner is not None and len(inner) == 1 else _hole
            return [text] if text.strip(_hole) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left = self.texts(node.left, depth + 1)
            right = self.texts(node.right, depth + 1)
            if left is None and right is None:
                return None
            return [a + b for a in (left or [_hole]) for b in (right or [_hole])][:50]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            left = self.texts(node.left, depth + 1)
            return None if left is None else [_percent(text) for text in left]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            base = self.texts(node.func.value, depth + 1)
            return None if base is None else [_braces(text) for text in base]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            separator = self.texts(node.func.value, depth + 1)
            parts = node.args[0] if node.args else None
            if separator is None or not isinstance(parts, (ast.List, ast.Tuple)):
                return None
            pieces = [(self.texts(part, depth + 1) or [_hole])[0] for part in parts.elts]
            text = separator[0].join(pieces)
            return [text] if text.strip(_hole + separator[0]) else None
        if isinstance(node, ast.Name):
            if node.id == "__name__":
                return [self.name]
            if node.id == "__package__":
                return [self.package]
            return self._named(node.id, depth)
        if isinstance(node, ast.Attribute) and node.attr == "__name__" and isinstance(node.value, ast.Name):
            target = self.aliases.get(node.value.id)
            return [target] if target is not None and target in self.known else None
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            return self._gather(self.constants.get(node.value.id, []), depth, inside=True)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            if isinstance(node.func.value, ast.Name):
                return self._gather(self.constants.get(node.func.value.id, []), depth, inside=True)
            return None
        if isinstance(node, ast.IfExp):
            return self._gather([node.body, node.orelse], depth)
        return None

    def _named(self, name: str, depth: int) -> Optional[list[str]]:
        given = self.constants.get(name, [])
        plain = self._gather(given, depth) if given else []
        looped: list[str] = []
        for container in self.loops.get(name, []):
            containers = self.constants.get(container.id, []) if isinstance(container, ast.Name) else [container]
            texts = self._gather(containers, depth, inside=True)
            if texts is None:
                return None
            looped.extend(texts)
        return None if plain is None else [*plain, *looped] or None

    def _gather(self, nodes: Iterable[ast.expr], depth: int, inside: bool = False) -> Optional[list[str]]:
        """The texts of all nodes; `inside`: of the members of the containers that they are."""
        result: list[str] = []
        for node in nodes:
            for member in members(node) if inside else [node]:
                texts = self.texts(member, depth + 1)
                if texts is None:
                    return None
                result.extend(texts)
        return result or None

    def _listed_package(self, call: ast.Call) -> Optional[str]:
        """The package whose folder is listed by pkgutil; None when it cannot be told."""
        argument = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
        if isinstance(argument, (ast.List, ast.Tuple)) and len(argument.elts) == 1:
            argument = argument.elts[0]
        if isinstance(argument, ast.Attribute) and argument.attr == "__path__":
            name = _dotted(argument.value)
            if name is None:
                return None
            head, _, rest = name.partition(".")
            full = self.aliases.get(head, head) + (f".{rest}" if rest else "")
            return full if full in self.known or any(module.startswith(full + ".") for module in self.known) else None
        if isinstance(argument, ast.Name) and argument.id == "__path__":
            return self.package or None
        if argument is not None and any(isinstance(n, ast.Name) and n.id == "__file__" for n in source.walk(argument)):
            # iter_modules([os.path.dirname(__file__)]): the folder this module stands in. Longer paths are not followed.
            if not any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in source.walk(argument)):
                return self.package or None
        return None

    def _server_target(self, call: ast.Call) -> list[Optional[Claim]]:
        """`uvicorn.run("main:app")`: the module before the colon, when it is first-party."""
        argument = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "app"), None)
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            return []
        module, colon, attribute = argument.value.partition(":")
        if not colon or not attribute.replace(".", "").isidentifier() or module not in self.known:
            return []
        return [self._claim(call, module, server=True)]

    def _mentioned(self, call: ast.Call) -> list[Optional[Claim]]:
        """An import of a computed name: every text of this file that is the name of a first-party module may be meant."""
        found: list[Optional[Claim]] = []
        for value in self.strings:
            text = value.partition(":")[0]
            while "." in text:
                if text in self.known:
                    found.append(self._claim(call, text))
                    break
                text = text.rpartition(".")[0]  # "services.training.Trainer": a class by its path.
        return found


def _dotted(node: ast.expr) -> Optional[str]:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None


def _percent(text: str) -> str:
    """`services.%s` with a hole for each conversion."""
    result = ""
    index = 0
    while index < len(text):
        if text[index] == "%" and index + 1 < len(text):
            if text[index + 1] == "(":
                index = text.find(")", index)
                if index < 0:
                    return result + _hole
            result += _hole
            index += 2
        else:
            result += text[index]
            index += 1
    return result


def _braces(text: str) -> str:
    """`services.{}` with a hole for each field."""
    result = ""
    depth = 0
    for character in text:
        if character == "{":
            depth += 1
            if depth == 1:
                result += _hole
        elif character == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            result += character
    return result


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:117] + "..."
