"""Output that nobody reads any more."""

from __future__ import annotations

import os
import select
import sys
from time import monotonic, sleep
from typing import Optional

if sys.platform != "win32":
    from select import poll as _poll  # Now: gevent and eventlet replace what the module has.

_STREAMS = (1, 2)


def divert(seconds: float, parent_pid: Optional[int]) -> None:
    """Watch standard output and standard error for so long: one that has lost its reader leads nowhere from then on.

    The parent may die at any time. A `print()` in the program's clean-up would raise then, and what stands behind it would
    not be done.
    """
    if sys.platform == "win32":
        _divert_without_parent(seconds, parent_pid)
        return
    poll = _poll()
    for number in _STREAMS:
        poll.register(number, 0)  # POLLERR (a pipe without a reader) and POLLHUP (a socket) are reported unasked.
    deadline = monotonic() + seconds
    while True:
        remaining = max(0.0, deadline - monotonic())
        for number, happened in poll.poll(remaining * 1000):
            poll.unregister(number)
            if happened & (select.POLLERR | select.POLLHUP):
                _lead_nowhere(number)
        if remaining == 0:
            return


def _divert_without_parent(seconds: float, parent_pid: Optional[int]) -> None:
    """Windows cannot be asked whether a pipe has a reader. Only the parent has these."""
    assert sys.platform == "win32"
    from . import _windows

    if _windows.outlives(parent_pid, seconds):
        return
    deadline = monotonic() + seconds
    for number in _STREAMS:
        _lead_nowhere(number)
    sleep(max(0.0, deadline - monotonic()))


def _lead_nowhere(number: int) -> None:
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)
    except OSError:
        pass
