"""ASGI servers: uvicorn, else hypercorn."""

from __future__ import annotations

import inspect
import logging
import socket
import sys
from typing import Any

from . import _lifeline, _messages
from ._exits import Exits
from ._failure import fatal
from ._open_streams import Streams
from ._security import guard_asgi
from ._serve import KEEP_ALIVE_SECONDS, Plan, is_installed, stopping_by_itself
from ._wakeful import Wakeful

STARTUP_FAILED = 3
"""Exit code of a server whose application refused to start; uvicorn's own. The parent tries again."""


def serve(app: Any, plan: Plan, server: str) -> int:
    """Serve until somebody ends it and return the exit code."""
    if server in ("auto", "uvicorn") and is_installed("uvicorn"):
        return _serve_uvicorn(app, plan)
    if server in ("auto", "hypercorn") and is_installed("hypercorn"):
        from ._hypercorn import serve_hypercorn

        return serve_hypercorn(app, plan)
    wanted = "uvicorn (or hypercorn)" if server == "auto" else server
    fatal(f"an ASGI application needs a server: add {wanted} to the backend's requirements", "config")


def _serve_uvicorn(app: Any, plan: Plan) -> int:
    import uvicorn

    streams = Streams(logging.getLogger("uvicorn.error"))

    class Server(uvicorn.Server):
        async def startup(self, *args: Any, **options: Any) -> None:
            await super().startup(*args, **options)
            waits.install()
            if self.started:
                plan.ready()

        async def shutdown(self, *args: Any, **options: Any) -> None:
            streams.end()
            await super().shutdown(*args, **options)

        def handle_exit(self, sig: int, *args: Any) -> None:
            _messages.send_stopping("signal")
            if not self.started:
                # Otherwise it would wait for the application's start, and be killed when that takes too long.
                raise SystemExit(0 if _lifeline.has_ended() else 128 + sig)
            super().handle_exit(sig, *args)
            waits.wake()

    def finish() -> bool:
        # Without signals, because Windows has none to offer.
        server.should_exit = True
        waits.wake()
        return bool(server.started)

    exits = Exits(finish)
    settings: dict[str, Any] = {"log_level": "info", **plan.options}
    if plan.grace_seconds is not None and "timeout_graceful_shutdown" in inspect.signature(uvicorn.Config).parameters:
        settings["timeout_graceful_shutdown"] = plan.grace_seconds
    if plan.managed:
        settings.setdefault("use_colors", False)
        settings.setdefault("timeout_keep_alive", KEEP_ALIVE_SECONDS)
        # No proxy is in front: what says so (`x-forwarded-for`) was said by a page.
        settings.setdefault("proxy_headers", False)
    listener = plan.listener
    config = uvicorn.Config(
        guard_asgi(exits.watch(streams.watch(app)), plan.policy),
        **{**settings, "interface": "asgi3", "workers": 1, "reload": False},
        **({"uds": listener.path} if listener.path is not None else {"host": listener.host, "port": listener.port}),
    )
    if plan.quiet_paths:
        root = settings.get("root_path", "")
        quiet = frozenset(prefix + path for prefix in ("", root) for path in plan.quiet_paths)
        logging.getLogger("uvicorn.access").addFilter(_Quiet(quiet))
    server = Server(config)
    waits = Wakeful(server)
    _lifeline.on_end(finish)
    return _run(server, listener.socket, exits)


def _run(server: Any, listening: socket.socket, exits: Exits) -> int:
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has ended properly before it passes the interrupt on.
    except SystemExit:
        # Versions differ in how they leave when the application could not start: with SystemExit or just so.
        if server.started or not getattr(getattr(server, "lifespan", None), "should_exit", False):
            raise
    if exits.code is not None:
        return exits.code
    if not server.started and not _lifeline.has_ended():
        sys.stderr.write("electron-pyinstaller: the application's startup (lifespan) failed; the reason is above\n")
        return STARTUP_FAILED
    stopping_by_itself()
    return 0


class _Quiet(logging.Filter):
    def __init__(self, paths: frozenset[str]) -> None:
        super().__init__()
        self._paths = paths

    def filter(self, record: logging.LogRecord) -> bool:
        # uvicorn's access record: client, method, path with query, HTTP version, status.
        values = record.args
        if not isinstance(values, tuple) or len(values) < 5:
            return True
        return str(values[2]).partition("?")[0] not in self._paths or str(values[4]) >= "400"
