"""`sys.exit()` and `fatal()` in an ASGI application."""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional


class Exits:
    """Ends the server when the application asks for it.

    Servers take `SystemExit` for an error like others: they answer 500, or believe that the application knows no lifespan,
    and go on.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self.code: Optional[int] = None
        """What the application wants to end with; None as long as it does not."""

    def watch(self, app: Any) -> Any:
        """Wrap an ASGI application."""

        async def watching(scope: Any, receive: Any, send: Any) -> None:
            begun = False

            async def watched_send(message: Any) -> None:
                nonlocal begun
                begun = True
                if message["type"] == "lifespan.startup.failed":
                    # Frameworks say so while they handle the exit, and a server may raise out of send() itself.
                    self._note(sys.exc_info()[1])
                await send(message)

            try:
                await app(scope, receive, watched_send)
            except SystemExit as error:
                self._note(error)
                if not begun:
                    await _say_it_failed(scope["type"], send)

        return watching

    def _note(self, error: Optional[BaseException]) -> None:
        if isinstance(error, SystemExit) and self.code is None:
            self.code = _number(error.code)
            self._stop()


def _number(code: object) -> int:
    """As Python's own end does it."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    sys.stderr.write(f"{code}\n")
    return 1


async def _say_it_failed(kind: str, send: Any) -> None:
    if kind == "lifespan":
        await send({"type": "lifespan.startup.failed", "message": ""})
    elif kind == "websocket":
        await send({"type": "websocket.close", "code": 1011})
    else:
        await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
