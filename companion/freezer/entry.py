"""What the entry imports as soon as it runs, found by reading it: a check can import that without running the program."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable
from typing import Optional

from . import modules, source


def top_imports(file: str, package: str = "") -> list[str]:
    """Names of the modules that a file imports whatever happens: not below `if`, `try` or in functions.

    `package` is where relative imports start. A file that cannot be read or parsed has none: PyInstaller says why.
    """
    tree = source.tree(file)
    if tree is None:
        return []
    names: list[Optional[str]] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.append(_absolute(node, package))
    return sorted({name for name in names if name and name != "__future__"})


def _absolute(node: ast.ImportFrom, package: str) -> Optional[str]:
    try:
        return importlib.util.resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:
        return None


def module_imports(name: str, paths: Iterable[str]) -> list[str]:
    """As `top_imports` for a module that runs as a program: a package's `__main__`."""
    spec = modules.locate(name, paths)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = modules.locate(f"{name}.__main__", paths)
    if spec is None or not spec.has_location or spec.origin is None or not spec.origin.endswith(".py"):
        return []
    return top_imports(spec.origin, spec.parent or "")
