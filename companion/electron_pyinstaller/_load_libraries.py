"""Loads every shared library of the frozen program once: for bundles whose libraries were changed after they were built (`strip`)."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import Optional

_NAME = re.compile(r"\.(?:so(?:\.[\w.]+)?|dylib)$")


def load_all() -> dict[str, Optional[str]]:
    """What the loader said of each library, by its path inside the bundle; None: it was loaded."""
    root = str(getattr(sys, "_MEIPASS", ""))
    return {os.path.relpath(file, root): _load_apart(file) for file in _libraries(root)}


def _libraries(root: str) -> Iterator[str]:
    own = _header(sys.executable)
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            file = os.path.join(folder, name)
            if _NAME.search(name) and not os.path.islink(file) and _is_for_here(_header(file), own):
                yield file


def _header(file: str) -> bytes:
    with open(file, "rb") as stream:
        return stream.read(20)


def _is_for_here(header: bytes, own: bytes) -> bool:
    """Packages bring libraries of other processors too, and text files with the names of libraries (linker scripts)."""
    if own[:4] == b"\x7fELF":
        # Class, byte order and processor; 3: a shared object.
        return header[:6] == own[:6] and header[16 + own[5] - 1 : 17 + own[5] - 1] == b"\x03" and header[18:] == own[18:]
    return header[:4] in (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")


def _load_apart(file: str) -> Optional[str]:
    """Load it in a process of its own: libraries that run code when they are loaded are not meant to meet all others."""
    print(f"loading {file}", file=sys.stderr, flush=True)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(2, 1)
        error = _load(file)
        # No clean-up: what the library registered for the end is none of ours.
        os.write(writer, (error or "").encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        said = stream.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"the process ended with signal {os.WTERMSIG(status)}"
    return said or None


def _load(file: str) -> Optional[str]:
    """Load as Python loads an extension module, which needs no ctypes: one that is none has no such function, and that is all
    it may lack.
    """
    import _imp
    from importlib.machinery import ExtensionFileLoader, ModuleSpec

    sys.setdlopenflags(os.RTLD_LAZY)
    name = "electron_pyinstaller_load_probe"
    try:
        _imp.create_dynamic(ModuleSpec(name, ExtensionFileLoader(name, file), origin=file))
    except ImportError as error:
        return None if "module export function" in str(error) else str(error)
    except BaseException as error:  # noqa: BLE001 - the answer must come.
        return f"{type(error).__name__}: {error}"
    return None
