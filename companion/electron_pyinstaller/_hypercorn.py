"""Serving with hypercorn."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from typing import Any, Callable, Iterator, Optional

from . import _lifeline, _messages
from ._exits import Exits
from ._open_streams import Streams
from ._security import guard_asgi
from ._serve import KEEP_ALIVE_SECONDS, Plan, stopping_by_itself

STARTUP_FAILED = 3
_ONE_DAY_SECONDS = 86400


def serve_hypercorn(app: Any, plan: Plan) -> int:
    """Serve until somebody ends it and return the exit code."""
    from hypercorn.asyncio import serve
    from hypercorn.utils import LifespanFailureError, LifespanTimeoutError

    # Hypercorn tells nobody when it accepts. Requests queue in a socket that listens before, so what remains to wait for
    # is the application's start.
    stop = _Stop()
    streams = Streams()
    exits = Exits(stop.ask)

    def ready() -> None:
        stop.is_started = True
        plan.ready()

    async def stopped() -> None:
        await stop.event.wait()
        streams.end()

    async def main() -> None:
        guarded = guard_asgi(_announcing(exits.watch(streams.watch(app)), ready), plan.policy)
        with stop.asked_by_signals():
            await serve(guarded, configure(plan), shutdown_trigger=stopped)  # type: ignore[arg-type]

    _lifeline.on_end(stop.ask)
    try:
        asyncio.run(main())
    except (LifespanFailureError, LifespanTimeoutError) as error:
        if exits.code is None and not stop.is_started and not _lifeline.has_ended():
            sys.stderr.write(f"electron-pyinstaller: the application's startup (lifespan) failed: {error}\n")
            return STARTUP_FAILED
        sys.stderr.write(f"electron-pyinstaller: {error}\n")
    except KeyboardInterrupt:
        pass
    if exits.code is not None:
        return exits.code
    stopping_by_itself()
    return 0


def configure(plan: Plan) -> Any:
    """Hypercorn's configuration."""
    from hypercorn.config import Config

    config = Config.from_mapping({"accesslog": None, "errorlog": "-", **plan.options})
    config.bind = [f"fd://{plan.listener.socket.fileno()}"]
    if plan.grace_seconds is not None:
        config.graceful_timeout = plan.grace_seconds / 2
        config.shutdown_timeout = plan.grace_seconds
    if plan.managed and "keep_alive_timeout" not in plan.options:
        config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    if plan.managed and "startup_timeout" not in plan.options:
        # The app has a limit of its own, which the program can extend.
        config.startup_timeout = _ONE_DAY_SECONDS
    return config


class _Stop:
    """Asks the server to stop, from any thread."""

    def __init__(self) -> None:
        self.is_started = False
        self.event: asyncio.Event
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def ask(self) -> bool:
        """Ask; false while the application starts, which nothing but an interruption ends."""
        loop = self._loop
        if loop is None:
            return False
        loop.call_soon_threadsafe(self.event.set)
        return self.is_started

    @contextlib.contextmanager
    def asked_by_signals(self) -> Iterator[None]:
        """Listen to signals in the running event loop. Hypercorn's own handlers do nothing while the application starts."""
        self._loop = asyncio.get_running_loop()
        self.event = asyncio.Event()
        names = ("SIGINT", "SIGTERM", "SIGBREAK") if threading.current_thread() is threading.main_thread() else ()
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = {number: signal.signal(number, self._handle) for number in numbers}
        try:
            yield
        finally:
            self._loop = None
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, _frame: Any) -> None:
        _messages.send_stopping("signal")
        if not self.ask():
            raise SystemExit(0 if _lifeline.has_ended() else 128 + number)


def _announcing(app: Any, ready: Callable[[], None]) -> Any:
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
                ready()

        try:
            await app(scope, receive, watch)
        finally:
            if not answered:
                ready()

    return announcing
