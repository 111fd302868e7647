"""Hooks for modules of installed distributions that PyInstaller has none for, found by rules instead of written one by one.

A hook speaks only when its module is in the program, so what a program does not use adds nothing to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from .installed import Distribution, distributions
from .installed_compiled import compiled_helpers, to_be_observed
from .installed_data import data_of_readers
from .installed_names import named_modules

# Below every other hook for the same module.
_template = """# $PyInstaller-Hook-Priority: -10000
import json
with open(__file__[:-3] + ".json", encoding="utf-8") as _file:
    _wanted = json.load(_file)
hiddenimports = _wanted["imports"]
datas = [tuple(pair) for pair in _wanted["datas"]]
"""
_observing = """
from PyInstaller import isolated


@isolated.decorate
def _imported(name: str) -> list[str]:
    import importlib
    import sys

    before = set(sys.modules)
    importlib.import_module(name)
    return sorted(one for one in set(sys.modules) - before if getattr(sys.modules[one], "__spec__", None) is not None)


try:
    hiddenimports = hiddenimports + _imported(_wanted["observe"])
except Exception as _error:  # Here it cannot be imported, so nothing is known of it.
    pass
"""


@dataclass
class GeneratedHook:
    """What one module needs."""

    imports: list[str] = field(default_factory=lambda: [])
    datas: list[tuple[str, str]] = field(default_factory=lambda: [])
    """(file, folder in the bundle)."""
    observed: bool = False


def generate(hooked: set[str]) -> dict[str, GeneratedHook]:
    """By module. `hooked` are the modules that have a hook already: whoever wrote one for a package knows its data."""
    found: dict[str, GeneratedHook] = {}
    for distribution in distributions():
        for name, hook in _of(distribution, hooked).items():
            found.setdefault(name, hook)
    return found


def _of(distribution: Distribution, hooked: set[str]) -> dict[str, GeneratedHook]:
    found: dict[str, GeneratedHook] = {}
    for rule in (named_modules, compiled_helpers):
        for name, imports in rule(distribution).items():
            found.setdefault(name, GeneratedHook()).imports.extend(imports)
    for name, files in data_of_readers(distribution).items():
        if not _is_hooked(name, hooked):
            found.setdefault(name, GeneratedHook()).datas.extend((file, os.path.dirname(path)) for file, path in files)
    for name in to_be_observed(distribution):
        if not _is_hooked(name, hooked):
            found.setdefault(name, GeneratedHook()).observed = True
    return found


def _is_hooked(name: str, hooked: set[str]) -> bool:
    """Whether a module or a package it is in has a hook."""
    while name:
        if name in hooked:
            return True
        name = name.rpartition(".")[0]
    return False


def write(hooks: dict[str, GeneratedHook], folder: str) -> None:
    """As files for `hookspath`: always the same code, with what differs beside it as JSON."""
    os.makedirs(folder, exist_ok=True)
    for name, hook in sorted(hooks.items()):
        wanted = {"imports": sorted(set(hook.imports)), "datas": sorted(hook.datas), "observe": name}
        path = os.path.join(folder, f"hook-{name}")
        with open(path + ".json", "w", encoding="utf-8") as file:
            json.dump(wanted, file)
        with open(path + ".py", "w", encoding="utf-8") as file:
            file.write(_template + (_observing if hook.observed else ""))


def hooked_modules(folders: Iterable[str]) -> set[str]:
    """Names of the modules that have a hook in one of these folders."""
    found: set[str] = set()
    for folder in folders:
        try:
            entries = os.listdir(folder)
        except OSError:
            continue
        found.update(entry[5:-3] for entry in entries if entry.startswith("hook-") and entry.endswith(".py"))
    return found
