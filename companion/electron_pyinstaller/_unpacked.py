"""`{bundle}` in the arguments and the environment of a program in one file: only the program knows where it was unpacked."""

from __future__ import annotations

import os
import sys
from typing import List, MutableMapping, Optional

PLACEHOLDER = "{onefile:bundle}"


def name_bundle(arguments: List[str], environment: MutableMapping[str, str], bundle: Optional[str]) -> None:
    """Put the folder where the placeholder stands."""
    if bundle is None:
        return
    arguments[:] = [argument.replace(PLACEHOLDER, bundle) for argument in arguments]
    for name, value in list(environment.items()):
        if PLACEHOLDER in value:
            environment[name] = value.replace(PLACEHOLDER, bundle)


def restore() -> None:
    name_bundle(sys.argv, os.environ, getattr(sys, "_MEIPASS", None))
