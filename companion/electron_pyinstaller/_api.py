"""The public functions."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn, Optional, Union

from . import _failure, _messages, _session

if TYPE_CHECKING:
    from pathlib import Path

PathPart = Union[str, "os.PathLike[str]"]


def is_frozen() -> bool:
    """True in a program made by PyInstaller."""
    return bool(getattr(sys, "frozen", False))


def is_managed() -> bool:
    """True when an Electron app started this process and listens to it."""
    return _session.current() is not None


def token() -> Optional[str]:
    """The secret of this launch, which requests must carry as `x-electron-pyinstaller-token`; None without an app.

    `serve()` checks it already. Never log it or pass it to other programs.
    """
    session = _session.current()
    return None if session is None else session.token


def serve(
    app: Any,
    *,
    interface: str = "auto",
    server: str = "auto",
    host: str = "127.0.0.1",
    port: Optional[int] = None,
    **options: Any,
) -> int:
    """Serve an ASGI or WSGI application until the app ends it; returns the exit code.

    Started by an app: listens where the app wants, announces itself once requests are accepted, lets in nothing without
    the token of this launch, and ends in bounded time. In a terminal: listens on `host` and `port` (default: the first
    free one of 8000-8010).

    `interface`: "auto", "asgi" or "wsgi". `server`: "auto" or the name of one: uvicorn or hypercorn for ASGI, waitress
    or wsgiref for WSGI. Other options go to the server's own configuration.

        from electron_pyinstaller import serve
        sys.exit(serve(app, log_level="warning"))
    """
    from . import _serve

    return _serve.serve(app, interface=interface, server=server, host=host, port=port, **options)


def resource_path(*parts: PathPart) -> Path:
    """Path of a data file of the program, for example `resource_path("config", "models.json")`.

    Frozen: below the bundle, where the configuration's `data` put it. In development: below the source folder, or where
    `data` takes it from. Existence is not checked.
    """
    from . import _paths

    return _paths.resource_path(*parts)


def user_data(*parts: PathPart) -> Path:
    """Path below the app's own writable folder, which is made when it is missing (as are folders between).

    In a terminal: a folder named after the backend where the system keeps such data.
    """
    from . import _paths

    return _paths.user_data(*parts)


def ready(port: int, host: str = "127.0.0.1") -> None:
    """Announce that the program's own server accepts requests there. `serve()` and `requests()` do it by themselves."""
    from . import _handshake

    session = _session.current()
    if session is not None:
        _handshake.announce_ready(session, {"type": "tcp", "host": host, "port": port})


def status(text: str, percent: Optional[float] = None) -> None:
    """Tell the app, and through it the person waiting, what is going on; `percent` is 0-100."""
    text, percent = str(text), _known(percent)
    if not _messages.send("status", text=text, percent=percent):
        _tell(text, percent)


def extend(seconds: float) -> None:
    """Ask for that much more time to start, counted from now (10 minutes in all at most)."""
    _messages.send("extend", ms=round(seconds * 1000))


def progress(percent: Optional[float], text: str = "") -> None:
    """Report how far a job is (0-100; None when unknown)."""
    text, percent = str(text), _known(percent)
    if not _messages.send("progress", percent=percent, text=text):
        _tell(text, percent)


def result(value: Any) -> None:
    """Hand a job's result to the app: anything that JSON can hold, at most once. In a terminal it is printed."""
    if not _messages.send("result", value=value):
        print(_messages.encode(value, ensure_ascii=False, indent=2))


def fatal(message: str, code: str = "application") -> NoReturn:
    """End the program (exit code 78) and tell the app that starting it again is useless, and why."""
    _failure.fatal(message, code)


def _known(percent: Optional[float]) -> Optional[float]:
    """A quotient by nothing yet is unknown."""
    return percent if percent is not None and math.isfinite(percent) else None


def _tell(text: str, percent: Optional[float]) -> None:
    sys.stderr.write(text + ("" if percent is None else f" ({percent:g} %)") + "\n")
