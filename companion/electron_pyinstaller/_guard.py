"""A second process that ends what the program leaves when the app is gone, and the program when it cannot do that itself:
stopped, dead before the app, or with native code that holds the GIL for ever.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from typing import Callable, Optional

from . import _messages, _processes
from ._session import Session

_MARGIN_SECONDS = 0.25
"""The thread in the program acts first."""

_AFTER_APP_SECONDS = 0.15

_POLITE_SECONDS = 1.0
"""Between SIGTERM and SIGKILL for what the program left."""

_KILL_SECONDS = 1.0

_pid: Optional[int] = None
_alive: Optional[int] = None


def pid() -> Optional[int]:
    """The guard's process; None where there is none."""
    return _pid


def install(wait: Callable[[], None], session: Session, leads_group: bool) -> None:
    """Start the guard. Must be called before any thread or framework exists, because it forks."""
    global _pid, _alive
    program, parent = os.getpid(), os.getppid()
    alive_reader, alive_writer = os.pipe()
    pid_reader, pid_writer = os.pipe()
    try:
        between = os.fork()
    except OSError:
        for descriptor in (alive_reader, alive_writer, pid_reader, pid_writer):
            os.close(descriptor)
        return
    if between != 0:
        os.close(alive_reader)
        os.close(pid_writer)
        # A program that waits for all its children must not wait for the guard.
        os.waitpid(between, 0)
        text = os.read(pid_reader, 32)
        os.close(pid_reader)
        _pid = int(text) if text else None
        _alive = alive_writer  # Stays open, unused, until this process is gone.
        os.register_at_fork(after_in_child=_forget_program)
        return
    try:
        own = os.fork()
        if own != 0:
            os.write(pid_writer, str(own).encode())
            os._exit(0)
        for descriptor in (alive_writer, pid_reader, pid_writer):
            os.close(descriptor)
        _detach()
        tree = _processes.Tree(program, parent, session.instance, leads_group=leads_group)
        wait()
        _end_program(program, alive_reader, tree, session.grace_seconds)
        _end_rest(program, tree, leads_group)
    finally:
        os._exit(0)


def _forget_program() -> None:
    """In a forked worker."""
    global _alive
    if _alive is not None:
        os.close(_alive)
        _alive = None


def _detach() -> None:
    """The parent must see the end of the program's output when the program ends, not when the guard does."""
    _messages.close_channel()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _end_program(program: int, alive: int, tree: _processes.Tree, grace_seconds: float) -> None:
    """Give the program its time to end by itself."""
    deadline = time.monotonic() + grace_seconds + _MARGIN_SECONDS
    if _ends(alive, 0):
        return
    if sys.platform != "linux":
        tree.others()  # While their parents live: nothing but them tells who belongs to the program.
    _send(program, signal.SIGCONT)
    if not _ends(alive, max(0.0, deadline - time.monotonic())):
        if sys.platform != "linux":
            tree.others()
        _send(program, signal.SIGKILL)
        _ends(alive, _KILL_SECONDS)


def _ends(alive: int, seconds: float) -> bool:
    """Wait for the end of the program, the only one that has the other end of this pipe."""
    return bool(select.select([alive], [], [], seconds)[0])


def _end_rest(program: int, tree: _processes.Tree, leads_group: bool) -> None:
    # An app that lives does this itself, and ends this process first.
    time.sleep(_AFTER_APP_SECONDS)
    told: set[tuple[int, str]] = set()
    begin = time.monotonic()
    while time.monotonic() - begin < _POLITE_SECONDS:
        others = tree.others()
        if not others:
            break
        for process in others:
            if process.identity not in told:
                told.add(process.identity)
                _send(process.pid, signal.SIGTERM)
                _send(process.pid, signal.SIGCONT)
        time.sleep(0.05)
    begin = time.monotonic()
    while time.monotonic() - begin < _KILL_SECONDS:
        others = tree.others()
        if not any([_send(process.pid, signal.SIGKILL) for process in others]):
            break
        time.sleep(0.02)
    if leads_group and sys.platform != "linux":
        # This process is a member of the group, so the number cannot have been given to another one.
        os.killpg(program, signal.SIGKILL)


def _send(pid: int, number: int) -> bool:
    """False when it is gone, or runs as another user."""
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True
