"""What Python files among the data import: they are run from disk (a page of streamlit, a migration), so the analysis never reads them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from . import modules, source


def imports(files: Iterable[str], paths: Iterable[str]) -> list[str]:
    """Names of everything there is that these files import, wherever in them; relative imports are among themselves."""
    folders = list(paths)
    wanted = {name for file in files if file.endswith(".py") for name in _imported(file)}
    return sorted(name for name in wanted if modules.locate(name, folders) is not None)


def _imported(file: str) -> Iterator[str]:
    tree = source.tree(file)
    if tree is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")
