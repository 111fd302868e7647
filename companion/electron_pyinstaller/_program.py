"""The order in which a program comes up; called by bootstrap.py and prelude.py."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Optional

from . import _certificates, _descriptor, _entry, _failure, _handshake, _lifeline

_INSIDE = "ELECTRON_PYINSTALLER_INSIDE"
CHECK_OPTION = "--electron-pyinstaller-check"


def main() -> int:
    """Run the program that the entry descriptor names and return its exit code."""
    session = _handshake.begin()
    _refuse_interpreter_arguments(managed=session is not None)
    descriptor = _descriptor.read()
    _certificates.use_bundled()
    if sys.argv[1:] == [CHECK_OPTION]:
        from . import _check

        return _check.run(descriptor)
    try:
        return _entry.run(descriptor)
    except _entry.ImportFailed as failure:
        _failure.report_import_failure(failure.error)
        _print_traceback(failure.error)
        return _failure.EXIT_CODE
    except ImportError as error:
        # Imported late or by the program itself (module and script entries): a restart finds no more than this run.
        _failure.report_import_failure(error)
        _print_traceback(error)
        return _failure.EXIT_CODE
    except KeyboardInterrupt:
        if session is None:
            raise
        return 0 if _lifeline.has_ended() else 130


def _refuse_interpreter_arguments(*, managed: bool) -> None:
    """Libraries run `sys.executable -m tool`, which is this very program when it is frozen: a second backend would start
    silently. Recognised by the mark that the running one leaves in the environment of what it starts.
    """
    if not getattr(sys, "frozen", False):
        return
    inside = os.environ.get(_INSIDE) == sys.executable
    os.environ[_INSIDE] = sys.executable
    if inside and not managed and sys.argv[1:2] in (["-m"], ["-c"]):
        _failure.fatal(
            f"{os.path.basename(sys.executable)} {' '.join(sys.argv[1:3])}: a frozen backend is not a Python interpreter; "
            "call the library's function instead of its command, or find an interpreter with shutil.which('python3')",
            "config",
        )


def prepare_script() -> None:
    """What goes before a frozen plain script: everything that `main` does besides running it."""
    _handshake.begin()
    _certificates.use_bundled()
    if sys.argv[1:] == [CHECK_OPTION]:
        from . import _check

        sys.exit(_check.run(_descriptor.inherited()))
    _end_as_main_does()


def _end_as_main_does() -> None:
    """A script runs by itself: what `main` catches is seen by the last resort only."""
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: Optional[TracebackType]) -> None:
        if isinstance(error, KeyboardInterrupt) and _lifeline.has_ended():
            raise SystemExit(0)
        previous(kind, error, traceback)
        if isinstance(error, ImportError):
            _failure.report_import_failure(error)
            raise SystemExit(_failure.EXIT_CODE)

    sys.excepthook = hook


def _print_traceback(error: BaseException) -> None:
    sys.excepthook(type(error), error, error.__traceback__)
