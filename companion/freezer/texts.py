"""Tells which texts an expression can be: through constants, loops, `+`, `%`, `format`, `join`, `replace`. Reads source text only, runs nothing."""

from __future__ import annotations

import ast
import itertools
import re
import string
from collections.abc import Callable, Iterable
from typing import Optional

from . import loops
from .loops import Loop
from .places import Code, members

HOLE = "\0"
"""Stands for a part that nobody knows."""
TELLING = frozenset(
    {ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For, ast.AsyncFor, ast.comprehension, ast.arg, ast.Call}
)
"""The nodes that `note` wants to see."""
_CONTAINERS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Name, ast.Attribute)
_METHODS = frozenset({"replace", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "removeprefix", "removesuffix"})
_CUTS = frozenset({"split", "rsplit", "partition", "rpartition"})
_DEPTH = 8
_MOST = 50
_EFFORT = 2000
"""Steps spent on one expression: names that are made of each other could take forever."""
_CONVERSION = re.compile(r"%(?:\((\w+)\))?[#0\- +]*[\d*]*(?:\.[\d*]+)?([a-zA-Z%])")


class Texts:
    """What the names of one module stand for."""

    def __init__(self, name: str, is_package: bool, known: set[str], code: Optional[Code] = None) -> None:
        self.name = name
        self.package = name if is_package else name.rpartition(".")[0]
        self.known = known
        self.code = code
        self.aliases: dict[str, str] = {}
        self.constants: dict[str, list[ast.expr]] = {}
        self.loops: dict[str, list[Loop]] = {}
        self.parameters: set[str] = set()
        self._effort = _EFFORT
        self.is_open = False
        """Set when an answer is not all that an expression can be."""

    def note(self, node: ast.AST) -> None:
        """Read what a node gives a name to."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.aliases[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = self.from_base(node)
            for alias in node.names:
                self.aliases[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._assigned(target, node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and isinstance(node.value, _CONTAINERS):
            self.constants.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            for name, path in loops.targets(node.target):
                self.loops.setdefault(name, []).append((node.iter, path))
        elif isinstance(node, ast.arg):
            self.parameters.add(node.arg)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and len(node.args) == 1:
            if node.func.attr in ("append", "add") and node.func.value.id in self.constants:
                self.constants[node.func.value.id].append(ast.List([node.args[0]], ast.Load()))
            elif node.func.attr in ("extend", "update") and node.func.value.id in self.constants:
                self.constants[node.func.value.id].append(node.args[0])

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self.constants.setdefault(target.value.id, []).append(ast.Dict([target.slice], [value]))
        for name, path in loops.targets(target):
            self.constants.setdefault(name, []).append(loops.at(value, path))

    def from_base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".") if self.package else []
        parts = parts[: len(parts) - (node.level - 1)]
        return ".".join(parts + ([node.module] if node.module else []))

    def of(self, node: ast.expr, depth: int = 0) -> Optional[list[str]]:
        """Every text an expression can be, with a hole for each unknown part; None when nothing is known."""
        self._effort = _EFFORT if depth == 0 else self._effort - 1
        if depth > _DEPTH or self._effort < 0:
            return None
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return _combined([self._field(part, depth) for part in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _combined([self._piece(node.left, depth), self._piece(node.right, depth)])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self._filled(node.left, depth, lambda text: self._percent(text, node.right, depth))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._method(node, node.func, depth)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
            return self.of(node.args[0], depth + 1)
        if isinstance(node, ast.Name):
            return [self.name] if node.id == "__name__" else [self.package] if node.id == "__package__" else self._named(node, depth)
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "__spec__":
                return [self.package] if node.attr == "parent" else [self.name] if node.attr == "name" else None
            if node.attr == "__name__" and isinstance(node.value, ast.Name):
                target = self.aliases.get(node.value.id)
                return [target] if target is not None and target in self.known else None
            return self._named(node, depth)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, depth)
        if isinstance(node, ast.IfExp):
            return self._gather([node.body, node.orelse], depth)
        if isinstance(node, ast.BoolOp):
            return self._gather(node.values, depth)
        return None

    def items(self, node: ast.expr) -> Optional[list[ast.expr]]:
        """What a loop over an expression gives."""
        return loops.items(node, self._values)

    def _values(self, node: ast.expr) -> list[ast.expr]:
        """What is assigned to a name, to a constant of a class, or to one of another module of the project."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("self", "cls") or node.value.id[:1].isupper():
                return self.constants.get(node.attr, [])
            return self._foreign(f"{self.aliases.get(node.value.id, '')}.{node.attr}")
        if not isinstance(node, ast.Name):
            return []
        return self.constants.get(node.id) or self._foreign(self.aliases.get(node.id, ""))

    def _foreign(self, full: str) -> list[ast.expr]:
        owner, _, attribute = full.rpartition(".")
        module = self.code.module(owner) if self.code is not None and owner and owner != self.name else None
        return [] if module is None else module.values.get(attribute, [])

    def _named(self, node: ast.expr, depth: int) -> Optional[list[str]]:
        name = node.id if isinstance(node, ast.Name) else ""
        self.is_open = self.is_open or name in self.parameters
        plain = self._values(node)
        parts = self._looped(name, ())
        if parts is None or not (plain or parts):
            self.is_open = True
        texts = [*(self._gather(plain, depth) or []), *(self._gather(parts or [], depth) or [])]
        return list(dict.fromkeys(texts)) or None

    def _looped(self, name: str, path: loops.Path) -> Optional[list[ast.expr]]:
        """What the name of loops stands for; None: not all of it is known."""
        found: list[ast.expr] = []
        for container, place in self.loops.get(name, []):
            items = self.items(container)
            if items is None:
                return None
            found += [loops.at(item, (*place, *path)) for item in items]
        return found

    def _gather(self, nodes: Iterable[ast.expr], depth: int) -> Optional[list[str]]:
        """The texts of all nodes that are known."""
        result: list[str] = []
        for node in nodes:
            texts = self.of(node, depth + 1)
            self.is_open = self.is_open or texts is None
            result.extend(texts or [])
        return result or None

    def _piece(self, node: ast.expr, depth: int) -> list[str]:
        """A part of a text: what it can be, and a hole where it can be something else too."""
        was, self.is_open = self.is_open, False
        texts = self.of(node, depth + 1)
        pieces = [HOLE] if texts is None else [*texts, HOLE] if self.is_open else texts
        self.is_open = was
        return pieces

    def _field(self, part: ast.expr, depth: int) -> list[str]:
        if isinstance(part, ast.FormattedValue):
            return self._piece(part.value, depth) if part.format_spec is None and part.conversion in (-1, 115) else [HOLE]
        return [str(part.value)] if isinstance(part, ast.Constant) else [HOLE]

    def _filled(self, node: ast.expr, depth: int, fill: Callable[[str], list[list[str]]]) -> Optional[list[str]]:
        found = [text for template in self.of(node, depth + 1) or [] for text in _combined(fill(template)) or []]
        return found or None

    def _percent(self, text: str, right: ast.expr, depth: int) -> list[list[str]]:
        given = right.elts if isinstance(right, ast.Tuple) else [right]
        named = {key.value: value for key, value in zip(right.keys, right.values) if isinstance(key, ast.Constant)} if isinstance(right, ast.Dict) else {}
        values = iter(given)
        parts: list[list[str]] = []
        end = 0
        for found in _CONVERSION.finditer(text):
            parts.append([text[end : found.start()]])
            end = found.end()
            value = None if found[2] == "%" else named.get(found[1]) if found[1] else next(values, None)
            parts.append(["%"] if found[2] == "%" else self._piece(value, depth) if value is not None and found[2] == "s" else [HOLE])
        return [*parts, [text[end:]]]

    def _format(self, text: str, call: ast.Call, depth: int) -> list[list[str]]:
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        parts: list[list[str]] = []
        count = 0
        try:
            fields = list(string.Formatter().parse(text))
        except ValueError:
            return [[HOLE]]
        for literal, field, spec, conversion in fields:
            parts.append([literal])
            if field is None:
                continue
            place = int(field) if field.isdigit() else count if field == "" else -1
            count += 1
            value = call.args[place] if 0 <= place < len(call.args) else named.get(field)
            is_plain = value is not None and not isinstance(value, ast.Starred) and not spec and conversion in (None, "s")
            parts.append(self._piece(value, depth) if value is not None and is_plain else [HOLE])
        return parts

    def _method(self, call: ast.Call, function: ast.Attribute, depth: int) -> Optional[list[str]]:
        if function.attr == "format":
            return self._filled(function.value, depth, lambda text: self._format(text, call, depth))
        if function.attr == "join":
            return self._filled(function.value, depth, lambda mark: self._joined(mark, call, depth))
        if function.attr == "get":
            return self._entries(function.value, depth)
        if function.attr in _METHODS:
            return self._applied(call, function, depth)
        return None

    def _joined(self, mark: str, call: ast.Call, depth: int) -> list[list[str]]:
        argument = call.args[0] if call.args else None
        written = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else None if argument is None else self.items(argument)
        parts = [[HOLE] if isinstance(part, ast.Starred) else self._piece(part, depth) for part in written or []]
        separated = [part for each in parts for part in ([mark], each)][1:]
        return separated if any(part != [HOLE] for part in parts) else [[HOLE]]

    def _applied(self, call: ast.Call, function: ast.Attribute, depth: int, index: Optional[int] = None) -> Optional[list[str]]:
        """`"a/b".replace("/", ".")`; with an index a part of what comes out: `"a.b:c".split(":")[0]`."""
        given = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if len(given) != len(call.args) or call.keywords:
            return None
        found: list[str] = []
        for text in self.of(function.value, depth + 1) or []:
            try:
                value = getattr(text, function.attr)(*given)
                found.append(value if index is None else value[index])
            except (AttributeError, IndexError, TypeError, ValueError):
                self.is_open = True
        return found or None

    def _subscript(self, node: ast.Subscript, depth: int) -> Optional[list[str]]:
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        value = node.value
        if isinstance(index, int) and isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _CUTS:
            return self._applied(value, value.func, depth, index)
        if isinstance(index, int) and isinstance(value, (ast.List, ast.Tuple)) and -len(value.elts) <= index < len(value.elts):
            return self.of(value.elts[index], depth + 1)
        if isinstance(value, ast.Name) and isinstance(index, int) and value.id in self.loops:
            return self._gather(self._looped(value.id, (index,)) or [], depth)
        return self._entries(value, depth)

    def _entries(self, node: ast.expr, depth: int) -> Optional[list[str]]:
        """Whatever a table holds: which of it is taken, nobody knows."""
        tables = self._values(node) if isinstance(node, (ast.Name, ast.Attribute)) else [node]
        return self._gather((member for table in tables for member in members(table)), depth)


def _combined(parts: list[list[str]]) -> Optional[list[str]]:
    """Each text that one of each part makes. Where they are too many, what varies is a hole."""
    count = 1
    for part in parts:
        count *= len(part)
    chosen = parts if count <= _MOST else [part if len(part) == 1 else [HOLE] for part in parts]
    texts = ["".join(each) for each in itertools.product(*chosen)]
    return [text for text in dict.fromkeys(texts) if text.strip(HOLE)] or None
