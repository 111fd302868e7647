"""What installed distributions consist of, read from their own lists of files (RECORD); nothing is imported."""

from __future__ import annotations

import csv
import importlib.machinery
import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Optional
from urllib.parse import unquote, urlsplit

from . import modules

_code = tuple(importlib.machinery.all_suffixes())
_tests = {"tests", "conftest"}
_unpacked = {"etc", "share"}
"""Folders beside the packages that distributions put files into; a frozen program finds them below its `sys.prefix` too."""
_documentation = {"man", "doc", "licenses", "icons", "applications", "metainfo", "bash-completion", "fish", "zsh"}

builders = {"pip", "setuptools", "wheel", "pyinstaller", "pyinstaller-hooks-contrib"}
"""Distributions that make others, and this bundle."""


def normal(name: str) -> str:
    """A distribution's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Installed:
    """One installed distribution."""

    def __init__(self, distribution: importlib.metadata.Distribution) -> None:
        self.distribution = distribution
        self.name: str = distribution.metadata["Name"]
        self._files: Optional[list[tuple[str, str]]] = None

    def files(self) -> list[tuple[str, str]]:
        """(path relative to the folder of packages, with `/`; absolute path) of everything that was installed."""
        if self._files is None:
            self._files = [*self._recorded(), *self._editable()]
        return self._files

    def _recorded(self) -> Iterator[tuple[str, str]]:
        record = self.distribution.read_text("RECORD")
        rows = [row[0] for row in csv.reader(record.splitlines()) if row] if record else []
        if not record:
            rows = [path.as_posix() for path in self.distribution.files or []]
        base = str(self.distribution.locate_file(""))
        for row in rows:
            path = row.replace("\\", "/")
            file = os.path.join(base, path)
            yield path, os.path.normpath(file) if path.startswith("..") or os.name == "nt" else file

    def _editable(self) -> Iterator[tuple[str, str]]:
        """Of an editable install, whose list names nothing but the way to the sources: its packages there."""
        source = self.editable_source()
        if source is None:
            return
        for package in self.top_level():
            spec = modules.locate(package, [source, os.path.join(source, "src"), *sys.path])
            places = list(spec.submodule_search_locations or []) if spec else []
            if spec is not None and not places and spec.origin and spec.origin.startswith(source):
                yield os.path.basename(spec.origin), spec.origin
            for place in places:
                if place.startswith(source):
                    yield from _below(place, package)

    def editable_source(self) -> Optional[str]:
        """The folder of the project that was installed in place, or None."""
        try:
            direct = json.loads(self.distribution.read_text("direct_url.json") or "{}")
        except ValueError:
            return None
        if not direct.get("dir_info", {}).get("editable"):
            return None
        path = unquote(urlsplit(direct.get("url", "")).path)
        return os.path.normpath(path[1:] if os.name == "nt" else path)

    def metadata_files(self) -> list[tuple[str, str]]:
        """(file, folder in the bundle) of its metadata, without what tells how it came onto this machine."""
        found: list[tuple[str, str]] = []
        for name in ("METADATA", "PKG-INFO", "entry_points.txt", "top_level.txt"):
            file = str(getattr(self.distribution, "_path", "")) + "/" + name
            if os.path.isfile(file):
                found.append((file, os.path.basename(os.path.dirname(file))))
        return found

    def requires(self) -> list[str]:
        """Normalised names of the distributions it asks for, whatever the conditions."""
        found = (re.match(r"[\w.-]+", requirement) for requirement in self.distribution.requires or [])
        return [normal(match[0]) for match in found if match]

    def top_level(self) -> list[str]:
        """Names that can be imported, as far as the distribution's own files or its entry points tell."""
        names = set((self.distribution.read_text("top_level.txt") or "").split())
        names.update(point.module.partition(".")[0] for point in self.distribution.entry_points)
        if not names:
            names.add(re.sub(r"\W", "_", normal(self.name)))
        return sorted(name for name in names if name.isidentifier())

    def modules(self) -> list[str]:
        """Names of its modules."""
        return [name for name, _ in self.module_files()]

    def module_files(self) -> list[tuple[str, str]]:
        """(name, file) of its modules. A file below a package in a folder that is none (templates of programs) is no module."""
        found: dict[str, str] = {}
        packages = self._packages()
        for path, file in self.files():
            name = _module_name(path)
            if name is not None and _is_chain(path, packages):
                found.setdefault(name, file)
        return sorted(found.items())

    def data(self) -> list[tuple[str, str]]:
        """(file, folder in the bundle) of what is no module: in its packages, and what it put below `etc` and `share`."""
        found: list[tuple[str, str]] = []
        packages = self._packages()
        for path, file in self.files():
            parts = path.split("/")
            if parts[0] == ".." or os.path.isabs(path):
                place = _beside_packages(file)
                if place is not None and os.path.isfile(file):
                    found.append((file, place))
                continue
            if parts[0].endswith((".dist-info", ".egg-info", ".data")) or len(parts) == 1:
                continue
            if "__pycache__" in parts or _tests.intersection(parts[:-1]) or not os.path.isfile(file):
                continue
            if not path.endswith(_code) or (path.endswith(".py") and not _is_chain(path, packages)):
                found.append((file, "/".join(parts[:-1])))
        return found

    def _packages(self) -> set[str]:
        return {path.rpartition("/")[0] for path, _ in self.files() if path.endswith("/__init__.py")}


