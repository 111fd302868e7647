"""A backend that is started again from inside itself.

`sys.executable` of a frozen program is the program. Libraries and programs take it for Python, and each such command would
be a second server, without an app and without a token.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Mapping, NoReturn, Optional, Sequence

from . import _bundle_environment, _command_line, _workers
from ._failure import fatal, log

INSTANCE = "ELECTRON_PYINSTALLER_INSTANCE"
"""Set by the app for everything that belongs to one run of a backend."""

INSIDE = "ELECTRON_PYINSTALLER_INSIDE"
"""Set by a frozen program for what it starts: the path of its executable."""

RESTART_CODE = 75
"""The app starts a program again that ended with it."""

_RELOADED = ("WERKZEUG_RUN_MAIN", "RUN_MAIN")
"""Set by the reloaders of Flask and Django for the process that serves in place of the first one."""

_CURE = (
    "a frozen backend is not a Python interpreter (`sys.executable` is this program), and one that runs is not started a "
    "second time. Import the code and call it, use multiprocessing for work in other processes, or find an interpreter with "
    "shutil.which('python3')"
)


def check(*, managed: bool, serves: bool, exempt: Sequence[str] = ()) -> None:
    """End this process with 78 when the running program started it; `serves`: it would be nothing but a server.

    `exempt`: an argument that is allowed on its own.
    """
    arguments = sys.argv[1:]
    if managed:
        _restart_in_place_of_exec()
    elif getattr(sys, "frozen", False) and arguments != list(exempt) and not _workers.is_multiprocessing(arguments):
        if is_refused(os.environ, sys.executable, arguments, serves=serves, ancestor=_was_started_by_itself):
            fatal(f"{' '.join([os.path.basename(sys.executable), *arguments])[:200]}: {_CURE}", "config")
    if getattr(sys, "frozen", False):
        os.environ[INSIDE] = sys.executable


def is_refused(
    environment: Mapping[str, str],
    executable: str,
    arguments: Sequence[str],
    *,
    serves: bool,
    ancestor: Callable[[], bool],
) -> bool:
    """Decide about a frozen program without a parent that speaks to it."""
    if serves and _command_line.parse(arguments) is not None:
        return True  # Whoever started it wanted Python.
    if not serves and any(environment.get(name) == "true" for name in _RELOADED):
        return False
    if INSIDE in environment:
        # Another program of this kind may be a helper of the running one.
        return environment[INSIDE] == executable or ancestor()
    return INSTANCE in environment or ancestor()


def belongs_to_app() -> bool:
    """Tell whether an app's backend started this process, directly or not."""
    return INSTANCE in os.environ


def _was_started_by_itself() -> bool:
    """Tell by the parent's executable: the caller may have cleaned the environment."""
    pid: Optional[int] = os.getppid()
    # Onefile: the bootloader stands between, and is the same file.
    for _ in range(2 if _bundle_environment.is_onefile() else 1):
        if pid is None or not _runs_this_program(pid):
            return False
        pid = _parent_of(pid)
    return True


def _runs_this_program(pid: int) -> bool:
    if sys.platform == "linux":
        try:
            return os.path.samefile(f"/proc/{pid}/exe", sys.executable)
        except OSError:
            return False
    return sys.platform == "darwin" and _ps(pid, "comm") == sys.executable


def _parent_of(pid: int) -> Optional[int]:
    if sys.platform == "linux":
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                return int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError):
            return None
    answer = _ps(pid, "ppid")
    return int(answer) if answer.isdigit() else None


def _ps(pid: int, column: str) -> str:
    import subprocess

    found = subprocess.run(["/bin/ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()


def _restart_in_place_of_exec() -> None:
    """`os.exec*` of the own program is how "restart" buttons and reloaders begin anew. What came up would know nothing of
    the app; the app starts it again when it is told.
    """
    program = os.getpid()

    def instead(execute: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
        def replacement(path: Any, *others: Any) -> NoReturn:
            # A forked child may become whatever it wants.
            if os.getpid() == program and _is_own(path):
                _end_for_restart()
            execute(path, *others)

        return replacement

    # The other six call these two.
    os.execv = instead(os.execv)
    os.execve = instead(os.execve)


def _is_own(path: Any) -> bool:
    try:
        return os.path.samefile(path, sys.executable)
    except (OSError, TypeError, ValueError):
        return False


def _end_for_restart() -> NoReturn:
    log("the program replaces itself (os.exec): the app starts it again, with the variables of `run.env`")
    # As exec does it: nothing is cleaned up. But what was printed is not lost.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(RESTART_CODE)
