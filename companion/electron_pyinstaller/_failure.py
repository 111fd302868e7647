"""Ends that a restart would not cure."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any, NoReturn

from . import _messages

EXIT_CODE = 78
"""`EX_CONFIG`: the parent does not restart a program that ended with it."""


RESTART_CODE = 75
"""`EX_TEMPFAIL`: the parent starts the program again at once."""


def fatal(message: str, code: str = "application", *, exit_code: int = EXIT_CODE, **fields: Any) -> NoReturn:
    """Tell the parent (and the log) why this program can never start, and end with exit code 78."""
    message, code = str(message), str(code)  # Exceptions are given too.
    _end_undisturbed()
    log(message)
    _messages.send("fatal", code=code, message=message, **fields)
    leave(exit_code)


def _end_undisturbed() -> None:
    """The parent sends SIGTERM when it hears of a failure: this program ends already, and need not print where it was hit."""
    if threading.current_thread() is threading.main_thread():
        # No SIG_IGN, which programs started now would inherit.
        signal.signal(signal.SIGTERM, lambda *_: None)


def leave(code: int) -> NoReturn:
    """End the process from any thread."""
    if threading.current_thread() is threading.main_thread():
        raise SystemExit(code)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(code)


def log(text: str) -> None:
    """Write a line to the log, if there is one: the program may have closed standard error."""
    try:
        sys.stderr.write(f"electron-pyinstaller: {text}\n")
    except (OSError, ValueError):
        pass


def log_exception(error: BaseException) -> None:
    """Write a traceback to the log, if there is one."""
    import traceback

    try:
        traceback.print_exception(type(error), error, error.__traceback__)
    except Exception:  # noqa: BLE001
        pass


def report_import_failure(error: BaseException) -> None:
    """Send `fatal` for a module that could not be imported. The caller has printed the traceback, as any program does."""
    import traceback

    _end_undisturbed()
    fields: dict[str, Any] = {"traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__))}
    if isinstance(error, ModuleNotFoundError) and error.name:
        fields["module"] = error.name
    _messages.send("fatal", code="import", message=f"{type(error).__name__}: {error}", **fields)
