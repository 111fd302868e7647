"""Lines out of a pipe."""

from __future__ import annotations

import os
from collections import deque
from typing import Optional


class Lines:
    """The lines of a descriptor, one at a time. What was read already waits for the next who asks."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._complete: deque[bytes] = deque()
        self._incomplete: list[bytes] = []

    def next(self) -> Optional[bytes]:
        """Wait for a line that is not blank; None at the end. Nothing is read while complete ones are left."""
        while not self._complete:
            chunk = self._read()
            if not chunk:
                return None
            self._take(chunk)
        return self._complete.popleft()

    def _take(self, chunk: bytes) -> None:
        """Pieces are put together once, at the end of their line: a large one comes in hundreds."""
        first, *others = chunk.split(b"\n")
        self._incomplete.append(first)
        for piece in others:
            line = b"".join(self._incomplete)
            if line and not line.isspace():
                self._complete.append(line)
            self._incomplete = [piece]

    def _read(self) -> bytes:
        while True:
            try:
                return os.read(self._descriptor, 65536)
            except InterruptedError:
                continue
            except OSError:
                return b""
