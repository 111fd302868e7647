"""Notes how long imports take, for `electron-pyinstaller report --startup`: a frozen program ignores `-X importtime`."""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
from typing import Any, Callable

FILE = "ELECTRON_PYINSTALLER_STARTUP"
"""Environment variable with the file that is written when the program is ready, or ends."""

_rows: list[tuple[str, int, float]] = []
"""Module, row of what imports it (-1: nothing), milliseconds with all that it imports. A row is completed when its import is done."""


def watch() -> None:
    """Note every import from now on."""
    import importlib._bootstrap as bootstrap  # pyright: ignore[reportMissingModuleSource]

    file = os.environ.pop(FILE)  # Not for workers and programs that are started from here.
    begun_at = time.time()
    begun = time.perf_counter()
    load: Callable[[str, Any], Any] = getattr(bootstrap, "_find_and_load")
    main = threading.get_ident()
    active: list[int] = []

    def timed(name: str, import_: Any) -> Any:
        if threading.get_ident() != main:
            return load(name, import_)
        row = len(_rows)
        importer = active[-1] if active else -1
        _rows.append((name, importer, 0.0))
        active.append(row)
        start = time.perf_counter()
        try:
            return load(name, import_)
        finally:
            active.pop()
            _rows[row] = (name, importer, (time.perf_counter() - start) * 1000)

    def write() -> None:
        ready = (time.perf_counter() - begun) * 1000
        try:
            with open(file, "x", encoding="utf-8") as stream:
                json.dump({"begunAt": begun_at * 1000, "readyMs": ready, "imports": _rows}, stream)
        except OSError:
            pass  # Written already: at the end there is nothing new to say.

    global tell
    tell = write
    atexit.register(write)
    setattr(bootstrap, "_find_and_load", timed)


def tell() -> None:
    """The program is ready."""
