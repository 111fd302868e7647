"""What presets find out by reading first-party code (`ast`, nothing is run): server targets, Django's settings."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from typing import Optional

from . import loads, modules, source

_Code = Iterable[tuple[str, str]]
"""First-party code as (name, file)."""


def _trees(first_party: _Code) -> Iterator[tuple[str, str, ast.Module]]:
    for name, file in first_party:
        tree = source.tree(file)
        if tree is not None:
            yield name, file, tree


def server_targets(first_party: list[tuple[str, str]]) -> list[str]:
    """Modules named as text where a server is started: `uvicorn.run("main:app")`."""
    known = {name for name, _ in first_party}
    found: set[str] = set()
    for name, file in first_party:
        for claim in loads.scan(name, file, known):
            if claim["server"] and claim["pattern"] in known:
                found.add(claim["pattern"])
    return sorted(found)


def django_settings(first_party: _Code) -> list[str]:
    """Names of settings modules: DJANGO_SETTINGS_MODULE set to a literal."""
    found: set[str] = set()
    for _, _, tree in _trees(first_party):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if len(texts) == 2 and texts[0] == "DJANGO_SETTINGS_MODULE" and isinstance(texts[1], str):
                    found.add(texts[1])
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                        if target.slice.value == "DJANGO_SETTINGS_MODULE" and isinstance(node.value.value, str):
                            found.add(node.value.value)
    return sorted(found)


def dotted_texts(file: str) -> tuple[set[str], set[str]]:
    """Every text in a module that could be a dotted name, and those in INSTALLED_APPS."""
    with open(file, "rb") as stream:
        tree = ast.parse(stream.read(), filename=file)
    texts: set[str] = set()
    apps: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if all(part.isidentifier() for part in node.value.split(".")):
                texts.add(node.value)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == "INSTALLED_APPS" for target in targets):
                for part in ast.walk(node.value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        apps.add(part.value)
    return texts, apps


def deepest_module(text: str, paths: Iterable[str]) -> Optional[str]:
    """`polls.apps.PollsConfig` → `polls.apps`: the longest part that is a module; None."""
    while text:
        if modules.locate(text, paths) is not None:
            return text
        text = text.rpartition(".")[0]
    return None


def app_package(text: str, paths: Iterable[str]) -> Optional[str]:
    """The package of an entry of INSTALLED_APPS: a package, or a class in its `apps` module."""
    name = deepest_module(text, paths)
    if name is None:
        return None
    spec = modules.locate(name, paths)
    if spec is not None and spec.submodule_search_locations is None:
        name = name.rpartition(".")[0]
    return name or None


def has_data(package: str, paths: Iterable[str]) -> bool:
    """Whether a package has any file that is no module."""
    spec = modules.locate(package, paths)
    for location in (spec.submodule_search_locations or []) if spec else []:
        for _, folders, files in os.walk(location):
            folders[:] = [name for name in folders if name != "__pycache__"]
            if any(not name.endswith((".py", ".pyc")) for name in files):
                return True
    return False
