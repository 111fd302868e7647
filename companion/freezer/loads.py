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
from .texts import HOLE, TELLING, Texts

_importers = {"import_module", "__import__", "find_spec", "run_module", "load_module", "resolve_name"}
_listers = {"iter_modules", "walk_packages"}
_runners = {"exec", "eval"}
_unknown = "_unknown_part_"


def scan(name: str, file: str, known: set[str], own: Optional[Importers] = None, code: Optional[Code] = None) -> list[Claim]:
    """All claims of one file. `known` is the set of first-party module names, `own` what of the project imports by name itself, `code` where
    names imported from other modules of the project are looked up.
    """
    tree = source.tree(file)
    if tree is None:
        return []  # A syntax error shows up as `invalid module` when the module is needed at all.
    return claims_of(Module(code or Code([], []), name, file, tree), known, own)


def claims_of(module: Module, known: set[str], own: Optional[Importers] = None) -> list[Claim]:
    """As `scan`, of a module that is read already."""
    scanner = _Scanner(Texts(module.name, module.is_package, known, module.code))
    claims = scanner.claims(module.nodes)
    if own is not None:
        told = {claim["pattern"] for claim in claims}
        claims += [claim for claim in scanner.handed(module, own) if claim["pattern"] not in told]
    return claims


def texts_of(name: str, nodes: list[ast.AST]) -> Callable[[ast.expr], list[str]]:
    """A function that tells every text an expression of a module can be, given as all that it consists of, with `*` for each part that is not known."""
    texts = Texts(name, False, set())
    for node in (node for node in nodes if type(node) in TELLING):
        texts.note(node)
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for argument, default in zip(reversed(node.args.args), reversed(node.args.defaults)):
                texts.constants.setdefault(argument.arg, []).append(default)

    def read(node: ast.expr) -> list[str]:
        # A constant of a class is known by its own name: `cls.GROUP`, `self.GROUP`.
        found = texts.of(ast.Name(node.attr) if isinstance(node, ast.Attribute) else node)
        return [text.replace(HOLE, "*") for text in found or []]

    return read


