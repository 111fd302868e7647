"""Plugins that code finds by itself: who asks for a group of entry points, and who is in it.

Nothing is run. The groups that exist in an environment are few and their names are peculiar, so a library reads a group when
its code asks for it in one of the usual ways, or holds its name as text and knows entry points at all.
"""

from __future__ import annotations

import ast
import fnmatch
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from . import distributions, loads, source

_askers = {"entry_points", "iter_entry_points", "load_setuptools_entrypoints", "select", "get_group_all", "get_group_named"}
_managers = re.compile(r"^(?:[A-Z]\w+)?(?:Extension|Driver|Hook)Manager$")
_machinery = re.compile(rb"entry_?points?\b|EntryPoint|stevedore|pkg_resources")
_target = re.compile(r"([\w.]+)\s*(?:[:\[].*)?$")
"""What an entry point says; `EntryPoint.module` raises where it says something else (`my-package.module:name`)."""
_building = re.compile(r"^(?:console_scripts|gui_scripts|pyinstaller40|(?:distutils|setuptools|egg_info|pip)\..*)$")


class Member(NamedTuple):
    """One plugin: the module that is loaded, and the distribution that brings it."""

    module: str
    owner: distributions.Installed


@dataclass
class Registry:
    """Who is in which group. A section of `etc/**/<section>.d/*.json` is a group as well, of modules named there."""

    members: dict[str, list[Member]] = field(default_factory=lambda: {})
    sections: set[str] = field(default_factory=lambda: set())


def registry(everything: Iterable[distributions.Installed]) -> Registry:
    """All groups that installed distributions fill, without those of tools that build."""
    found = Registry()
    for one in everything:
        for point in one.distribution.entry_points:
            target = _target.match(point.value)
            if target is not None and not _building.match(point.group):
                found.members.setdefault(point.group, []).append(Member(target[1], one))
        for section, module in _named_in_files(one):
            found.sections.add(section)
            found.members.setdefault(section, []).append(Member(module, one))
    return found


def _named_in_files(one: distributions.Installed) -> Iterable[tuple[str, str]]:
    """`etc/jupyter/jupyter_server_config.d/x.json` names modules of its own distribution, as keys or as texts."""
    own: Optional[set[str]] = None
    for path, file in one.files():
        match = re.search(r"(?:^|/)etc/(?:.*/)?([\w.-]+)\.d/[^/]+\.json$", path)
        if match is None:
            continue
        own = own if own is not None else set(one.modules())
        try:
            with open(file, encoding="utf-8") as stream:
                texts = set(_texts(json.load(stream)))
        except (OSError, ValueError):
            continue
        yield from ((match[1], module) for module in sorted(texts & own))


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def readers(everything: Iterable[distributions.Installed], known: Registry) -> dict[str, set[str]]:
    """Which module of which installed distribution asks for which groups."""
    found: dict[str, set[str]] = {}
    for one in everything:
        if distributions.normal(one.name) in distributions.builders:
            continue
        named = ((_module(path), file) for path, file in one.files())
        found.update(asked([(name, file) for name, file in named if name and not distributions.is_test(name)], known))
    return found


def _module(path: str) -> Optional[str]:
    if not path.endswith(".py") or path.startswith(".."):
        return None
    name = path[:-3].replace("/", ".")
    return name[: -len(".__init__")] if name.endswith(".__init__") else name


def asked(code: Iterable[tuple[str, str]], known: Registry) -> dict[str, set[str]]:
    """Which modules of code that belongs together, given as (name, file), ask for which groups that somebody is in."""
    if not known.members:
        return {}
    names = re.compile(rb"[\"'](?:" + b"|".join(re.escape(name.encode()) for name in sorted(known.members)) + rb")[\"']")
    candidates: list[tuple[str, bytes, bool]] = []
    for name, file in code:
        try:
            with open(file, "rb") as stream:
                content = stream.read()
        except OSError:
            continue
        knows = _machinery.search(content) is not None
        if knows or names.search(content):
            candidates.append((name, content, knows))
    together = any(knows for _, _, knows in candidates)
    if not together and not known.sections:
        return {}
    found = {name: _asked_by(name, content, known, together, knows) for name, content, knows in candidates}
    return {name: groups for name, groups in found.items() if groups}


