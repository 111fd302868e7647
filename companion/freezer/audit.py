"""Reads what PyInstaller left behind: which modules and files are in the bundle, and what it could not find.

The `.toc` files are Python literals; they are read with `ast.literal_eval`, never evaluated.
"""

from __future__ import annotations

import ast
import glob
import importlib.machinery
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from . import distributions, frameworks, importers, interpreter, loads, modules, named_files, own_imports
from .contract import (
    BundleFacts,
    DynamicLoad,
    FoundModule,
    HookSetting,
    Module,
    Required,
    SourceTree,
    UnusedRequirement,
)
from .places import Code

_Row = tuple[str, Optional[str], Optional[str]]


def _read(work: str, pattern: str) -> list[Any]:
    """The content of all tocs of one kind."""
    tocs: list[Any] = []
    for path in sorted(glob.glob(os.path.join(work, pattern))):
        with open(path, encoding="utf-8") as file:
            tocs.append(ast.literal_eval(file.read()))
    return tocs


def _rows(value: Any) -> Iterator[_Row]:
    """Every (name, source, type) row anywhere in a toc."""
    if isinstance(value, tuple) and len(value) == 3 and all(isinstance(part, (str, type(None))) for part in value):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _rows(part)


def _module_of_extension(destination: str) -> str:
    """`pydantic_core/_pydantic_core.cpython-311-x86_64-linux-gnu.so` is the module pydantic_core._pydantic_core."""
    path = destination.replace("\\", "/")
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        if path.endswith(suffix):
            path = path[: -len(suffix)]
            break
    parts = path.split("/")
    # Extensions of the standard library stand in lib-dynload, since 6.16 below python3.x.
    if "lib-dynload" in parts:
        parts = parts[parts.index("lib-dynload") + 1 :]
    return ".".join(parts)


def _module_of_file(destination: str) -> Optional[str]:
    """Modules collected as files (`noarchive`, module collection mode `py`)."""
    path = destination.replace("\\", "/")
    if path.startswith(("/", "..")):
        return None
    stem, extension = os.path.splitext(path)
    if extension not in (".py", ".pyc"):
        return None
    parts = stem.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def _with_parents(names: Iterable[str]) -> set[str]:
    """`a.b.c` means that `a.b` and `a` are there too."""
    found: set[str] = set()
    for name in names:
        while name and name not in found:
            found.add(name)
            name = name.rpartition(".")[0]
    return found


def _is_below(file: str, folder: str) -> bool:
    return os.path.realpath(file).startswith(os.path.realpath(folder) + os.sep)


@dataclass
class _Bundle:
    """What the tocs of one build say."""

    modules: set[str] = field(default_factory=lambda: set(sys.builtin_module_names))
    files: list[list[Optional[str]]] = field(default_factory=lambda: [])
    origins: set[str] = field(default_factory=lambda: set())
    programs: list[str] = field(default_factory=lambda: [])
    scripts: list[str] = field(default_factory=lambda: [])


def _read_bundle(work: str) -> _Bundle:
    bundle = _Bundle()
    for row in _rows(_read(work, "PYZ-*.toc")):
        if str(row[2]).startswith("PYMODULE"):
            bundle.modules.add(row[0])
        if row[1]:
            bundle.origins.add(row[1])
    executables = _read(work, "EXE-*.toc")
    bundle.programs = [toc[0] for toc in executables]
    # PKG tocs hold the binaries and data of onefile programs.
    collected = [*(_read(work, "COLLECT-*.toc") or executables[:1]), *_read(work, "PKG-*.toc")]
    analyses = _read(work, "Analysis-*.toc")
    bundle.scripts = list(_scripts(analyses))
    bundle.origins.update(bundle.scripts)
    for destination, _, kind in _rows([*collected, *analyses]):
        bundle.modules.update(_modules_of_row(destination, str(kind)))
    seen: set[tuple[str, Optional[str]]] = set()
    for destination, source, kind in _rows(collected):
        if kind in ("EXTENSION", "BINARY", "DATA", "SYMLINK") and (destination, kind) not in seen:
            seen.add((destination, kind))
            bundle.files.append([destination, source, kind])
    bundle.modules.update(_base_library(work))
    bundle.modules = _with_parents(bundle.modules)
    return bundle


def _modules_of_row(destination: str, kind: str) -> Iterator[str]:
    if not destination:
        return
    if kind == "EXTENSION":
        yield _module_of_extension(destination)
    elif kind in ("DATA", "PYMODULE", "PYSOURCE"):
        name = _module_of_file(destination)
        if name is not None:
            yield name
    if kind.startswith("PYMODULE"):
        yield destination


def _scripts(analyses: Iterable[Any]) -> Iterator[str]:
    """Scripts given to Analysis: the first parameter that its toc records."""
    for toc in analyses:
        if isinstance(toc, tuple) and toc and isinstance(toc[0], list):
            yield from (script for script in toc[0] if isinstance(script, str))


def _base_library(work: str) -> Iterator[str]:
    base = os.path.join(work, "base_library.zip")
    if os.path.exists(base):
        with zipfile.ZipFile(base) as archive:
            for entry in archive.namelist():
                name = _module_of_file(entry)
                if name is not None:
                    yield name


def modules_in(work: str) -> set[str]:
    """Names of the modules that PyInstaller put into the bundle."""
    return _read_bundle(work).modules


def _first_party(sources: Iterable[SourceTree]) -> list[tuple[str, str]]:
    """The project's own modules as (name, file), sorted; what the first source folder has wins."""
    found: dict[str, str] = {}
    for source in sources:
        for module in source["modules"]:
            found.setdefault(module["name"], module["file"])
    return sorted(found.items())


