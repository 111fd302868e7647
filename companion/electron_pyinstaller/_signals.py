"""SIGTERM ends the program the way `sys.exit()` does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, Optional

from . import _lifeline, _messages

_SERVERS = frozenset({__name__.partition(".")[0], "uvicorn", "hypercorn", "asyncio", "uvloop"})
"""Packages whose handlers of SIGTERM are meant for the server's own process; this one included."""

_terminating = False
_watches_forks = False
_masks = threading.local()


def install() -> None:
    """Replace SIGTERM's default action, which would skip `finally`, `atexit` and multiprocessing's clean-up and so
    leave workers behind. Frameworks and programs that install their own handler replace this one.
    """
    if sys.platform == "win32" or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    signal.signal(signal.SIGTERM, _terminate)


def watch_forks() -> None:
    """Give forked workers the default action of SIGTERM back, also in a program that was started by hand."""
    global _watches_forks
    if sys.platform != "win32" and not _watches_forks:
        _watches_forks = True
        os.register_at_fork(before=_hold_back, after_in_parent=_let_through, after_in_child=_restore)


def _terminate(_number: int, _frame: Optional[FrameType]) -> None:
    global _terminating
    # Onefile programs see one SIGTERM to their group twice (directly and forwarded by the bootloader).
    if _terminating:
        return
    _terminating = True
    if not _messages.postpone(_end):
        _end()


def _end() -> None:
    _messages.send_stopping("signal")
    _raise_in_main_greenlet(SystemExit(0 if _lifeline.has_ended() else 128 + signal.SIGTERM))


def _raise_in_main_greenlet(error: SystemExit) -> None:
    """With gevent and eventlet the handler runs in whichever greenlet is at work. Where that one answers a request, the
    server would take the exception for its failure, and the program would go on.
    """
    gevent: Any = sys.modules.get("gevent.hub")
    eventlet: Any = sys.modules.get("eventlet.hubs")
    if gevent is not None:
        hub = gevent.get_hub()
        if gevent.getcurrent() not in (hub, hub.parent):
            hub.handle_system_error(type(error), error)
            return
    elif eventlet is not None:
        hub, current = eventlet.get_hub(), eventlet.greenlet.getcurrent()
        if current is not hub.greenlet and current.parent is hub.greenlet:
            hub.schedule_call_global(0, current.switch)
            hub.greenlet.parent.throw(error)
            return
    raise error


def _hold_back() -> None:
    """A SIGTERM that reaches a worker between the fork and `_restore` would be noted for our handler and then be lost:
    it waits until the default action is back.
    """
    _masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _let_through() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _masks.before)


def _restore() -> None:
    """Forked workers are ended with SIGTERM by multiprocessing: the default action is right for them. With the handler of
    the server they would only note the signal, and `Pool.terminate()` would wait for them for ever.
    """
    handler = signal.getsignal(signal.SIGTERM)
    module = getattr(handler, "__module__", None) or ""
    if module.partition(".")[0] in _SERVERS:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # An event loop's: the worker's signals would arrive in the loop of the program.
        signal.set_wakeup_fd(-1)
    _let_through()
