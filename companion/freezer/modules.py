"""Finds modules by walking folders, without importing anything.

PyInstaller's `collect_submodules` imports every package it lists: slow, with side effects, and a package that cannot be
imported yields an empty list without a word. Folders tell the truth.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, PathFinder
from typing import Optional

_skipped_folders = {"__pycache__", "node_modules"}


def locate(name: str, paths: Iterable[str]) -> Optional[ModuleSpec]:
    """The spec of a module, or None. Parents are not imported."""
    search = list(paths)
    spec: Optional[ModuleSpec] = None
    parts = name.split(".")
    for index in range(len(parts)):
        full = ".".join(parts[: index + 1])
        spec = PathFinder.find_spec(full, search)
        if spec is None and index == 0:
            spec = _from_other_finders(full)
        if spec is None:
            return None
        if index + 1 < len(parts):
            if spec.submodule_search_locations is None:
                return None
            search = list(spec.submodule_search_locations)
    return spec


def _from_other_finders(name: str) -> Optional[ModuleSpec]:
    """Editable installs bring a finder of their own; built-in and frozen modules have theirs."""
    for finder in sys.meta_path:
        if finder is PathFinder or not hasattr(finder, "find_spec"):
            continue
        try:
            spec = finder.find_spec(name, None)
        except Exception:
            continue
        if spec is not None:
            return spec
    return None


def children(package: str, locations: Iterable[str]) -> list[tuple[str, Optional[list[str]]]]:
    """Direct submodules as (full name, spec locations or None), namespace packages included, sorted."""
    found: dict[str, list[str]] = {}
    for location in locations:
        for info in pkgutil.iter_modules([location]):
            found.setdefault(info.name, [])
            if info.ispkg:
                found[info.name].append(os.path.join(location, info.name))
        for name in _folders(location):
            folder = os.path.join(location, name)
            if name not in found and holds_python(folder):
                found[name] = [folder]
    return [(f"{package}.{name}", places or None) for name, places in sorted(found.items())]


def _folders(location: str) -> list[str]:
    try:
        entries = sorted(os.listdir(location))
    except OSError:
        return []
    return [
        entry
        for entry in entries
        if entry.isidentifier() and entry not in _skipped_folders and os.path.isdir(os.path.join(location, entry))
    ]


def holds_python(folder: str, depth: int = 4) -> bool:
    """Whether a folder without `__init__.py` has modules in it: then it is a namespace package."""
    if os.path.exists(os.path.join(folder, "pyvenv.cfg")):
        return False
    if any(True for _ in pkgutil.iter_modules([folder])):
        return True
    return depth > 0 and any(holds_python(os.path.join(folder, name), depth - 1) for name in _folders(folder))


def submodules(package: str, paths: Iterable[str], recursive: bool) -> Optional[list[str]]:
    """The package, its children and (recursive) everything below; None when there is no such package."""
    spec = locate(package, paths)
    if spec is None or spec.submodule_search_locations is None:
        return None
    names = [package]
    queue = children(package, list(spec.submodule_search_locations))
    while queue:
        name, locations = queue.pop(0)
        names.append(name)
        if recursive and locations:
            queue.extend(children(name, locations))
    return names
