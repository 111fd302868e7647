"""The end of the interpreter without its last search for garbage, which takes a tenth of a second in a program of usual size."""

from __future__ import annotations

import atexit
import gc
import io
import sys
import types
from typing import Any

_FILES = (io.FileIO, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair, io.TextIOWrapper)
_INDIFFERENT = ("asyncio", "_asyncio", "multiprocessing", "socket", "_socket", "subprocess", "uvloop")
"""Packages whose finalizers do nothing but complain, or close what the system closes as well."""


def install() -> None:
    """Called first: exit handlers run in the order opposite to their registration, so those of the program are done before."""
    atexit.register(_try_to_spare_the_search)


def _try_to_spare_the_search() -> None:
    try:
        _spare_the_search()
    except Exception:  # noqa: BLE001 - classes of the program's own, which may raise at anything; the usual end follows.
        pass


def _spare_the_search() -> None:
    gc.unfreeze()
    objects = gc.get_objects()
    finalized = {kind for kind in set(map(type, objects)) if hasattr(kind, "__del__")}
    left = [thing for thing in objects if type(thing) in finalized]
    if any(_needs_its_finalizer(thing) for thing in left):
        return
    for thing in left:
        if type(thing) in _FILES:
            _flush(thing)
    # What is in no cycle is finalized all the same.
    gc.disable()
    gc.freeze()


def _needs_its_finalizer(thing: Any) -> bool:
    kind = type(thing)
    if kind in (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType):
        return _is_suspended(thing)
    if kind in _FILES or kind in (io.BytesIO, io.StringIO) or (isinstance(thing, io.IOBase) and thing.closed):
        return False
    archives: Any = sys.modules.get("zipfile")
    if archives is not None and issubclass(kind, archives.ZipFile):
        # Python looks for metadata in the archive of its own library.
        return getattr(thing, "fp", None) is not None and getattr(thing, "mode", "") != "r"
    return kind.__module__.partition(".")[0] not in _INDIFFERENT


def _is_suspended(thing: Any) -> bool:
    """It has begun and not ended: `finally` blocks, and those of context managers, would be run."""
    prefix = next(prefix for prefix in ("gi", "cr", "ag") if hasattr(thing, f"{prefix}_frame"))
    frame = getattr(thing, f"{prefix}_frame")
    if frame is None:
        return False
    suspended = getattr(thing, f"{prefix}_suspended", None)
    return bool(frame.f_lasti >= 0 if suspended is None else suspended)


def _flush(file: Any) -> None:
    try:
        if not file.closed and file.writable():
            file.flush()
    except (OSError, ValueError):
        pass
