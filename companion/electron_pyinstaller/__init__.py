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
from ._detached import detached_environment, open_external, start_detached
from ._handlers import handle, serve_requests

__all__ = [
    "Request",
    "RequestError",
    "detached_environment",
    "emit",
    "extend",
    "fatal",
    "handle",
    "is_frozen",
    "is_managed",
    "open_external",
    "progress",
    "ready",
    "requests",
    "resource_path",
    "result",
    "serve",
    "serve_requests",
    "start_detached",
    "status",
    "token",
    "user_data",
]
