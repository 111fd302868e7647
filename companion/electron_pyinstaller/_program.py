"""The order in which a program comes up; called by bootstrap.py and prelude.py."""

from __future__ import annotations

import sys

from . import _certificates, _descriptor, _entry, _failure, _handshake, _lifeline

CHECK_OPTION = "--electron-pyinstaller-check"


def main() -> int:
    """Run the program that the entry descriptor names and return its exit code."""
    session = _handshake.begin()
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


def prepare_script() -> None:
    """What goes before a frozen plain script: everything that `main` does besides running it."""
    _handshake.begin()
    _certificates.use_bundled()
    if sys.argv[1:] == [CHECK_OPTION]:
        from . import _check

        sys.exit(_check.run(None))
    _report_import_failures()


def _report_import_failures() -> None:
    previous = sys.excepthook

    def hook(kind, error, traceback):  # type: ignore[no-untyped-def]
        previous(kind, error, traceback)
        if isinstance(error, ImportError):
            _failure.report_import_failure(error)
            raise SystemExit(_failure.EXIT_CODE)

    sys.excepthook = hook


def _print_traceback(error: BaseException) -> None:
    sys.excepthook(type(error), error, error.__traceback__)