def _inside(bundle: _Bundle, sources: list[SourceTree], first_party: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """First-party code that is in the bundle: modules, and scripts as `__main__`, whatever they are called."""
    present = [(name, file) for name, file in first_party if name in bundle.modules]
    known = {os.path.realpath(file) for _, file in present}
    scripts = [
        ("__main__", file)
        for file in bundle.scripts
        if os.path.realpath(file) not in known and any(_is_below(file, source["root"]) for source in sources)
    ]
    return [*present, *scripts]


def _claims(code: list[tuple[str, str]], known: set[str], own: importers.Importers) -> list[DynamicLoad]:
    together = Code(code, [])
    return [
        {
            "file": file,
            "module": name,
            "line": claim["line"],
            "text": claim["text"],
            "pattern": claim["pattern"],
            "deep": claim["deep"],
        }
        for name, file in code
        for claim in loads.scan(name, file, known, own, together)
    ]


def _in_tables(code: list[tuple[str, str]], own: importers.Importers) -> list[tuple[str, str]]:
    """Installed modules among the names that a table of the project's code holds: `for name in ("yaml", "tomli"): import_module(name)`."""
    together = Code(code, [])
    claims = [claim for name, file in code for claim in loads.scan(name, file, set(), own, together) if claim["table"]]
    names = sorted({claim["pattern"] for claim in claims if all(part.isidentifier() for part in claim["pattern"].split("."))})
    located = [(name, modules.locate(name, sys.path)) for name in names]
    return [(name, spec.origin) for name, spec in located if spec is not None and spec.origin]


def _warnings(work: str) -> list[str]:
    lines: list[str] = []
    for path in sorted(glob.glob(os.path.join(work, "warn-*.txt"))):
        with open(path, encoding="utf-8", errors="replace") as file:
            lines.extend(line.rstrip("\n") for line in file if " module named " in line)
    return lines


def _misses(work: str, own: own_imports.OwnImports) -> list[str]:
    """Lines of the warn file, without what the program makes itself before it imports it."""
    name = re.compile(r" module named '?([\w.]+)")
    lines = [(line, name.search(line)) for line in _warnings(work)]
    return [line for line, found in lines if found is None or not own.is_made(found[1])]


def audit(
    work: str,
    sources: list[SourceTree],
    required: Iterable[Required],
    project: str,
    program: Iterable[Module] = (),
    laid: Iterable[str] = (),
) -> BundleFacts:
    """Facts for the parent's strict checks; no judgement here. `program`: modules of an installed one, not collected whole.
    `laid`: files that will be beside what PyInstaller collected.
    """
    bundle = _read_bundle(work)
    first_party = _first_party(sources)
    # Code that is not in the bundle loads nothing.
    code = _inside(bundle, sources, first_party)
    installed = [(module["name"], module["file"]) for module in program]
    loading = [*code, *((name, file) for name, file in installed if name in bundle.modules and file.endswith(".py"))]
    roots = [source["root"] for source in sources]
    own = importers.of_files(code)
    return {
        "modules": sorted(bundle.modules),
        "missing": [request for request in required if request["name"] not in bundle.modules],
        "files": bundle.files,
        "origins": sorted(file for file in bundle.origins if os.path.isabs(file)),
        "programs": bundle.programs,
        "firstParty": _found(first_party, bundle),
        "program": _found([*installed, *_in_tables(code, own)], bundle),
        "loads": _claims(loading, _with_parents(name for name, _ in [*first_party, *installed]), own),
        "warnings": _misses(work, own_imports.read(code, roots)),
        "interpreter": [use for _, file in code for use in interpreter.uses(file)],
        "code": code,
        "namedFiles": named_files.named_files(
            code, roots, project, [*(row[0] or "" for row in bundle.files), *laid]
        ),
    }


def _found(named: Iterable[tuple[str, str]], bundle: _Bundle) -> list[FoundModule]:
    return [{"name": name, "file": file, "present": name in bundle.modules} for name, file in named]


def unused(requirements: Iterable[str], facts: BundleFacts) -> list[UnusedRequirement]:
    """Requirements of which nothing is in the bundle. What is not installed here, or has nothing to import, is none of them."""
    present = set(facts["modules"])
    sources = {row[1] for row in facts["files"]}
    everything = distributions.installed()
    # A list made by a tool names everything: what others ask for, they know what for.
    asked = {name for one in everything if one.editable_source() is None for name in one.requires()}
    found: list[UnusedRequirement] = []
    for name in requirements:
        one = distributions.named(name, everything)
        names = one.modules() if one is not None else []
        if one is None or not names or distributions.normal(name) in asked | distributions.builders or present.intersection(names) or any(file in sources for _, file in one.files()):
            continue
        groups = {point.group for point in one.distribution.entry_points if not point.group.endswith("_scripts")}
        tops = sorted({module.partition(".")[0] for module in names if not distributions.is_test(module)})
        found.append({"name": one.name, "modules": tops, "groups": sorted(groups)})
    return found


def unknown_hook_settings(settings: Mapping[str, Any], present: set[str], hook_files: Iterable[str]) -> list[HookSetting]:
    """Settings that no hook reads: their package is not in the bundle, or no hook knows the key."""
    unknown: list[HookSetting] = []
    texts: Optional[list[str]] = None
    for package, values in settings.items():
        if package not in present:
            unknown.append({"package": package, "key": None})
            continue
        if not isinstance(values, dict):
            continue
        if texts is None:
            texts = list(_texts(hook_files))
        for key in values:
            if not any(package in text and (f"'{key}'" in text or f'"{key}"' in text) for text in texts):
                unknown.append({"package": package, "key": key})
    return unknown


def _texts(files: Iterable[str]) -> Iterator[str]:
    for path in files:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                yield file.read()
        except OSError:
            continue
