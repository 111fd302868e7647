"""The lifeline: standard input stays open as long as the parent lives and wants this program."""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
from typing import Callable, Optional

from . import _guard, _hangup, _messages, _unread
from ._session import Session

EXIT_CODE = 70
"""The lifeline ended and the program did not, in the time it was given."""

_ended = False
_main_thread = 0
_private_input: Optional[int] = None
_finisher: Optional[Callable[[], bool]] = None


def has_ended() -> bool:
    """Tell whether the parent is gone or asked this program to end."""
    return _ended


def on_end(finish: Callable[[], bool]) -> None:
    """Let `finish` end the program when the lifeline ends; when it returns false, the main thread is interrupted."""
    global _finisher
    _finisher = finish


def install(session: Session) -> None:
    """Take standard input away from the program (grandchildren and `input()` must not read from it) and watch it.

    A `raw` conversation keeps standard input: it is the program's own.
    """
    raw = session.kind == "stdio" and session.stdio == "raw"
    descriptor = 0 if raw else _take_standard_input()
    if descriptor is None:
        return
    if session.kind == "http":
        global _private_input
        _private_input = descriptor
    if session.kind == "stdio" and not raw:
        from . import _conversation

        _conversation.open_conversation(descriptor)
        on_end(_conversation.notices_end)
    if session.lifeline == "off":
        return
    leads_group = _lead_own_group()
    wait = _hangup.waiter(descriptor, shared=session.kind == "stdio", raw=raw, parent_pid=session.parent_pid)
    _start_guard(wait, session, leads_group)
    atexit.register(_end_group, leads_group)
    global _main_thread
    _main_thread = _thread.get_ident()
    # Unknown to `threading`: gevent and eventlet, which the application may import next, replace its locks and names of
    # threads, and cannot do so with a second one alive.
    _thread.start_new_thread(_watch, (wait, session, leads_group))


def _start_guard(wait: Callable[[], None], session: Session, leads_group: bool) -> None:
    if sys.platform != "win32":
        _guard.install(wait, session, leads_group)
    elif session.lifeline == "process":
        from . import _windows

        _windows.terminate_with_parent(session.parent_pid)


def _take_standard_input() -> Optional[int]:
    """Move descriptor 0 to a private one (PEP 446: not inherited by programs) and leave the null device in its place."""
    try:
        descriptor = os.dup(0)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
    except OSError:
        return None
    if sys.platform == "win32":
        from . import _windows

        _windows.replace_standard_input()
    return descriptor


def share_standard_input() -> None:
    """Let a server that is a program of its own see the lifeline too: many end at the end of their input, as they must when
    whoever started them died. Nothing ever comes before that end.
    """
    if _private_input is None:
        return
    if sys.platform != "win32":
        os.dup2(_private_input, 0)
        atexit.register(_let_readers_finish)
        return
    # A pending read would stop others that look at the same pipe, as the lifeline does: it gets one that nobody closes.
    reader, _ = os.pipe()
    os.dup2(reader, 0)
    os.close(reader)
    from . import _windows

    _windows.replace_standard_input()


def _let_readers_finish() -> None:
    """Python aborts when it ends while a thread is inside a read of standard input. At the end of the input each read
    returns, as soon as its thread gets to run: this waits for the one that is under way.
    """
    if not _ended:
        return
    try:
        sys.stdin.buffer.peek(1)  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        pass  # Replaced or closed by the program.


def _lead_own_group() -> bool:
    """Become leader of a process group, so that one signal reaches the workers too. Onefile: the bootloader stays
    outside and lives to delete its temporary folder. A group that somebody else leads must never be killed.
    """
    if sys.platform == "win32":
        return False
    try:
        os.setpgid(0, 0)
    except OSError:
        pass  # A session leader (onedir, spawned detached) leads its group already.
    return os.getpgid(0) == os.getpid()


def _watch(wait: Callable[[], None], session: Session, leads_group: bool) -> None:
    global _ended
    wait()
    _ended = True
    _messages.send_stopping("lifeline")
    _arm_backstop(session.grace_seconds + 1)
    _unread.divert(0, session.parent_pid)
    if _finisher is None or not _finisher():
        _interrupt_main_thread()
    _unread.divert(session.grace_seconds, session.parent_pid)
    if leads_group and _guard.pid() is None:
        os.killpg(0, signal.SIGKILL)
    os._exit(EXIT_CODE)


def _arm_backstop(seconds: float) -> None:
    """A watchdog in C, which needs no GIL."""
    try:
        import faulthandler

        faulthandler.dump_traceback_later(seconds, exit=True)
    except Exception:  # noqa: BLE001 - sys.stderr may be anything; the watchdog is only a second belt.
        pass


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
        return
    # To the main thread, not to the process: delivered to another thread, a main thread blocked in a system call would
    # not run its handler.
    signal.pthread_kill(_main_thread, signal.SIGTERM)


def _end_group(leads_group: bool) -> None:
    """Workers that this program would wait for at its end do not know that the parent is gone."""
    if not (_ended and leads_group) or os.getpid() != os.getpgid(0):
        return
    # Pools end their workers in their own way first: a worker that is killed while it waits for work takes a lock with it
    # that the pool's end waits for. In a frozen program multiprocessing was imported before, so its turn would come later.
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._run_finalizers(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
