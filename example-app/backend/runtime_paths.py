"""Where the files that belong to the program are, frozen or not."""

import os
import sys
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """A file or folder shipped with the program."""
    if getattr(sys, "frozen", False):
        base = Path(sys._MEIPASS)  # PyInstaller unpacks data files here
    else:
        base = Path(__file__).parent
    return base.joinpath(*parts)


def data_path(*parts: str) -> Path:
    """A file the program may write. The app says where; a plain terminal gets a folder in the home directory."""
    base = Path(os.environ.get("EXAMPLE_APP_DATA") or Path.home() / ".example-app")
    base.mkdir(parents=True, exist_ok=True)
    return base.joinpath(*parts)