def _below(folder: str, package: str) -> Iterator[tuple[str, str]]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in ("__pycache__", "node_modules"))
        inside = os.path.relpath(place, folder).replace(os.sep, "/")
        start = package if inside == "." else f"{package}/{inside}"
        for name in sorted(files):
            if not name.startswith("."):
                yield f"{start}/{name}", os.path.join(place, name)


def _module_name(path: str) -> Optional[str]:
    suffix = next((suffix for suffix in _code if path.endswith(suffix)), None)
    if suffix is None or suffix == ".pyc":
        return None
    parts = path[: -len(suffix)].split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def _is_chain(path: str, packages: set[str]) -> bool:
    """Below the first package every folder is a package; above it there may be namespaces."""
    parts = path.split("/")[:-1]
    folders = ["/".join(parts[: index + 1]) for index in range(len(parts))]
    inside = [folder in packages for folder in folders]
    return not any(before and not after for before, after in zip(inside, inside[1:]))


def _beside_packages(file: str) -> Optional[str]:
    """The folder in the bundle for a file that was put below the environment itself, or None."""
    inside = os.path.relpath(file, sys.prefix).replace(os.sep, "/")
    parts = inside.split("/")
    if len(parts) < 3 or parts[0] not in _unpacked or parts[1] in _documentation:
        return None
    return "/".join(parts[:-1])


def is_test(name: str) -> bool:
    """Whether a module is one of a distribution's tests, which are shipped by accident."""
    parts = name.split(".")
    return bool(_tests.intersection(parts[1:])) or any(part.startswith("test_") for part in parts[1:]) or parts[0] == "tests"


def installed() -> list[Installed]:
    """All distributions; the first of a name wins, as for Python itself."""
    found: dict[str, Installed] = {}
    for distribution in importlib.metadata.distributions():
        try:
            name = distribution.metadata["Name"]
            _ = distribution.entry_points, distribution.requires
        except (ValueError, LookupError, TypeError):  # Old ones are no UTF-8, broken ones have none.
            continue
        if name:
            found.setdefault(normal(name), Installed(distribution))
    return list(found.values())


def named(name: str, everything: Iterable[Installed]) -> Optional[Installed]:
    """The distribution of a name, or None."""
    return next((one for one in everything if normal(one.name) == normal(name)), None)


def provider(module: str, paths: Iterable[str], everything: Iterable[Installed]) -> Optional[Installed]:
    """The distribution whose list of files has a module's file; None for modules that nothing installed."""
    spec = modules.locate(module, paths)
    if spec is None or not spec.origin:
        return None
    file = os.path.realpath(spec.origin)
    for one in everything:
        source = one.editable_source()
        if source is not None and not file.startswith(os.path.realpath(source) + os.sep):
            continue
        # Reading a path costs: the text is looked at first.
        listed = one.distribution.read_text("RECORD")
        if source is None and listed is not None and os.path.basename(file) not in listed:
            continue
        if any(os.path.realpath(path) == file for _, path in one.files() if path.endswith(os.path.basename(file))):
            return one
    return None
