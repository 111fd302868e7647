"""Measures the chosen signal at a steady pace and tells whoever listens."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import contextmanager

import connectors
from database import Database
from settings import settings

log = logging.getLogger("example_app.sampler")


class Sampler:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[asyncio.Queue[dict]] = set()
        self._started = time.monotonic()
        self.measured = 0
        self.choose(settings().signal)

    def choose(self, name: str) -> None:
        self._read = connectors.reader(name)
        self.signal = name
        log.info("measuring %s every %d ms", name, settings().interval_ms)

    async def run(self) -> None:
        while True:
            self._measure()
            if self.measured % 1500 == 0:
                self._database.trim(settings().keep)
                log.info("%d samples measured, %d listening", self.measured, len(self._listeners))
            await asyncio.sleep(settings().interval_ms / 1000)

    def _measure(self) -> None:
        value = self._read(time.monotonic() - self._started)
        sample = {"time": time.time(), "signal": self.signal, "value": value}
        self._database.add(**sample)
        self.measured += 1
        for queue in self._listeners:
            if not queue.full():  # A listener that does not keep up misses samples; nobody waits for it.
                queue.put_nowait(sample)

    @contextmanager
    def _listening(self):
        queue: asyncio.Queue[dict] = asyncio.Queue(maxsize=100)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    async def samples(self) -> AsyncIterator[dict]:
        with self._listening() as queue:
            while True:
                yield await queue.get()
