"""Folders of the program and of its user."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePath
from typing import Optional, Union

from . import _descriptor, _session
from ._session import USER_DATA

PathPart = Union[str, "os.PathLike[str]"]


def resource_path(*parts: PathPart) -> Path:
    """See `electron_pyinstaller.resource_path`."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        return Path(bundle, *parts)
    descriptor = _descriptor.inherited()
    if descriptor is None:
        return _program_folder().joinpath(*parts)
    relative = PurePath(*parts)
    for rule in descriptor.data:  # As in the bundle, where nothing but these rules decides.
        try:
            candidate = Path(rule["base"]) / relative.relative_to(rule.get("to", "."))
        except (KeyError, ValueError):
            continue
        if candidate.exists():
            return candidate
    return Path(descriptor.paths[0] if descriptor.paths else _program_folder()) / relative


def user_data(*parts: PathPart) -> Path:
    """See `electron_pyinstaller.user_data`."""
    path = _user_data_root().joinpath(*parts)
    (path.parent if parts else path).mkdir(parents=True, exist_ok=True)
    return path


def _user_data_root() -> Path:
    session = _session.current()
    given = session.user_data if session is not None and session.user_data else os.environ.get(USER_DATA)
    if given:
        return Path(given)
    descriptor = _descriptor.inherited()
    return _application_data(sys.platform, os.environ) / (descriptor.name if descriptor is not None else _program_name())


def _application_data(platform: str, environment: "os._Environ[str]") -> Path:
    """Where the system keeps what programs store; as Electron's `appData`."""
    home = Path.home()
    if platform == "win32":
        return Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    if platform == "darwin":
        return home / "Library" / "Application Support"
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config")


def _program_folder() -> Path:
    file: Optional[str] = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(file).resolve().parent if file else Path.cwd()


def _program_name() -> str:
    return Path(sys.argv[0] or "backend").stem
