"""What installed distributions hold, from their own lists of files. Nothing is imported."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# What freezes is no part of what is frozen.
_tools = {"altgraph", "pip", "pyinstaller", "pyinstaller-hooks-contrib", "setuptools", "wheel"}
_no_data = (".c", ".cc", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyc", ".pyi", ".pyo", ".pyx", "/py.typed")
_of_tests = {"conftest", "test", "tests", "_tests", "testing_data"}


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

    def modules(self) -> set[str]:
        return {*self.sources, *self.extensions}

    def packages(self) -> set[str]:
        """Its packages and modules at the top."""
        return {name.partition(".")[0] for name in self.modules()}


def distributions() -> Iterator[Distribution]:
    """Every distribution that lists its files, sorted; the first of two with one name."""
    found: dict[str, importlib.metadata.Distribution] = {}
    for entry in importlib.metadata.distributions():
        name = (entry.metadata["Name"] or "").lower().replace("_", "-").replace(".", "-")
        if name and name not in _tools:
            found.setdefault(name, entry)
    for name in sorted(found):
        yield _read(name, found[name])


def _read(name: str, entry: importlib.metadata.Distribution) -> Distribution:
    result = Distribution(name, list(entry.requires or []))
    rest: list[tuple[str, str]] = []
    for listed in entry.files or []:
        path = listed.as_posix()
        first = path.partition("/")[0]
        if path.startswith(("..", "/")) or first.endswith((".dist-info", ".egg-info", ".data")):
            continue
        file = str(entry.locate_file(listed))
        suffix = next((suffix for suffix in importlib.machinery.EXTENSION_SUFFIXES if path.endswith(suffix)), None)
        if path.endswith(".py"):
            _put(result.sources, path[:-3], file)
        elif suffix is not None:
            _put(result.extensions, path[: -len(suffix)], file)
        elif "/" in path and "__pycache__" not in path and not path.endswith(_no_data):
            rest.append((file, path))
    packages = result.packages()
    result.data = [(file, path) for file, path in rest if path.partition("/")[0] in packages and not is_test(path.split("/")[:-1])]
    return result


def _put(modules: dict[str, str], stem: str, file: str) -> None:
    parts = stem.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    if parts and all(part.isidentifier() or part.endswith("__mypyc") for part in parts):
        modules[".".join(parts)] = file


def is_test(parts: Iterable[str]) -> bool:
    """Whether a module or a folder is a package's tests."""
    return any(part in _of_tests for part in parts)
