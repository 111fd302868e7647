"""uvicorn's waits, ended as soon as there is nothing to wait for."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any, Optional

_TURN_SECONDS = 0.005
"""Between two looks at what is still open; long enough for a connection that was just accepted to be seen."""


class Wakeful:
    """Stands in for `asyncio` in uvicorn's server, which looks ten times a second whether it is to end, and then waits
    for a tenth of a second whatever is open.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._sleepers: set[asyncio.Future[None]] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    def install(self) -> None:
        """Called in the event loop that serves."""
        self._loop = asyncio.get_running_loop()
        vars(importlib.import_module("uvicorn.server"))["asyncio"] = self

    def wake(self) -> None:
        """Let the server look now. Called from any thread, and from handlers of signals."""
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:
                pass  # It has ended.

    async def sleep(self, seconds: float, *result: Any) -> Any:
        """As asyncio's, and at most as long."""
        if self._loop is not asyncio.get_running_loop():
            return await asyncio.sleep(seconds, *result)  # Another server, in a thread of the program's own.
        if self._server.should_exit:
            await self._until_closed(seconds)
        else:
            await self._until_woken(seconds)
        return result[0] if result else None

    async def _until_woken(self, seconds: float) -> None:
        assert self._loop is not None
        sleeper = self._loop.create_future()
        timer = self._loop.call_later(seconds, _end, sleeper)
        self._sleepers.add(sleeper)
        try:
            await sleeper
        finally:
            timer.cancel()
            self._sleepers.discard(sleeper)

    async def _until_closed(self, seconds: float) -> None:
        assert self._loop is not None
        state = self._server.server_state
        deadline = self._loop.time() + seconds
        while True:
            await asyncio.sleep(min(_TURN_SECONDS, seconds))
            if not (state.connections or state.tasks) or self._loop.time() >= deadline:
                return

    def _wake(self) -> None:
        for sleeper in self._sleepers:
            _end(sleeper)


def _end(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
