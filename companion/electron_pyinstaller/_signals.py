"""SIGTERM ends the program the way `sys.exit()` does."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Optional

from . import _lifeline, _messages

_terminating = False


def install() -> None:
    """Replace SIGTERM's default action, which would skip `finally`, `atexit` and multiprocessing's clean-up and so
    leave workers behind. Frameworks and programs that install their own handler replace this one.
    """
    if sys.platform == "win32" or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    signal.signal(signal.SIGTERM, _terminate)
    os.register_at_fork(after_in_child=_restore)


def _terminate(_number: int, _frame: Optional[FrameType]) -> None:
    global _terminating
    # Onefile programs see one SIGTERM to their group twice (directly and forwarded by the bootloader).
    if _terminating:
        return
    _terminating = True
    _messages.send_stopping("signal")
    raise SystemExit(0 if _lifeline.has_ended() else 128 + signal.SIGTERM)


def _restore() -> None:
    """Forked workers are ended with SIGTERM by multiprocessing: the default action is right for them."""
    if signal.getsignal(signal.SIGTERM) is _terminate:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
