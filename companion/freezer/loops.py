"""Tells what a loop goes through, as far as it is written in the code: `for i, name in enumerate(("a", "b"))`, `for key, name in TABLE.items()`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Optional

_SAME = frozenset({"sorted", "list", "tuple", "set", "frozenset", "reversed", "iter", "tqdm", "chain"})
_UNKNOWN = ast.Constant(None)
_DEPTH = 6

Path = tuple[int, ...]
"""Where in an item something stands: of `(i, (key, name))` the name at (1, 1)."""
Loop = tuple[ast.expr, Path]


def targets(target: ast.expr, path: Path = ()) -> Iterator[tuple[str, Path]]:
    """The names that a loop or an assignment gives a value to."""
    if isinstance(target, ast.Name):
        yield target.id, path
    elif isinstance(target, (ast.Tuple, ast.List)) and not any(isinstance(part, ast.Starred) for part in target.elts):
        for index, part in enumerate(target.elts):
            yield from targets(part, (*path, index))


def at(item: ast.expr, path: Path) -> ast.expr:
    """A part of an item; where it is not written out, as if the code took it: `item[0]`."""
    for index in path:
        if isinstance(item, (ast.Tuple, ast.List)) and index < len(item.elts):
            item = item.elts[index]
        else:
            item = ast.Subscript(item, ast.Constant(index), ast.Load())
    return item


def items(node: ast.expr, named: Callable[[ast.expr], list[ast.expr]], depth: int = 0) -> Optional[list[ast.expr]]:
    """What a loop over an expression gives one after the other; None: nobody knows. `named`: what a name or attribute stands for."""
    if depth > _DEPTH:
        return None
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [item for part in node.elts for item in _spread(part, named, depth)]
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _all([items(value, named, depth + 1) for value in named(node)])
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.BitOr)):
        return _all([items(side, named, depth + 1) for side in (node.left, node.right)])
    if isinstance(node, ast.Call):
        return _called(node, named, depth + 1)
    return None


def _spread(part: ast.expr, named: Callable[[ast.expr], list[ast.expr]], depth: int) -> list[ast.expr]:
    return items(part.value, named, depth + 1) or [] if isinstance(part, ast.Starred) else [part]


def _all(found: list[Optional[list[ast.expr]]]) -> Optional[list[ast.expr]]:
    known = [one for one in found if one is not None]
    return [item for one in known for item in one] if known and len(known) == len(found) else None


def _called(call: ast.Call, named: Callable[[ast.expr], list[ast.expr]], depth: int) -> Optional[list[ast.expr]]:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if isinstance(function, ast.Attribute) and name in ("values", "items", "keys"):
        return _of_table(function.value, name, named, depth)
    if isinstance(function, ast.Attribute) and name in ("split", "splitlines"):
        texts = [function.value] if isinstance(function.value, ast.Constant) else named(function.value)
        mark = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        mark = mark if isinstance(mark, str) and mark else None
        words = [text.value.split(mark) for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]
        return [ast.Constant(word) for each in words for word in each] if words else None
    columns = [items(argument, named, depth) for argument in call.args if not isinstance(argument, ast.Starred)]
    if name in _SAME:
        return _all(columns)
    if name == "enumerate" and columns and columns[0] is not None:
        return [ast.Tuple([_UNKNOWN, item], ast.Load()) for item in columns[0]]
    if name in ("zip", "zip_longest") and any(column is not None for column in columns):
        length = max(len(column) for column in columns if column is not None)
        return [ast.Tuple([_UNKNOWN if column is None else (column[row : row + 1] or [_UNKNOWN])[0] for column in columns], ast.Load()) for row in range(length)]
    return None


def _of_table(node: ast.expr, method: str, named: Callable[[ast.expr], list[ast.expr]], depth: int) -> Optional[list[ast.expr]]:
    if isinstance(node, (ast.Name, ast.Attribute)) and depth <= _DEPTH:
        return _all([_of_table(value, method, named, depth + 1) for value in named(node)])
    if not isinstance(node, ast.Dict):
        return None
    pairs = [(key, value) for key, value in zip(node.keys, node.values) if key is not None]
    if method == "items":
        return [ast.Tuple([key, value], ast.Load()) for key, value in pairs]
    return [value if method == "values" else key for key, value in pairs]


def column(container: ast.expr, path: Path) -> ast.expr:
    """What a part of each item is taken from: of `zip(a, b)` one of both, of `enumerate(names)` and `table.items()` what they are given."""
    while isinstance(container, ast.Call):
        function = container.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if isinstance(function, ast.Attribute) and name in ("values", "items", "keys"):
            return function.value
        if name == "zip" and path and path[0] < len(container.args):
            container, path = container.args[path[0]], path[1:]
        elif name == "enumerate" and path[:1] == (1,) and container.args:
            container, path = container.args[0], path[1:]
        elif name in _SAME and container.args:
            container = container.args[0]
        else:
            break
    return container
