"""Turns what the configuration asks for (`services.*`, whole packages, metadata, entry points) into explicit lists.

Every request that yields nothing is a problem: PyInstaller would build without it and report success.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Optional

from . import distributions, frameworks, modules, plugins
from .contract import LaidFile, Problem, Request, Required, SourceTree


class Expansion:
    """Result: lists for the plan, the modules that must end up in the bundle, and problems."""

    def __init__(self, paths: list[str], excludes: list[str], sources: list[SourceTree]) -> None:
        self.paths = paths
        self.sources = sources
        self.excludes = excludes
        self.hiddenimports: list[str] = []
        self.datas: list[list[str]] = []
        self.binaries: list[list[str]] = []
        self.required: list[Required] = []
        self.problems: list[Problem] = []
        self.generates_hooks = False
        self.plugins: Optional[plugins.Registry] = None
        self._known: set[tuple[int, str, str]] = set()
        self.runtime_hooks: list[str] = []

    def first_party(self) -> list[tuple[str, str]]:
        """The project's own modules as (name, file), as the parent found them."""
        return [(module["name"], module["file"]) for source in self.sources for module in source["modules"]]

    def problem(self, request: Request, code: str, message: str, suggestions: Optional[list[str]] = None) -> None:
        if request["optional"]:
            return
        problem: Problem = {"code": code, "name": request["name"], "path": request["path"], "message": message}
        if suggestions is not None:
            problem["suggestions"] = suggestions
        self.problems.append(problem)

    def is_excluded(self, name: str) -> bool:
        return any(name == excluded or name.startswith(excluded + ".") for excluded in self.excludes)

    def add_modules(self, request: Request, names: Iterable[str], expanded: bool) -> None:
        for name in names:
            if self.is_excluded(name):
                continue
            if name not in self.hiddenimports:
                self.hiddenimports.append(name)
            self.required.append(
                {
                    "name": name,
                    "request": request["name"],
                    "path": request["path"],
                    "optional": request["optional"],
                    "expanded": expanded,
                }
            )

    def add_metadata(self, request: Request) -> None:
        """The metadata of a distribution. That of a project installed in place says where it is on this machine: not that."""
        from importlib.metadata import PackageNotFoundError

        from PyInstaller.utils.hooks import copy_metadata

        one = distributions.named(request["name"], distributions.installed())
        try:
            in_place = one is not None and one.editable_source() is not None
            self.add_pairs(self.datas, one.metadata_files() if one is not None and in_place else copy_metadata(request["name"]))
        except PackageNotFoundError:
            self.problem(
                request,
                "not-installed",
                f"no distribution named {request['name']} is installed",
                suggestions=closest(request["name"], _distributions()),
            )

    def add_pairs(self, target: list[list[str]], pairs: Iterable[tuple[str, str]]) -> None:
        for file, place in pairs:
            key = (id(target), str(file), str(place))
            if key not in self._known:
                self._known.add(key)
                target.append([str(file), str(place)])


def expand(requests: Iterable[Request], paths: list[str], excludes: list[str], sources: list[SourceTree]) -> Expansion:
    """Work off all requests in the order of the configuration."""
    result = Expansion(paths, excludes, sources)
    for request in requests:
        try:
            _kinds[request["kind"]](result, request)
        except Exception as error:
            result.problem(request, "expansion-failed", f"{type(error).__name__}: {error}")
    return result


def _import(result: Expansion, request: Request) -> None:
    name = request["name"]
    if name.endswith(".**") or name.endswith(".*"):
        package = name.rpartition(".")[0]
        recursive = name.endswith(".**")
        names = modules.submodules(package, result.paths, recursive)
        if names is None:
            spec = modules.locate(package, result.paths)
            if spec is None:
                result.problem(request, "not-found", f"there is no package {package}", suggestions=suggestions(package, result.paths))
            else:
                result.problem(request, "not-a-package", f"{package} is a single module ({spec.origin}), not a package")
        elif len(names) == 1:
            result.problem(request, "empty", f"the package {package} has no modules in it")
        else:
            result.add_modules(request, names, True)
        return
    if "*" in name or "?" in name or "/" in name or "\\" in name:
        result.problem(request, "pattern", "only a trailing .* (children) or .** (everything below) is understood")
        return
    if request["origin"] == "preset" and modules.locate(name, result.paths) is None:
        return
    if request["optional"] and modules.locate(name, result.paths) is None:
        return
    result.add_modules(request, [name], False)


