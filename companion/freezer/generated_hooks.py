"""Hooks for modules of installed distributions that PyInstaller has none for, found by rules instead of written one by one.

A hook speaks only when its module is in the program, so what a program does not use adds nothing to it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import vendored
from .installed import Distribution, Texts, all_installed, asked_for
from .installed_compiled import compiled_helpers, to_be_observed
from .installed_data import data_of_readers, source_readers
from .installed_metadata import asked_metadata
from .installed_names import named_modules

# Below every other hook for the same module.
_template = """# $PyInstaller-Hook-Priority: -10000
import json
import os
with open(__file__[:-3] + ".json", encoding="utf-8") as _file:
    _wanted = json.load(_file)
hiddenimports = _wanted["imports"]
# Lists of files name some that are not there (removed to save room, a stale SOURCES.txt): PyInstaller would end.
datas = [tuple(pair) for pair in _wanted["datas"] if os.path.exists(pair[0])]
module_collection_mode = {name: "pyz+py" for name in _wanted["sources"]}
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
    sources: list[str] = field(default_factory=lambda: [])
    """Packages whose `.py` files are read at run time."""
    observed: bool = False


@dataclass
class Generated:
    """What was read of all that is installed."""

    hooks: dict[str, GeneratedHook] = field(default_factory=lambda: {})
    """By module."""
    asks_for_setuptools: bool = False
    """Whether some distribution may import it."""


def generated(hooked: set[str], file: str, key: str) -> Generated:
    """As `generate`, which reads all that is installed; kept in a file for as long as `key` is the same."""
    wanted = [key, sorted(hooked)]
    try:
        with open(file, encoding="utf-8") as stream:
            kept = json.load(stream)
        if kept["for"] == wanted:
            return Generated({name: GeneratedHook(**hook) for name, hook in kept["hooks"].items()}, kept["asksForSetuptools"])
    except (OSError, ValueError, LookupError, TypeError):
        pass  # There is none, or a damaged one.
    found = generate(hooked)
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(file), exist_ok=True)
        # Several freezes of one environment may run at once.
        own = f"{file}.{os.getpid()}"
        with open(own, "w", encoding="utf-8") as stream:
            hooks = {name: dataclasses.asdict(hook) for name, hook in found.hooks.items()}
            json.dump({"for": wanted, "hooks": hooks, "asksForSetuptools": found.asks_for_setuptools}, stream)
        os.replace(own, file)
    return found


def generate(hooked: set[str]) -> Generated:
    """`hooked` are the modules that have a hook already: whoever wrote one for a package knows its data."""
    found = Generated()
    installed = all_installed()
    modules = {module for distribution in installed.values() for module in distribution.modules()}
    for distribution in installed.values():
        texts = distribution.texts()
        found.asks_for_setuptools = found.asks_for_setuptools or vendored.is_asked_for(distribution.name, texts)
        for name, hook in _of(distribution, texts, installed, modules, hooked).items():
            found.hooks.setdefault(name, hook)
    return found


def _of(
    distribution: Distribution, texts: Texts, installed: dict[str, Distribution], modules: set[str], hooked: set[str]
) -> dict[str, GeneratedHook]:
    found: dict[str, GeneratedHook] = {}
    names = named_modules(distribution, texts, asked_for(distribution, installed), asked_for(distribution, installed, extras=False), modules)
    for rule in (names, compiled_helpers(distribution)):
        for name, imports in rule.items():
            found.setdefault(name, GeneratedHook()).imports.extend(imports)
    for name, asked in asked_metadata(distribution, texts, set(installed)).items():
        found.setdefault(name, GeneratedHook()).datas.extend(pair for each in asked for pair in installed[each].metadata)
    for name, files in data_of_readers(distribution, texts).items():
        if not _is_hooked(name, hooked):
            found.setdefault(name, GeneratedHook()).datas.extend((file, os.path.dirname(path)) for file, path in files)
    for name in source_readers(texts):
        if not _is_hooked(name, hooked):
            found.setdefault(name, GeneratedHook()).sources.append(name.partition(".")[0])
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
        wanted = {"imports": sorted(set(hook.imports)), "datas": sorted(hook.datas), "sources": hook.sources, "observe": name}
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
