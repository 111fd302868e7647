"""`--electron-pyinstaller-check`: does the program hold what it needs? Used by the build's verification."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any, Optional, Sequence

from ._descriptor import Descriptor
from ._paths import resource_path

VARIABLE = "ELECTRON_PYINSTALLER_CHECK"


def run(descriptor: Optional[Descriptor]) -> int:
    """Import the application and what the variable names, look for the files, print one line of JSON.

    Returns 0 when everything is there, else 1.
    """
    wanted = json.loads(os.environ.get(VARIABLE) or "{}")
    if wanted.get("libraries"):
        from . import _load_libraries

        return _answer({"imports": {}, "files": {}, "libraries": _load_libraries.load_all()})
    imports: dict[str, Optional[str]] = {}
    module = (descriptor.entry if descriptor is not None else {}).get("module")
    kind = (descriptor.entry if descriptor is not None else {}).get("type")
    if module is not None:
        # Importing a `module` entry's own code is harmless only when it is not the code that runs.
        imports[module] = _find(module) if kind == "module" else _import(module)
    for name in descriptor.imports if descriptor is not None else []:
        error = _import(name, ImportError)
        if error is not None:
            imports[name] = error
    for name in wanted.get("imports", []):
        imports.setdefault(name, _import(name))
    files = {path: os.path.exists(resource_path(path)) for path in wanted.get("files", [])}
    return _answer({"imports": imports, "files": files}, descriptor.trial if descriptor is not None else None)


def _answer(parts: dict[str, dict[str, Any]], trial: Optional[Sequence[str]] = None) -> int:
    """Print the answer. A name stands for an error or None, a file for whether it is there."""
    ok = all(value is None or value is True for part in parts.values() for value in part.values())
    sys.stdout.flush()
    sys.stdout.write(json.dumps({"ok": ok, **parts, **({} if trial is None else {"trial": trial})}) + "\n")
    sys.stdout.flush()
    return 0 if ok else 1


def _import(name: str, blamed: type[BaseException] = BaseException) -> Optional[str]:
    """What went wrong. A script may prepare what it imports (settings, variables): only `blamed` errors count."""
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - also SystemExit: the answer must come.
        return f"{type(error).__name__}: {error}" if isinstance(error, blamed) else None
    return None


def _find(name: str) -> Optional[str]:
    import importlib.util

    try:
        found = importlib.util.find_spec(name)
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    return None if found is not None else f"ModuleNotFoundError: No module named {name!r}"
