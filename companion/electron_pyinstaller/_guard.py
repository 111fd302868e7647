"""Lifeline of kind `process`: a second process that works also when this one is stopped or holds the GIL for ever."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Callable

from . import _messages
from ._session import Session

_MARGIN_SECONDS = 0.25
"""The thread in the program acts first; the guard is for what the thread cannot do."""


def install(wait: Callable[[], None], session: Session, leads_group: bool) -> None:
    """Start the guard. POSIX: must be called before any thread or framework exists, because it forks."""
    if sys.platform == "win32":
        from . import _windows

        _windows.terminate_with_parent(session.parent_pid)
        return
    program = os.getpid()
    alive_reader, alive_writer = os.pipe()
    if os.fork() != 0:
        os.close(alive_reader)  # The writing end stays open, unused, until this process is gone.
        return
    try:
        os.close(alive_writer)
        _detach()
        threading.Thread(target=_leave_with_program, args=(alive_reader,), daemon=True).start()
        wait()
        _end(program, session.grace_seconds, leads_group)
    finally:
        os._exit(0)


def _detach() -> None:
    """The parent must see the end of the program's output when the program ends, not when the guard does."""
    _messages.close_channel()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _leave_with_program(alive: int) -> None:
    os.read(alive, 1)
    os._exit(0)


def _end(program: int, grace_seconds: float, leads_group: bool) -> None:
    deadline = time.monotonic() + grace_seconds + _MARGIN_SECONDS
    if os.getppid() == program:
        os.kill(program, signal.SIGCONT)
    while os.getppid() == program and time.monotonic() < deadline:
        time.sleep(0.02)
    if leads_group:
        # This process is a member of the group, so the number cannot have been given to another one.
        os.killpg(program, signal.SIGKILL)
    elif os.getppid() == program:
        os.kill(program, signal.SIGKILL)
