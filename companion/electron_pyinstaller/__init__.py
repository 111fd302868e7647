"""What a Python backend may ask of the Electron app that runs it.

Works the same in a frozen program, in development and in a plain terminal, where there is no app to talk to.
"""

from __future__ import annotations

from ._api import (
    extend,
    fatal,
    is_frozen,
    is_managed,
    progress,
    resource_path,
    result,
    serve,
    status,
    token,
    user_data,
)

__all__ = [
    "extend",
    "fatal",
    "is_frozen",
    "is_managed",
    "progress",
    "resource_path",
    "result",
    "serve",
    "status",
    "token",
    "user_data",
]