def _asked_by(name: str, content: bytes, known: Registry, together: bool, knows: bool) -> set[str]:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    texts = {node.value for node in source.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    # "app" is an ordinary word, "app.plugins" is not: elsewhere than beside the machinery only the latter says something.
    groups = {
        group
        for group in texts.intersection(known.members)
        if group in known.sections or knows or (together and not re.fullmatch("[A-Za-z]+", group))
    }
    if knows:
        patterns = asked_groups(name, tree)
        groups.update(group for group in known.members if any(fnmatch.fnmatchcase(group, pattern) for pattern in patterns))
    return groups


def asked_groups(name: str, tree: ast.Module) -> set[str]:
    """Groups that a module asks for in one of the usual ways: by a literal, a constant, or a pattern (`app.*`)."""
    nodes = source.walk(tree)
    texts = loads.texts_of(name, nodes)
    found: set[str] = set()
    for node in nodes:
        values: list[ast.expr] = []
        if isinstance(node, ast.Call):
            values = _group_arguments(node)
        elif isinstance(node, ast.Subscript) and _is_all_groups(node.value):
            values = [node.slice]
        for value in values:
            found.update(texts(value))
    return {text for text in found if text.strip("*")}


def _group_arguments(call: ast.Call) -> list[ast.expr]:
    function = _function(call.func)
    if function in _askers:
        values = [keyword.value for keyword in call.keywords if keyword.arg in ("group", "group_name")]
        return values if function in ("entry_points", "select") else [*values, *call.args[:1]]
    if _managers.match(function):
        return [*(keyword.value for keyword in call.keywords if keyword.arg == "namespace"), *call.args[:1]]
    if function == "get" and isinstance(call.func, ast.Attribute) and _is_all_groups(call.func.value):
        return call.args[:1]
    return []


def _is_all_groups(node: ast.expr) -> bool:
    """`entry_points()`, which was a dictionary of groups once."""
    return isinstance(node, ast.Call) and not node.args and not node.keywords and _function(node.func) == "entry_points"


def _function(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def data_of(member: Member, reader: str) -> list[tuple[str, str]]:
    """Data files of a plugin: of its whole distribution, or, when that is the reader's own, of the plugin's package."""
    data = member.owner.data()
    if reader not in member.owner.modules():
        return data
    inside = member.module.replace(".", "/")
    return [(file, place) for file, place in data if place == inside or place.startswith(inside + "/")]


def _priority(hook: str, usual: int) -> int:
    """What a hook says of itself, else what its folder gives it: PyInstaller runs the one with the highest. Of equals the first folder's."""
    with open(hook, encoding="utf-8", errors="replace") as file:
        said = re.search(r"^\s*#\s*\$PyInstaller-Hook-Priority:\s*(-?\d+)", file.read(), re.MULTILINE)
    return int(said[1]) if said else usual


def write_hooks(
    folder: str, known: Registry, reading: Mapping[str, set[str]], is_excluded: Callable[[str], bool], others: Iterable[str], own: Iterable[str] = ()
) -> None:
    """Write a hook of PyInstaller for each module that asks for plugins: it brings them when that module is in the bundle.

    PyInstaller runs one hook a module: one of the folders `others` that ours takes the place of is run by ours. `own`: those of them that
    the project names; their hooks have 1000 where they say nothing.
    """
    places = list(others)
    usual = dict.fromkeys(own, 1000)
    hooks: dict[str, dict[str, object]] = {}
    for module, names in reading.items():
        members = [member for name in sorted(names) for member in known.members[name] if not is_excluded(member.module)]
        if members:
            before = [file for place in places if os.path.isfile(file := os.path.join(place, f"hook-{module}.py"))]
            hooks[module] = {
                "imports": sorted({member.module for member in members}),
                "metadata": sorted({member.owner.name for member in members}),
                "datas": sorted({pair for member in members for pair in data_of(member, module)}),
                "before": max(before, key=lambda file: _priority(file, usual.get(os.path.dirname(file), 0)), default=None),
            }
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "plugins.json"), "w", encoding="utf-8") as file:
        json.dump(hooks, file)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "plugin_hook.py"), encoding="utf-8") as file:
        text = file.read()
    for module in hooks:
        with open(os.path.join(folder, f"hook-{module}.py"), "w", encoding="utf-8") as file:
            file.write(text)
