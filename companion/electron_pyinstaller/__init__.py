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
    ready,
    resource_path,
    result,
    serve,
    status,
    token,
    user_data,
)
from ._conversation import Request, RequestError, emit, requests
from ._handlers import handle, serve_requests

__all__ = [
    "Request",
    "RequestError",
    "emit",
    "extend",
    "fatal",
    "handle",
    "is_frozen",
    "is_managed",
    "progress",
    "ready",
    "requests",
    "resource_path",
    "result",
    "serve",
    "serve_requests",
    "status",
    "token",
    "user_data",
]
