"""Serving with hypercorn."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from ._security import guard_asgi
from ._serve import Plan, stopping_by_itself

STARTUP_FAILED = 3
_BACKLOG = 100


def serve_hypercorn(app: Any, plan: Plan) -> int:
    """Serve until somebody ends it and return the exit code."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from hypercorn.utils import LifespanFailureError

    config = Config.from_mapping({"accesslog": None, "errorlog": "-", **plan.options})
    # Hypercorn tells nobody when it accepts. Requests queue in a socket that listens before, so what remains to wait for
    # is the application's start.
    plan.listener.socket.listen(_BACKLOG)
    config.bind = [f"fd://{plan.listener.socket.fileno()}"]
    if plan.grace_seconds is not None:
        config.graceful_timeout = plan.grace_seconds / 2
        config.shutdown_timeout = plan.grace_seconds
    guarded = guard_asgi(_announcing(app, plan), plan.policy)
    try:
        asyncio.run(serve(guarded, config))  # type: ignore[arg-type]
    except LifespanFailureError as error:
        sys.stderr.write(f"electron-pyinstaller: the application's startup (lifespan) failed: {error}\n")
        return STARTUP_FAILED
    except KeyboardInterrupt:
        pass  # Hypercorn has ended properly before it passes the interrupt on.
    stopping_by_itself()
    return 0


def _announcing(app: Any, plan: Plan) -> Any:
    """Announce `ready` when the application has started, or at once when it knows no lifespan."""

    async def announcing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        answered = False

        async def watch(message: Any) -> None:
            nonlocal answered
            # Before the message is passed on: hypercorn raises out of send() when the start failed.
            answered = True
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                plan.ready()

        try:
            await app(scope, receive, watch)
        finally:
            if not answered:
                plan.ready()

    return announcing
