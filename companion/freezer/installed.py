"""What installed distributions hold, as the rules for generated hooks look at it. Nothing is imported."""

from __future__ import annotations

import importlib.machinery
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from . import distributions

_build_files = (".c", ".cc", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyc", ".pyi", ".pyo", ".pyx", "/py.typed")
_of_tests = {"conftest", "pytest_plugin", "test", "tests", "_tests", "testing_data"}


Texts = list[tuple[str, str, bytes]]
"""Name, file and text of modules."""


@dataclass
class Distribution:
    """One distribution: where its modules and its other files are."""

    name: str
    requires: list[str]
    sources: dict[str, str] = field(default_factory=lambda: {})
    """Modules written in Python: file by name."""
    extensions: dict[str, str] = field(default_factory=lambda: {})
    """Compiled modules: file by name. A module can be both."""
    data: list[tuple[str, str]] = field(default_factory=lambda: [])
    """Other files inside its packages: (file, path from the folder of all packages)."""
    build_files: list[tuple[str, str]] = field(default_factory=lambda: [])
    """Those of them that mostly only a compiler or a type checker reads: sources of C, stubs."""

    metadata: list[tuple[str, str]] = field(default_factory=lambda: [])
    """Its metadata: (file, folder in the bundle)."""

    def modules(self) -> set[str]:
        return {*self.sources, *self.extensions}

    def texts(self) -> Texts:
        """Of each module written in Python that can be read and is no test."""
        found: Texts = []
        for name, file in self.sources.items():
            if is_test(name.split(".")):
                continue
            try:
                with open(file, "rb") as stream:
                    text = stream.read()
            except OSError:
                continue
            found.append((name, file, text))
        return found

    def packages(self) -> set[str]:
        """Its packages and modules at the top."""
        return {name.partition(".")[0] for name in self.modules()}


def all_installed() -> dict[str, Distribution]:
    """Every distribution, by its normal name, sorted; without what makes others and this bundle."""
    found: dict[str, Distribution] = {}
    for entry in distributions.installed():
        name = distributions.normal(entry.name or "")
        if name and name not in distributions.builders and name != "altgraph" and name not in found:
            found[name] = _read(name, entry)
    return dict(sorted(found.items()))


def _read(name: str, entry: distributions.Installed) -> Distribution:
    result = Distribution(name, list(entry.distribution.requires or []), metadata=entry.metadata_files())
    rest: list[tuple[str, str]] = []
    for path, file in entry.files():
        first = path.partition("/")[0]
        if path.startswith(("..", "/")) or first.endswith((".dist-info", ".egg-info", ".data")):
            continue
        suffix = next((suffix for suffix in importlib.machinery.EXTENSION_SUFFIXES if path.endswith(suffix)), None)
        if path.endswith(".py"):
            _put(result.sources, path[:-3], file)
        elif suffix is not None:
            _put(result.extensions, path[: -len(suffix)], file)
        elif "/" in path and "__pycache__" not in path:
            rest.append((file, path))
    packages = result.packages()
    for file, path in rest:
        if path.partition("/")[0] in packages and not is_test(path.split("/")[:-1]):
            (result.build_files if path.endswith(_build_files) else result.data).append((file, path))
    return result


def _put(modules: dict[str, str], stem: str, file: str) -> None:
    parts = stem.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    if parts and all(part.isidentifier() or part.endswith("__mypyc") for part in parts):
        modules[".".join(parts)] = file


def asked_for(distribution: Distribution, others: Mapping[str, Distribution], extras: bool = True) -> set[str]:
    """Packages at the top of the distributions that this one asks for, with any of its extras, or with none."""
    return {package for name in required(distribution, extras) if name in others for package in others[name].packages()}


def required(distribution: Distribution, extras: bool = True) -> set[str]:
    """Names of the distributions that this one asks for, with any of its extras, or with none."""
    requirements = [requirement for requirement in distribution.requires if extras or not re.search(r";.*\bextra\b", requirement)]
    return {distributions.normal(re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0]) for requirement in requirements}


def is_test(parts: Iterable[str]) -> bool:
    """Whether a module or a folder is a package's tests."""
    return any(part in _of_tests for part in parts)
