"""Reads what PyInstaller left behind: which modules and files are in the bundle, and what it could not find.

The `.toc` files are Python literals; they are read with `ast.literal_eval`, never evaluated.
"""

import ast
import glob
import importlib.machinery
import os
import sys
import zipfile

from . import frameworks, loads


def _read(pattern):
    for path in sorted(glob.glob(pattern)):
        with open(path, encoding="utf-8") as file:
            yield path, ast.literal_eval(file.read())


def _rows(value):
    """Every (name, source, type) row anywhere in a toc."""
    if isinstance(value, tuple) and len(value) == 3 and all(isinstance(part, (str, type(None))) for part in value):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _rows(part)


def _module_of_extension(destination):
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


def _module_of_file(destination):
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


def _scripts(analyses):
    """Scripts given to Analysis: the first parameter that its toc records."""
    for _, toc in analyses:
        if isinstance(toc, tuple) and toc and isinstance(toc[0], list):
            yield from (script for script in toc[0] if isinstance(script, str))


def _is_below(file, folder):
    return os.path.realpath(file).startswith(os.path.realpath(folder) + os.sep)


def audit(work, sources, required):
    """Facts for the parent's strict checks; no judgement here."""
    found = set(sys.builtin_module_names)
    files = []
    origins = set()
    for _, toc in _read(os.path.join(work, "PYZ-*.toc")):
        found.update(row[0] for row in _rows(toc) if str(row[2]).startswith("PYMODULE"))
        origins.update(row[1] for row in _rows(toc) if row[1])
    collected = list(_read(os.path.join(work, "COLLECT-*.toc")))
    programs = []
    for _, toc in _read(os.path.join(work, "EXE-*.toc")):
        programs.append(toc[0])
        if not collected:
            collected.append((None, toc))
    # PKG tocs hold the binaries and data of onefile programs.
    collected.extend(_read(os.path.join(work, "PKG-*.toc")))
    outside = list(_read(os.path.join(work, "Analysis-*.toc")))
    origins.update(_scripts(outside))
    seen = set()
    for _, toc in [*collected, *outside]:
        for destination, source, kind in _rows(toc):
            if kind == "EXTENSION":
                found.add(_module_of_extension(destination))
            elif kind in ("DATA", "PYMODULE", "PYSOURCE") and destination:
                name = _module_of_file(destination)
                if name is not None:
                    found.add(name)
                if str(kind).startswith("PYMODULE"):
                    found.add(destination)
            elif str(kind).startswith("PYMODULE"):
                found.add(destination)
    for _, toc in collected:
        for destination, source, kind in _rows(toc):
            if kind in ("EXTENSION", "BINARY", "DATA", "SYMLINK") and (destination, kind) not in seen:
                seen.add((destination, kind))
                files.append([destination, source, kind])
    base = os.path.join(work, "base_library.zip")
    if os.path.exists(base):
        with zipfile.ZipFile(base) as archive:
            for entry in archive.namelist():
                name = _module_of_file(entry)
                if name is not None:
                    found.add(name)
    present = {name for name in found if name}
    for name in list(present):
        while "." in name:
            name = name.rpartition(".")[0]
            present.add(name)

    first_party = {}
    for source in sources:
        for module in source["modules"]:
            first_party.setdefault(module["name"], module["file"])
    known = set(first_party)
    for name in list(known):
        while "." in name:
            name = name.rpartition(".")[0]
            known.add(name)
    claims = []
    scanned = set()
    for name, file in sorted(first_party.items()):
        # Code that is not in the bundle loads nothing.
        if name in present:
            scanned.add(os.path.realpath(file))
            claims.extend({"file": file, "module": name, **claim} for claim in loads.scan(name, file, known))
    # Scripts are in it as `__main__`, whatever they are called.
    for file in _scripts(outside):
        if os.path.realpath(file) not in scanned and any(_is_below(file, source["root"]) for source in sources):
            claims.extend({"file": file, "module": "__main__", **claim} for claim in loads.scan("__main__", file, known))
    warnings = []
    for path in sorted(glob.glob(os.path.join(work, "warn-*.txt"))):
        with open(path, encoding="utf-8", errors="replace") as file:
            warnings.extend(line.rstrip("\n") for line in file if " module named " in line)
    return {
        "modules": sorted(present),
        "missing": [request for request in required if request["name"] not in present],
        "files": files,
        "origins": sorted(file for file in origins if os.path.isabs(file)),
        "programs": programs,
        "firstParty": [{"name": name, "file": file, "present": name in present} for name, file in sorted(first_party.items())],
        "loads": claims,
        "warnings": warnings,
        "processes": frameworks.process_users(
            [
                *((name, file) for name, file in sorted(first_party.items()) if name in present),
                *(("__main__", file) for file in _scripts(outside) if any(_is_below(file, source["root"]) for source in sources)),
            ]
        ),
    }


def unknown_hook_settings(settings, present, hook_files):
    """Settings that no hook reads: their package is not in the bundle, or no hook knows the key."""
    unknown = []
    texts = None
    for package, values in settings.items():
        if package not in present:
            unknown.append({"package": package, "key": None})
            continue
        if not isinstance(values, dict):
            continue
        if texts is None:
            texts = []
            for path in hook_files:
                try:
                    with open(path, encoding="utf-8", errors="replace") as file:
                        texts.append(file.read())
                except OSError:
                    pass
        for key in values:
            if not any(package in text and (f"'{key}'" in text or f'"{key}"' in text) for text in texts):
                unknown.append({"package": package, "key": key})
    return unknown
