"""The entry descriptor: which program the constant bootstrap runs."""

from __future__ import annotations

import functools
import json
import os
import sys
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ._failure import fatal

FILE_NAME = "electron_pyinstaller_entry.json"
_OPTION = "--electron-pyinstaller-entry="
_VARIABLE = "ELECTRON_PYINSTALLER_ENTRY"


class Descriptor(NamedTuple):
    """See docs/protocol.md, *Entry descriptor*."""

    name: str
    kind: str
    entry: Mapping[str, str]
    paths: Sequence[str]
    data: Sequence[Mapping[str, str]]
    imports: Sequence[str]
    trial: Optional[Sequence[str]] = None


def read() -> Descriptor:
    """Read the descriptor of this program and put its paths in front of `sys.path`."""
    file = _locate()
    try:
        descriptor = _load(file)
    except (OSError, ValueError, KeyError) as error:
        fatal(f"the entry descriptor {file} cannot be read: {type(error).__name__}: {error}", "config")
    sys.path[:] = [*descriptor.paths, *(path for path in sys.path if path not in descriptor.paths)]
    return descriptor


def inherited() -> Optional[Descriptor]:
    """The descriptor in a multiprocessing worker or in a script of a development run; None in an ordinary program."""
    unpacked: Optional[str] = getattr(sys, "_MEIPASS", None)
    file = os.environ.get(_VARIABLE) if unpacked is None else os.path.join(unpacked, FILE_NAME)
    return _load_quietly(file) if file else None


@functools.lru_cache(maxsize=1)
def _load_quietly(file: str) -> Optional[Descriptor]:
    try:
        return _load(file)
    except (OSError, ValueError, KeyError):
        return None


def _locate() -> str:
    if getattr(sys, "frozen", False):
        return os.path.join(getattr(sys, "_MEIPASS"), FILE_NAME)
    for position, argument in enumerate(sys.argv[1:], start=1):
        if argument.startswith(_OPTION):
            del sys.argv[position]
            file = os.path.abspath(argument[len(_OPTION) :])
            os.environ[_VARIABLE] = file  # For multiprocessing workers, which have other arguments.
            return file
    fatal(f"no program to run: the argument {_OPTION}<file> is missing", "config")


def _load(file: str) -> Descriptor:
    with open(file, encoding="utf-8") as stream:
        value: dict[str, Any] = json.load(stream)
    return Descriptor(
        name=value["name"],
        kind=value.get("kind", "http"),
        entry=value["entry"],
        paths=value.get("paths", []),
        data=value.get("data", []),
        imports=value.get("imports", []),
        trial=value.get("trial"),
    )