def _submodules(result: Expansion, request: Request) -> None:
    names = modules.submodules(request["name"], result.paths, True)
    if names is None:
        _missing_package(result, request)
    else:
        result.add_modules(request, [name for name in names if not _is_private_test(name)], True)


def _is_private_test(name: str) -> bool:
    return any(part in ("tests", "conftest") for part in name.split("."))


def _missing_package(result: Expansion, request: Request) -> None:
    spec = modules.locate(request["name"], result.paths)
    if spec is None:
        message = f"there is no package {request['name']}"
        result.problem(request, "not-found", message, suggestions=suggestions(request["name"], result.paths))
    else:
        result.problem(request, "not-a-package", f"{request['name']} is a single module, not a package")


def _data(result: Expansion, request: Request) -> None:
    from PyInstaller.utils.hooks import collect_data_files

    if _package(result, request):
        found = collect_data_files(request["name"])
        if not found:
            result.problem(request, "empty", f"the package {request['name']} has no data files")
        result.add_pairs(result.datas, found)


def _binaries(result: Expansion, request: Request) -> None:
    from PyInstaller.utils.hooks import collect_dynamic_libs

    if _package(result, request):
        # The default patterns miss versioned names such as libcudart.so.12.
        found = collect_dynamic_libs(request["name"], search_patterns=["*.dll", "*.dylib", "lib*.so", "lib*.so.*"])
        if not found:
            result.problem(request, "empty", f"the package {request['name']} has no dynamic libraries")
        result.add_pairs(result.binaries, found)


def _all(result: Expansion, request: Request) -> None:
    from PyInstaller.utils.hooks import collect_all

    if _package(result, request):
        datas, binaries, names = collect_all(request["name"])
        result.add_pairs(result.datas, datas)
        result.add_pairs(result.binaries, binaries)
        for name in modules.submodules(request["name"], result.paths, True) or names:
            if name not in result.hiddenimports and not result.is_excluded(name):
                result.hiddenimports.append(name)


def _package(result: Expansion, request: Request) -> bool:
    spec = modules.locate(request["name"], result.paths)
    if spec is None or spec.submodule_search_locations is None:
        _missing_package(result, request)
        return False
    return True


def _metadata(result: Expansion, request: Request) -> None:
    result.add_metadata(request)


def _entry_points(result: Expansion, request: Request) -> None:
    from PyInstaller.utils.hooks import collect_entry_point

    datas, names = collect_entry_point(request["name"])
    if not names:
        result.problem(request, "empty", f"no installed distribution has entry points in the group {request['name']}")
        return
    result.add_pairs(result.datas, datas)
    result.add_modules(request, sorted(set(names)), True)


def _server_targets(result: Expansion, request: Request) -> None:
    result.add_modules(request, frameworks.server_targets(result.first_party()), False)


def _plugin_groups(result: Expansion, request: Request) -> None:
    """Plugins that first-party code asks for. Those that libraries ask for come with the library, by a hook."""
    known = result.plugins = plugins.registry(distributions.installed())
    reading = plugins.asked(result.first_party(), known)
    for module, group in sorted((module, group) for module, groups in reading.items() for group in groups):
        for member in known.members[group]:
            if result.is_excluded(member.module):
                continue
            # A plugin that cannot be imported is a program's own affair.
            result.add_modules({**request, "name": group, "optional": True}, [member.module], True)
            _metadata(result, {**request, "name": member.owner.name})
            result.add_pairs(result.datas, plugins.data_of(member, module))


def _installed_packages(result: Expansion, request: Request) -> None:
    # Written by the driver, because hooks are files.
    result.generates_hooks = True


