"""Helper processes of multiprocessing's relatives: loky (joblib, scikit-learn), multiprocess, billiard.

They start `sys.executable` as if it were Python. PyInstaller serves multiprocessing's own command lines, by
`freeze_support()`; here it is done for the others.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Optional, Sequence

from . import _command_line, _messages
from ._failure import log

_FORK = ("--multiprocessing-fork", "--billiard-fork")
_RELATIVE = r"(?:multiprocess|billiard|(?:joblib\.externals\.)?loky\.backend)"
# Multiprocessing's trackers too: a script that never calls freeze_support() must not run once more in their place.
_HELPER = re.compile(
    rf"(?:import sys; ?)?from (?:multiprocessing\.\w+_tracker|{_RELATIVE}\.\w+) import (?:main|spawn_main)\b"
)
_LOKY_WORKER = re.compile(r"(?:joblib\.externals\.)?loky\.backend\.popen_loky\w*")
_OF_MULTIPROCESSING = re.compile(r"(?:import sys; ?)?from multiprocessing\.\w+ import (?:main|spawn_main)\b")
_MISSING_SUPPORT = (
    "a worker process started the script again, and the script never called multiprocessing.freeze_support(): call it first "
    'under `if __name__ == "__main__":`, before arguments are read; and let a server run in one process, as '
    "uvicorn.run(app) without `workers` and `reload` does"
)


def serve() -> None:
    """Be the helper process that the arguments ask for and end with it; return when they ask for none."""
    command = _command_line.parse(sys.argv[1:])
    if command is None:
        _serve_loky_on_windows(sys.argv[1:])
    elif command.kind == "code" and _HELPER.match(command.target):
        sys.argv[:] = ["-c", *command.arguments]
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


def expect_freeze_support() -> None:
    """In a worker of multiprocessing that is a script: nobody but the script can serve it, because its functions do not
    exist yet. One that never does would run as a second program, whose workers start a third.
    """
    import atexit
    import multiprocessing
    import multiprocessing.spawn

    owner = os.getpid()
    support = multiprocessing.freeze_support
    process = multiprocessing.current_process()

    def complain() -> None:
        if os.getpid() != owner:
            return
        _messages.open_channel()  # Of the program: a worker has the same standard output.
        _messages.send("fatal", code="config", message=_MISSING_SUPPORT)
        log(_MISSING_SUPPORT)

    def called() -> None:
        atexit.unregister(complain)
        process._inheriting = False  # type: ignore[attr-defined]
        support()

    # As long as it is true no process can be started.
    process._inheriting = True  # type: ignore[attr-defined]
    multiprocessing.freeze_support = multiprocessing.spawn.freeze_support = called
    atexit.register(complain)


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
