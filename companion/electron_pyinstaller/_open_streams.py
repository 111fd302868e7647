"""Responses without an end: Server-Sent Events and the like."""

from __future__ import annotations

import asyncio
from typing import Any


class Streams:
    """Ends open streams when the server stops.

    Servers wait for open responses, and a stream never ends by itself: each quit of the app would take the whole grace
    period. Telling the application that the client has gone is what it is prepared for.
    """

    def __init__(self) -> None:
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
        is_stream = is_events = body_read = False
        cut = asyncio.Event()
        pending: list[asyncio.Task[Any]] = []

        async def watched_send(message: Any) -> None:
            nonlocal is_stream, is_events
            if message["type"] == "http.response.start":
                headers = {name.lower(): value for name, value in message.get("headers", ())}
                is_stream = b"content-length" not in headers
                is_events = headers.get(b"content-type", b"").startswith(b"text/event-stream")
                if is_stream:
                    self._waiting.add(cut)
                    if self._ending:
                        cut.set()
            await send(message)

        async def watched_receive() -> Any:
            nonlocal body_read
            if not body_read:
                message = await receive()
                body_read = message["type"] != "http.request" or not message.get("more_body", False)
                return message
            # A receive() that was waited for when the stream was cut goes on; it is never started twice.
            arrived = pending.pop() if pending else asyncio.ensure_future(receive())
            ended = asyncio.ensure_future(cut.wait())
            try:
                await asyncio.wait((arrived, ended), return_when=asyncio.FIRST_COMPLETED)
                if arrived.done():
                    return arrived.result()
                pending.append(arrived)
                return {"type": "http.disconnect"}
            except asyncio.CancelledError:
                arrived.cancel()
                raise
            finally:
                ended.cancel()

        try:
            await app(scope, watched_receive, watched_send)
            if is_events and cut.is_set():
                # Events that stop between two of them are complete. Any other cut response stays visibly incomplete.
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._waiting.discard(cut)
            for task in pending:
                task.cancel()