def _runtime_hook(result: Expansion, request: Request) -> None:
    result.runtime_hooks.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime_hooks", f"{request['name']}.py"))


def _django(result: Expansion, request: Request) -> None:
    """What Django loads by the names in its settings: applications whole, everything else by its module."""
    for settings in frameworks.django_settings(result.first_party()):
        spec = modules.locate(settings, result.paths)
        if spec is None or not spec.origin:
            continue
        texts, apps = frameworks.dotted_texts(spec.origin)
        names = {settings}
        names.update(filter(None, (frameworks.deepest_module(text, result.paths) for text in texts if "." in text)))
        result.add_modules(request, sorted(names), True)
        for package in sorted(set(filter(None, (frameworks.app_package(text, result.paths) for text in apps)))):
            # Django itself is collected by PyInstaller's hook.
            if package == "django" or package.startswith("django."):
                continue
            submodules = [name for name in modules.submodules(package, result.paths, True) or [] if not _is_private_test(name)]
            result.add_modules(request, submodules, True)
            if frameworks.has_data(package, result.paths):
                _data(result, {**request, "name": package, "optional": True})


_kinds: dict[str, Callable[[Expansion, Request], None]] = {
    "serverTargets": _server_targets,
    "pluginGroups": _plugin_groups,
    "django": _django,
    "runtimeHook": _runtime_hook,
    "installedPackages": _installed_packages,
    "import": _import,
    "submodules": _submodules,
    "data": _data,
    "binaries": _binaries,
    "all": _all,
    "metadata": _metadata,
    "entryPoints": _entry_points,
}


def leave_to_parent(datas: Iterable[list[str]], files: Iterable[str]) -> tuple[list[LaidFile], list[list[str]]]:
    """What of the data the parent lays in, and what goes through PyInstaller."""
    folders: dict[str, str] = {}

    def identity(path: str) -> str:
        folder, name = os.path.split(os.path.abspath(path))
        if folder not in folders:
            folders[folder] = os.path.normcase(os.path.realpath(folder))
        # The file itself may be a link: as such it is laid in.
        return os.path.join(folders[folder], os.path.normcase(name))

    known = {identity(file): file for file in files}
    laid: list[LaidFile] = []
    collected: list[list[str]] = []
    for source, destination in datas:
        file = known.get(identity(source)) if known else None
        if file is None:
            collected.append([source, destination])
        else:
            laid.append({"source": file, "destination": destination})
    return laid, collected


def console_script(name: str) -> tuple[Optional[tuple[str, str]], list[str]]:
    """((module, distribution) or None, all names there are) for a console script of an installed distribution."""
    from importlib.metadata import distributions

    names: set[str] = set()
    found: Optional[tuple[str, str]] = None
    for distribution in distributions():
        for point in distribution.entry_points:
            if point.group != "console_scripts":
                continue
            names.add(point.name)
            if point.name == name and found is None:
                found = (point.value.partition(":")[0].strip(), distribution.metadata["Name"])
    return found, sorted(names)


def console_target(name: str) -> Optional[str]:
    """What a console script calls, as `module:function`."""
    from importlib.metadata import entry_points

    return next((point.value for point in entry_points(group="console_scripts", name=name)), None)


def suggestions(name: str, paths: Iterable[str]) -> list[str]:
    """Importable names close to one that is not."""
    parent, _, _ = name.rpartition(".")
    known: list[str] = []
    if parent:
        known.extend(modules.submodules(parent, paths, False) or [])
    for path in paths:
        if os.path.isdir(path or "."):
            known.extend(full[1:] for full, _ in modules.children("", [path]))
    return closest(name, known)


def closest(name: str, known: Iterable[str]) -> list[str]:
    """Names like one that is not there, for "did you mean"."""
    import difflib

    return difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.75)


def _distributions() -> list[str]:
    from importlib.metadata import distributions

    return [entry.metadata["Name"] for entry in distributions() if entry.metadata["Name"]]
