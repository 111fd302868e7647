"""What the native code in a bundle asks of the processor, as far as its files or its package say it. Most say nothing."""

from __future__ import annotations

import importlib
import struct
from collections.abc import Iterable, Mapping
from typing import Optional

_LEVELS = ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4")
_PT_GNU_PROPERTY = 0x6474E553
_X86_ISA_NEEDED = 0xC0008002
_ELF64_LITTLE_X86 = b"\x7fELF\x02\x01"


def built_for(files: Iterable[list[Optional[str]]], modules: Iterable[str]) -> Mapping[str, str]:
    """By package: what goes beyond every processor of its architecture. `files` are rows of destination, source and kind."""
    found: dict[str, int] = {}
    for destination, source, kind in files:
        level = level_of(source) if destination and source and kind in ("BINARY", "EXTENSION") else 0
        if level and destination:
            # `numpy.libs` is a part of numpy.
            package = destination.replace("\\", "/").split("/")[0].split(".")[0]
            found[package] = max(level, found.get(package, 0))
    told = {package: _LEVELS[level] for package, level in found.items()}
    if "numpy" in set(modules):
        baseline = numpy_baseline()
        if baseline:
            told["numpy"] = baseline
    return told


def level_of(file: str) -> int:
    """The level in the note of an ELF file that was linked for one, an index of `_LEVELS`."""
    try:
        with open(file, "rb") as stream:
            head = stream.read(64)
            if not head.startswith(_ELF64_LITTLE_X86):
                return 0
            (offset,) = struct.unpack_from("<Q", head, 32)
            size, count = struct.unpack_from("<HH", head, 54)
            stream.seek(offset)
            table = stream.read(size * count)
            for index in range(count):
                kind, _, start, _, _, length = struct.unpack_from("<IIQQQQ", table, index * size)
                if kind == _PT_GNU_PROPERTY:
                    stream.seek(start)
                    return _level_in(stream.read(length))
    except (OSError, struct.error):
        pass
    return 0


def _level_in(note: bytes) -> int:
    """Of a note of the linker: `GNU`, then properties, each filled up to eight bytes."""
    at = 16
    while at + 8 <= len(note):
        kind, size = struct.unpack_from("<II", note, at)
        if kind == _X86_ISA_NEEDED and size == 4:
            (bits,) = struct.unpack_from("<I", note, at + 8)
            return min(bits.bit_length(), len(_LEVELS)) - 1 if bits else 0
        at += 8 + (size + 7) // 8 * 8
    return 0


def numpy_baseline() -> Optional[str]:
    """What numpy tells of itself: `SSE, SSE2, SSE3`, or `X86_V2` from 2.4 on."""
    for name in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        try:
            return ", ".join(importlib.import_module(name).__cpu_baseline__)
        except Exception:  # noqa: BLE001 - of another version, or not for this processor
            continue
    return None
