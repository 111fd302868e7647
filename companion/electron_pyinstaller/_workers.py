"""Helper processes of multiprocessing's relatives: loky (joblib, scikit-learn), multiprocess, billiard.

They start `sys.executable` as if it were Python. PyInstaller serves multiprocessing's own command lines, by
`freeze_support()`; here it is done for the others.
"""

from __future__ import annotations

import os
import re
import sys
from types import CodeType, ModuleType
from typing import Any, Optional, Sequence

from . import _command_line

_FORK = ("--multiprocessing-fork", "--billiard-fork")
_RELATIVE = r"(?:multiprocess|billiard|(?:joblib\.externals\.)?loky\.backend)"
# Multiprocessing's trackers too: nothing of a script may run in their place.
_HELPER = re.compile(
    rf"(?:import sys; ?)?from (?:multiprocessing\.\w+_tracker|{_RELATIVE}\.\w+) import (?:main|spawn_main)\b"
)
_LOKY_WORKER = re.compile(r"(?:joblib\.externals\.)?loky\.backend\.popen_loky\w*")
_OF_MULTIPROCESSING = re.compile(r"(?:import sys; ?)?from multiprocessing\.\w+ import (?:main|spawn_main)\b")
SCRIPT = "electron_pyinstaller_script"
"""The entry script once more, as a module."""


def serve() -> None:
    """Be the helper process that the arguments ask for and end with it; return when they ask for none."""
    command = _command_line.parse(sys.argv[1:])
    if command is None:
        _serve_loky_on_windows(sys.argv[1:])
    elif command.kind == "code" and _HELPER.match(command.target):
        sys.argv[:] = ["-c", *command.arguments]
        if "forkserver" in command.target:
            find_functions_of_script()
        parent = os.getppid()
        try:
            exec(command.target, {"__name__": "__main__"})
        except Exception:
            # Of a onefile program that has ended meanwhile the unpacked files are gone: nobody is left to help.
            if os.getppid() == parent and os.path.isdir(getattr(sys, "_MEIPASS", os.curdir)):
                raise
        sys.exit()
    elif command.kind == "module" and _LOKY_WORKER.fullmatch(command.target):
        import runpy

        sys.argv[:] = [command.target, *command.arguments]
        # Not as `sys.modules["__main__"]`: loky's worker looks there for the program that it belongs to.
        runpy.run_module(command.target, run_name="__main__")
        sys.exit()


def is_multiprocessing(arguments: Sequence[str]) -> bool:
    """Tell whether the arguments are multiprocessing's, which `freeze_support()` serves (a script calls it by itself)."""
    if arguments[:1] and arguments[0] in _FORK:
        return True
    command = _command_line.parse(arguments)
    return command is not None and command.kind == "code" and _OF_MULTIPROCESSING.match(command.target) is not None


def serve_script() -> None:
    """Be a worker of multiprocessing that a script started. As from source it finds the script's own functions: there the script
    is imported once more, under a name that is not `__main__`.
    """
    import multiprocessing

    find_functions_of_script()
    multiprocessing.freeze_support()


def find_functions_of_script() -> None:
    """Let workers, and those that a fork server makes, import the script in place of the file that is not there."""
    code = _script()
    if code is None:
        return
    from multiprocessing import spawn

    prepare = spawn.prepare

    def with_script(data: "dict[str, Any]") -> None:
        file = data.pop("init_main_from_path", None)
        prepare(data)
        module = ModuleType("__mp_main__")
        module.__file__ = file or os.path.join(getattr(sys, "_MEIPASS", os.curdir), "__main__.py")
        sys.modules["__main__"] = sys.modules["__mp_main__"] = module
        exec(code, module.__dict__)

    spawn.prepare = with_script
    # What a fork server imports before it is asked for anything.
    spawn.import_main_path = lambda main_path: None


def _script() -> Optional[CodeType]:
    from importlib.util import find_spec

    spec = find_spec(SCRIPT)
    loader: Any = None if spec is None else spec.loader
    return None if loader is None else loader.get_code(SCRIPT)


def _serve_loky_on_windows(arguments: Sequence[str]) -> None:
    """`--multiprocessing-fork <handle>`: multiprocessing's own has names in front of its values."""
    if sys.platform != "win32" or len(arguments) != 2 or arguments[0] != _FORK[0] or not arguments[1].isdigit():
        return
    from importlib import import_module

    for package in ("joblib.externals.loky", "loky"):
        module = _imported(f"{package}.backend.popen_loky_win32")
        if module is not None:
            import_module(module).main(pipe_handle=int(arguments[1]), parent_pid=os.getppid())
            sys.exit()


def _imported(name: str) -> Optional[str]:
    from importlib.util import find_spec

    try:
        return name if find_spec(name) is not None else None
    except ImportError:
        return None
