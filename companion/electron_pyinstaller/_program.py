"""The order in which a program comes up; called by bootstrap.py and prelude.py."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Optional

from . import _bundle_environment, _certificates, _descriptor, _dumps, _entry, _failure, _faults, _handshake, _lifeline
from . import _reentry, _unpacked, _workers

CHECK_OPTION = "--electron-pyinstaller-check"


_SERVERS = ("asgi", "wsgi")
_WITH_INPUT = ("script", "module", "consoleScript")
"""Programs of their own, which may watch standard input for the end of whoever started them."""


def serve_workers() -> None:
    """First of all in a frozen program: be the helper process that a library started this program for, if it did."""
    if "ELECTRON_PYINSTALLER_STARTUP" in os.environ:
        from . import _startup

        _startup.watch()
    _faults.enable()
    _bundle_environment.restore()
    _unpacked.restore()
    _workers.serve()


def main() -> int:
    """Run the program that the entry descriptor names and return its exit code."""
    _faults.enable()
    session = _handshake.begin()
    _dumps.keep()
    descriptor = _descriptor.read()
    kind = descriptor.entry.get("type")
    _reentry.check(managed=session is not None, serves=kind in _SERVERS, exempt=[CHECK_OPTION])
    if kind in _WITH_INPUT:
        _lifeline.share_standard_input()
    _certificates.use_bundled()
    if sys.argv[1:] == [CHECK_OPTION]:
        from . import _check

        return _check.run(descriptor)
    try:
        return _entry.run(descriptor)
    except _entry.ImportFailed as failure:
        # Printed first: the parent ends the program when it has heard why.
        _print_traceback(failure.error)
        _failure.report_import_failure(failure.error)
        return _failure.EXIT_CODE
    except ImportError as error:
        # Imported late or by the program itself (module and script entries): a restart finds no more than this run.
        _print_traceback(error)
        _failure.report_import_failure(error)
        return _failure.EXIT_CODE
    except KeyboardInterrupt:
        if session is None:
            raise
        return 0 if _lifeline.has_ended() else 130


def prepare_script() -> None:
    """What goes before a frozen plain script: everything that `main` does besides running it."""
    serve_workers()
    if _workers.is_multiprocessing(sys.argv[1:]):
        _workers.serve_script()
    session = _handshake.begin()
    _dumps.keep()
    _reentry.check(managed=session is not None, serves=False, exempt=[CHECK_OPTION])
    _lifeline.share_standard_input()
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
