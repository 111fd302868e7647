"""Waiting for the other end of a pipe to be closed."""

from __future__ import annotations

import os
import select
import sys
from time import sleep
from typing import Callable, Optional

if sys.platform != "win32":
    from select import poll as _poll  # Now: gevent and eventlet replace what the module has.

_POLL_SECONDS = 0.25


def waiter(descriptor: int, *, shared: bool, raw: bool, parent_pid: Optional[int]) -> Callable[[], None]:
    """Return a function that blocks until the parent is gone or wants the program to end.

    `shared`: somebody else reads from the descriptor, so nothing may be consumed. `raw`: the end of the input is for
    the program to see; only a dead parent counts.
    """
    if sys.platform == "win32":
        from . import _windows

        return _windows.waiter(descriptor, shared=shared, raw=raw, parent_pid=parent_pid)
    if not shared:
        return lambda: _read_to_end(descriptor)
    if not raw:
        return lambda: _await_hangup(descriptor, parent_pid)

    def wait() -> None:
        _await_hangup(descriptor, parent_pid)
        while parent_pid is not None and is_alive(parent_pid):
            sleep(_POLL_SECONDS)

    return wait


def is_alive(pid: int) -> bool:
    """Tell whether a process exists (POSIX)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _read_to_end(descriptor: int) -> None:
    while True:
        try:
            if not os.read(descriptor, 65536):
                return
        except InterruptedError:
            continue
        except BlockingIOError:
            select.select([descriptor], [], [])
        except OSError:
            return


def _await_hangup(descriptor: int, parent_pid: Optional[int]) -> None:
    """POLLHUP is reported unasked; POLLRDHUP (Linux) when only the writing side of a socket was closed."""
    poll = _poll()
    poll.register(descriptor, getattr(select, "POLLRDHUP", 0))
    while True:
        if poll.poll(1000):
            return
        # Systems that report neither for this kind of pipe still have the parent's death.
        if parent_pid is not None and not is_alive(parent_pid):
            return
