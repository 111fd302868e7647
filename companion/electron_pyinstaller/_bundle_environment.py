"""The environment from before the bundle, for the programs that a frozen one starts.

PyInstaller's bootloader points `LD_LIBRARY_PATH` at the bundle: `curl` or `git` would load its libraries and fail. The
loader read the variable when this process began, and reads it no more.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Mapping, MutableMapping

_ONEFILE = ("_PYI_APPLICATION_HOME_DIR", "_MEIPASS2")
"""Tell Python where its bootloader has unpacked it."""

_SEARCH_PATHS = ("LD_LIBRARY_PATH", "LIBPATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH")

_onefile = False


def restore() -> None:
    """Give it back. Call it first: also in workers of multiprocessing, which start programs too."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is None or sys.platform == "win32":
        return
    global _onefile
    taken = take_back(os.environ, bundle)
    _onefile = any(name in taken for name in _ONEFILE)
    if _onefile:
        _give_to_workers(taken)


def is_onefile() -> bool:
    """Tell whether this program unpacked itself, so that its bootloader is its parent (not asked on Windows)."""
    return _onefile


def take_back(environment: MutableMapping[str, str], bundle: str) -> dict[str, str]:
    """Undo in `environment` what the bootloader did for the bundle in this folder; return what was there."""
    taken: dict[str, str] = {}
    for name in [name for name in environment if name.startswith("_PYI_") or name == "_MEIPASS2"]:
        taken[name] = environment.pop(name)
    for name in _SEARCH_PATHS:
        value = environment.get(name, "")
        if value.split(os.pathsep)[0] != bundle:
            continue
        taken[name] = value
        before = environment.pop(f"{name}_ORIG", "")
        if before:
            environment[name] = before
            taken[f"{name}_ORIG"] = before
        else:
            del environment[name]
    return taken


def _give_to_workers(bundle: Mapping[str, str]) -> None:
    """Workers of a onefile program use what it has unpacked, when they are told; else each would unpack all of it again.
    (A onedir program's bootloader needs to be told nothing.)
    """
    import _posixsubprocess

    fork_exec = _posixsubprocess.fork_exec
    own = os.fsencode(sys.executable)
    extra = [os.fsencode(f"{name}={value}") for name, value in bundle.items()]
    names = tuple(os.fsencode(f"{name}=") for name in bundle)

    def with_bundle(args: Any, executables: Any, close_fds: Any, pass_fds: Any, cwd: Any, env: Any, *others: Any) -> int:
        if own in [os.fsencode(executable) for executable in executables]:
            given = [name + b"=" + value for name, value in os.environb.items()] if env is None else list(env)
            env = [*(entry for entry in given if not entry.startswith(names)), *extra]
        return fork_exec(args, executables, close_fds, pass_fds, cwd, env, *others)

    _posixsubprocess.fork_exec = with_bundle
