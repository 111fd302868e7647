"""Core dumps in a folder, if the app asks for them: `ELECTRON_PYINSTALLER_DUMPS` names it. Where a dump goes first is the system's decision."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator

VARIABLE = "ELECTRON_PYINSTALLER_DUMPS"
_KEPT = 3
"""Each is as large as the program's memory was."""

_ELF_CORE = 4


def keep() -> None:
    """Let the system write a dump if this program crashes, and move those that earlier runs left in the working directory into the folder."""
    folder = os.environ.get(VARIABLE)
    if not folder or sys.platform == "win32":
        return
    try:
        import resource

        os.makedirs(folder, mode=0o700, exist_ok=True)
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))
        for file in _left_in(os.getcwd()):
            # The time of the crash makes the name: numbers of processes come again.
            os.replace(file, os.path.join(folder, f"core.{os.stat(file).st_mtime_ns}"))
        kept = sorted(_left_in(folder), key=lambda file: os.stat(file).st_mtime_ns)
        for file in kept[:-_KEPT]:
            os.remove(file)
    except Exception as error:  # noqa: BLE001 - a crash that is told without a dump is better than no program.
        print(f"no core dumps in {folder}: {error}", file=sys.stderr)


def _left_in(folder: str) -> Iterator[str]:
    """Core dumps: `core` or `core.<something>`, and what their first bytes say."""
    for entry in os.scandir(folder):
        if entry.name != "core" and not entry.name.startswith("core."):
            continue
        if entry.is_file(follow_symlinks=False) and _is_core(entry.path):
            yield entry.path


def _is_core(file: str) -> bool:
    try:
        with open(file, "rb") as stream:
            head = stream.read(18)
    except OSError:
        return False
    return head.startswith(b"\x7fELF") and struct.unpack_from("<H", head, 16)[0] == _ELF_CORE