class _Scanner:
    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.known = texts.known
        self.package = texts.package
        self.strings: list[str] = []

    def claims(self, nodes: list[ast.AST]) -> list[Claim]:
        calls: list[ast.Call] = []
        for node in nodes:
            if type(node) in TELLING:
                self.texts.note(node)
            if isinstance(node, ast.Call):
                calls.append(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.strings.append(node.value)
        found: list[Optional[Claim]] = []
        unresolved: Optional[ast.Call] = None
        for call in calls:
            function = self._function(call.func)
            self.texts.is_open = False
            if function in _importers:
                patterns = self._patterns(call, function)
                if patterns is None or self.texts.is_open:
                    unresolved = unresolved or call
                table = function in ("import_module", "__import__") and bool(call.args) and not isinstance(call.args[0], ast.Constant)
                for pattern in patterns or []:
                    found.append(self._claim(call, pattern, table=table))
                    if function == "__import__":
                        found.extend(self._claim(call, f"{pattern}.{name}", table=True) for name in self._listed_names(call))
            elif function in _listers:
                package = self._listed_package(call)
                if package is not None:
                    found.append(self._claim(call, f"{package}.{HOLE}", deep=function == "walk_packages"))
            elif function == "run" or function == "Config":
                found.extend(self._server_target(call))
            elif function in _runners and isinstance(call.func, ast.Name):
                found.extend(self._claim(call, pattern, table=True) for pattern in self._run_text(call))
        if unresolved is not None:
            found.extend(self._mentioned(unresolved))
        return [claim for claim in found if claim is not None]

    def _run_text(self, call: ast.Call) -> Iterator[str]:
        """What a text of code imports: `exec(f"from {name} import tool")`."""
        argument = call.args[0] if call.args else None
        while isinstance(argument, ast.Call) and self._function(argument.func) in ("compile", "dedent") and argument.args:
            argument = argument.args[0]
        for text in [] if argument is None else self.texts.of(argument) or []:
            try:
                nodes = source.walk(ast.parse(text.replace(HOLE, _unknown)))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
            for node in (node for node in nodes if isinstance(node, ast.ImportFrom)):
                base = self.texts.from_base(node)
                names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
            names += [name for node in nodes if isinstance(node, ast.Call) and self._function(node.func) in _importers for name in self._patterns(node, None) or []]
            yield from (name.replace(_unknown, HOLE) for name in names)

    def _listed_names(self, call: ast.Call) -> list[str]:
        """`__import__("pkg", fromlist=["sub"])`, `__import__("pkg", globals(), locals(), ["sub"])`."""
        node = call.args[3] if len(call.args) > 3 else next((k.value for k in call.keywords if k.arg == "fromlist"), None)
        names = self.texts.items(node) if node is not None else None
        return [text for name in names or [] for text in self.texts.of(name) or []]

    def handed(self, module: Module, own: Importers) -> Iterator[Claim]:
        """Names that stand where something is called that imports what it is given: `load("services.export")`."""
        for call in (call for call in importers.may_import(module, own) if self._function(call.func) not in _importers):
            given = importers.names_given(module, call, own)
            for name in (one for expression in given for one in members(expression) or self.texts.items(expression) or [expression]):
                # What a relative name is relative to, only the importer knows.
                texts = [text.partition(":")[0] for text in self.texts.of(name) or [] if not text.startswith(".")]
                yield from (claim for claim in (self._claim(call, text, table=True) for text in texts) if claim is not None)

    @staticmethod
    def _function(node: ast.expr) -> Optional[str]:
        if isinstance(node, ast.Attribute):
            return node.attr
        return node.id if isinstance(node, ast.Name) else None

    def _claim(self, call: ast.Call, pattern: str, deep: bool = False, server: bool = False, table: bool = False) -> Optional[Claim]:
        """A claim, or None when the pattern names nothing: `{anything}` alone."""
        head = pattern.partition(HOLE)[0]
        if HOLE in pattern and "." not in head:
            # "service_" + name: modules at the top whose names begin so; a bare hole says nothing.
            if not head:
                return None
        if HOLE not in pattern and not pattern:
            return None
        return {
            "line": call.lineno,
            "text": _shorten(ast.unparse(call)),
            "pattern": pattern.replace(HOLE, "*"),
            "deep": deep,
            "server": server,
            "table": table,
        }

    def _patterns(self, call: ast.Call, function: Optional[str]) -> Optional[list[str]]:
        """What the first argument can be: texts with holes. None: not to be told."""
        argument = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg in ("name", "mod_name")), None)
        if argument is None:
            return []
        texts = self.texts.of(argument)
        if texts is None:
            return None
        package = self._anchor(call) if function in ("import_module", "find_spec") else None
        if function == "__import__":
            texts = [f"{'.' * self._level(call)}{text}" for text in texts]
            package = self.package
        return [self._absolute(text.partition(":")[0], package) for text in texts]  # `resolve_name("pkg.mod:function")`

    @staticmethod
    def _level(call: ast.Call) -> int:
        node = call.args[4] if len(call.args) > 4 else next((k.value for k in call.keywords if k.arg == "level"), None)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) and 0 < node.value < 9 else 0

    def _anchor(self, call: ast.Call) -> Optional[str]:
        node = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "package"), None)
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return self.package
        if isinstance(node, ast.Attribute) and node.attr == "__name__" and isinstance(node.value, ast.Name):
            return self.texts.aliases.get(node.value.id)
        texts = self.texts.of(node)
        # What is handed over is most often the caller's own package.
        return texts[0] if texts is not None and len(texts) == 1 and HOLE not in texts[0] else self.package

    @staticmethod
    def _absolute(text: str, package: Optional[str]) -> str:
        if not text.startswith("."):
            return text
        level = len(text) - len(text.lstrip("."))
        parts = (package or "").split(".")
        base = ".".join(parts[: len(parts) - (level - 1)])
        return f"{base}.{text[level:]}" if base else text[level:]

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
            full = self.texts.aliases.get(head, head) + (f".{rest}" if rest else "")
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


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:117] + "..."
