"""What the program opens for the user stays when the program ends."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Mapping, Sequence, Union

from . import _mark

if TYPE_CHECKING:
    import subprocess

_OWN = ("ELECTRON_PYINSTALLER_", "PYINSTALLER_", "_PYI_")
"""Beginnings of names that mean something to this program and its app only."""


def detached_environment() -> dict[str, str]:
    """The environment for a program that shall outlive this one: pass it to `subprocess.Popen`, with `start_new_session=True`
    (Windows: `creationflags=subprocess.CREATE_BREAKAWAY_FROM_JOB`).
    """
    return _detached(os.environ)


def _detached(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if not name.startswith(_OWN)}
    kept[_mark.DETACHED] = os.environ.get(_mark.VARIABLE, "")
    return kept


def start_detached(arguments: Sequence[Union[str, "os.PathLike[str]"]], **options: Any) -> "subprocess.Popen[Any]":
    """Start a program that outlives this one: its stop, its restart, its crash. Takes the options of `subprocess.Popen`;
    the standard streams are the null device unless they are given.
    """
    import subprocess

    options["env"] = _detached(options.get("env", os.environ))
    for stream in ("stdin", "stdout", "stderr"):
        options.setdefault(stream, subprocess.DEVNULL)
    if sys.platform == "win32":
        options.setdefault("creationflags", subprocess.CREATE_NEW_PROCESS_GROUP)
        options["creationflags"] |= subprocess.CREATE_BREAKAWAY_FROM_JOB
    else:
        options.setdefault("start_new_session", True)
    with _mark.removed(options["env"][_mark.DETACHED]):
        try:
            return subprocess.Popen(arguments, **options)
        except PermissionError:
            # A job object that lets nothing out.
            if sys.platform != "win32":
                raise
            options["creationflags"] &= ~subprocess.CREATE_BREAKAWAY_FROM_JOB
            return subprocess.Popen(arguments, **options)


def open_external(target: Union[str, "os.PathLike[str]"]) -> None:
    """Open an address (`https:`, `mailto:` …) or a file with the user's own program for it, which stays when this one ends.

    Raises FileNotFoundError when the file, or a program to open it with, is not there. An address from outside is to be
    checked first: whatever its scheme names is started.
    """
    text = os.fspath(target)
    if os.path.exists(text) or not _is_address(text):
        # Absolute, so that no name can be taken for an option.
        text = os.path.abspath(text)
        os.stat(text)
    if sys.platform == "win32":
        from . import _job

        with _job.left():
            os.startfile(text)  # noqa: S606 - the system's own way; no command line is made.
        return
    start_detached([_opener(), text])


def _is_address(text: str) -> bool:
    """A scheme has two letters or more; one letter is a drive."""
    import re

    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", text) is not None


def _opener() -> str:
    import shutil

    if sys.platform == "darwin":
        return "/usr/bin/open"
    found = shutil.which("xdg-open")
    if found is None:
        raise FileNotFoundError("xdg-open is not installed (package xdg-utils): nothing can open files and addresses for the user")
    return found
