"""Distributions whose metadata installed modules ask for, as far as PyInstaller does not see it.

It sees `importlib.metadata.version("acme")`. It does not see the name under another name, `__package__`, or a constant:

    from importlib.metadata import version as _version
    _version(__package__)

Where the name cannot be told (`[version(name) for name in SOFTWARE]`), what the distribution asks for is meant.
"""

from __future__ import annotations

import ast
import re
from typing import Optional

from . import source
from .distributions import normal
from .installed import Distribution, Texts, required

_mentions = re.compile(rb"importlib[._]metadata|from importlib import [^\n]*\bmetadata\b")
_asking = {"version", "distribution", "metadata", "requires", "files"}
_modules = {"importlib.metadata", "importlib_metadata"}


def asked_metadata(distribution: Distribution, texts: Texts, installed: set[str]) -> dict[str, list[str]]:
    """By module the names of installed distributions."""
    found: dict[str, list[str]] = {}
    for name, _, text in texts:
        try:
            wanted = _asked(ast.parse(text), distribution) if _mentions.search(text) else set[str]()
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        known = sorted(wanted & installed)
        if known:
            found[name] = known
    return found


def _asked(tree: ast.Module, distribution: Distribution) -> set[str]:
    modules: set[str] = set()
    functions: set[str] = set()
    constants: dict[str, ast.expr] = {}
    for node in source.walk(tree):
        if isinstance(node, ast.Import):
            modules.update(alias.asname or alias.name for alias in node.names if alias.name in _modules)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                if node.module in _modules and alias.name in _asking:
                    functions.add(alias.asname or alias.name)
                elif node.module == "importlib" and alias.name == "metadata":
                    modules.add(alias.asname or alias.name)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            constants[node.targets[0].id] = node.value
    names: set[str] = set()
    for node in source.walk(tree):
        if isinstance(node, ast.Call) and node.args and _asks(node.func, modules, functions):
            name = _meant(node.args[0], constants, distribution.name)
            names.update(required(distribution, extras=False) if name is None else {normal(name)})
    return names


def _asks(function: ast.expr, modules: set[str], functions: set[str]) -> bool:
    if isinstance(function, ast.Name):
        return function.id in functions
    return isinstance(function, ast.Attribute) and function.attr in _asking and ast.unparse(function.value) in modules


def _meant(argument: ast.expr, constants: dict[str, ast.expr], own: str) -> Optional[str]:
    if isinstance(argument, ast.Name) and argument.id in constants:
        argument = constants[argument.id]
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    # `__name__.partition(".")[0]`: the package it stands in.
    own_names = ("__name__", "__package__", "__spec__")
    return own if any(isinstance(part, ast.Name) and part.id in own_names for part in source.walk(argument)) else None
