"""Responses without an end: Server-Sent Events and the like."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Optional


class Streams:
    """Ends open streams when the server stops.

    Servers wait for open responses, and a stream never ends by itself: each quit of the app would take the whole grace
    period. Telling the application that the client has gone is what it is prepared for.
    """

    def __init__(self, late_errors: Optional[logging.Logger] = None) -> None:
        """`late_errors`: where failures after a complete response (a background task's) go, instead of to the server.

        uvicorn would close the connection, while the next request may already be on its way or being worked on.
        """
        self._late_errors = late_errors
        self._ending = False
        self._waiting: set[asyncio.Event] = set()

    def end(self) -> None:
        """Let every stream end now. Called in the event loop."""
        self._ending = True
        for event in self._waiting:
            event.set()

    def watch(self, app: Any) -> Any:
        """Wrap an ASGI application."""

        async def watching(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await self._run(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return watching

    async def _run(self, app: Any, scope: Any, receive: Any, send: Any) -> None:
        is_stream = is_events = is_complete = body_read = False
        cut = asyncio.Event()
        arriving: Optional[asyncio.Future[Any]] = None

        async def watched_send(message: Any) -> None:
            nonlocal is_stream, is_events, is_complete
            if message["type"] == "http.response.start":
                # Read once: an iterator would be empty afterwards.
                message = {**message, "headers": list(message.get("headers", ()))}
                headers = {name.lower(): value for name, value in message["headers"]}
                is_stream = b"content-length" not in headers
                is_events = headers.get(b"content-type", b"").startswith(b"text/event-stream")
                if is_stream:
                    self._waiting.add(cut)
                    if self._ending:
                        cut.set()
            elif message["type"] == "http.response.body":
                is_complete = not message.get("more_body", False)
            await send(message)

        async def watched_receive() -> Any:
            nonlocal body_read, arriving
            if not body_read:
                message = await receive()
                body_read = message["type"] != "http.request" or not message.get("more_body", False)
                if body_read:
                    # One for all that ask and never given up: `request.is_disconnected()` takes nothing but an answer that is
                    # there already, because it cancels what waits.
                    arriving = asyncio.ensure_future(receive())
                return message
            assert arriving is not None
            if not arriving.done() and not cut.is_set():
                await _first_of(arriving, cut)
            return arriving.result() if arriving.done() else {"type": "http.disconnect"}

        try:
            await app(scope, watched_receive, watched_send)
            if is_events and cut.is_set() and not is_complete:
                # Events that stop between two of them are complete. Any other cut response stays visibly incomplete.
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except Exception as error:
            if not is_complete or self._late_errors is None:
                raise
            self._late_errors.error("Exception in ASGI application\n", exc_info=error)
        finally:
            self._waiting.discard(cut)
            if arriving is not None:
                arriving.cancel()


async def _first_of(arriving: asyncio.Future[Any], cut: asyncio.Event) -> None:
    """Wait for either. Whoever stops waiting leaves `arriving` as it is."""
    ended = asyncio.ensure_future(cut.wait())
    try:
        await asyncio.wait((arriving, ended), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended.cancel()
