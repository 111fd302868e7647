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
