"""Reads Python source as a tree, without running it."""

from __future__ import annotations

import ast
from typing import Optional


def tree(file: str) -> Optional[ast.Module]:
    """None: it cannot be read or parsed, or is too deep for the parser. A syntax error shows up when the module is needed at all."""
    try:
        with open(file, "rb") as stream:
            return ast.parse(stream.read(), filename=file)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_PLAIN = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "lineno", "level", "type_comment", "kind", "conversion", "simple", "is_async"})
"""Fields that hold no part of the code: names, operators, whether something is read or written."""
_fields: dict[type[ast.AST], tuple[str, ...]] = {}


def walk(node: ast.AST) -> list[ast.AST]:
    """As `ast.walk`, in a third of its time; without operators, and without what says whether something is read or written."""
    found = [node]
    for each in found:
        kind = type(each)
        fields = _fields.get(kind)
        if fields is None:
            fields = _fields[kind] = () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _PLAIN)
        for name in fields:
            value = getattr(each, name, None)
            if type(value) is list:
                found += [one for one in value if one is not None and type(one) is not str]
            elif isinstance(value, ast.AST):  # `case True:` holds a plain value.
                found.append(value)
    return found
