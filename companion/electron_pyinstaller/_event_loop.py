"""One event loop for all `async` handlers, so that they can share what belongs to a loop: locks, connections, sessions."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Coroutine, Optional

from ._failure import log_exception

if TYPE_CHECKING:
    # Imported late: it takes longer than all else that a program without `async` handlers needs.
    import asyncio


class EventLoop:
    """Runs coroutines for other threads, in a thread that is started when the first one comes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._closing: Optional[asyncio.Event] = None

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Wait for the coroutine's result."""
        import asyncio

        result, ended = asyncio.run_coroutine_threadsafe(_contained(coroutine), self._running()).result()
        if ended is not None:
            raise ended
        return result

    def close(self) -> None:
        """Cancel what is left and end the thread."""
        loop, closing = self._loop, self._closing
        if loop is not None and closing is not None and self._thread is not None:
            loop.call_soon_threadsafe(closing.set)
            self._thread.join()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                started = threading.Event()
                self._thread = threading.Thread(
                    target=self._work, args=(started,), name="electron-pyinstaller-async", daemon=True
                )
                self._thread.start()
                started.wait()
            assert self._loop is not None
            return self._loop

    def _work(self, started: threading.Event) -> None:
        import asyncio

        try:
            asyncio.run(self._until_closed(started))
        except BaseException as error:  # noqa: BLE001 - `sys.exit()` in a task of the program's own; the next one starts anew.
            log_exception(error)

    async def _until_closed(self, started: threading.Event) -> None:
        import asyncio

        self._loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        started.set()
        try:
            await self._closing.wait()
        finally:
            self._loop = None


async def _contained(coroutine: Coroutine[Any, Any, Any]) -> tuple[Any, Optional[BaseException]]:
    """`SystemExit` would end the loop, and with it all other requests."""
    try:
        return await coroutine, None
    except (SystemExit, KeyboardInterrupt) as error:
        return None, error
