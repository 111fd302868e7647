"""Ends this process and everything it started as soon as the parent is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def _end_tree() -> None:
    if os.name == "nt":
        subprocess.run(
            ["taskkill", "/pid", str(os.getpid()), "/T", "/F"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os._exit(1)
    # Only when this process leads its group: otherwise the group may be the parent's.
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def watch_stdin() -> None:
    """Standard input is a pipe that the parent never writes to: its end means that the parent died."""

    def wait() -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        _end_tree()

    if sys.stdin is not None:
        threading.Thread(target=wait, name="lifeline", daemon=True).start()
