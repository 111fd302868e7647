"""Standard streams that a background program can rely on."""

from __future__ import annotations

import os
import sys
from typing import Optional, TextIO, Union, cast


def repair(*, unbuffered: bool) -> None:
    """Give the program UTF-8 streams that exist.

    Windowed programs have None where streams should be; Windows pipes have the system's code page. With `unbuffered`,
    complete lines reach the parent at once (a frozen program ignores PYTHONUNBUFFERED).
    """
    sys.stdin = _usable(sys.stdin, 0, "r", unbuffered=False)
    sys.stdout = _usable(sys.stdout, 1, "w", unbuffered=unbuffered)
    sys.stderr = _usable(sys.stderr, 2, "w", unbuffered=unbuffered)


def _usable(stream: Optional[TextIO], descriptor: int, mode: str, *, unbuffered: bool) -> TextIO:
    if stream is None:
        return _open(descriptor, mode)
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:  # Somebody replaced it; theirs to care for.
        return stream
    encoding = (getattr(stream, "encoding", None) or "").lower().replace("_", "-")
    if encoding not in ("utf-8", "utf8"):
        reconfigure(encoding="utf-8", errors="strict" if mode == "r" else "backslashreplace")
    elif mode == "w":
        reconfigure(errors="backslashreplace")
    if unbuffered:
        reconfigure(line_buffering=True)
    return stream


def _open(descriptor: int, mode: str) -> TextIO:
    file: Union[int, str] = descriptor
    try:
        os.fstat(descriptor)
    except OSError:
        file = os.devnull
    errors = "strict" if mode == "r" else "backslashreplace"
    stream = open(file, mode, buffering=-1 if mode == "r" else 1, encoding="utf-8", errors=errors, closefd=file != descriptor)
    return cast(TextIO, stream)
