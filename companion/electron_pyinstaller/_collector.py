"""Python's garbage collector while a program comes up. Nearly everything that imports make stays, and looking through it
again and again takes a sixth of a start.
"""

from __future__ import annotations

import gc
from typing import Mapping, Optional

RARELY = 500_000
"""Objects between two looks: as many as a large program makes until it is ready."""

_before: Optional[tuple[int, int, int]] = None


def rest() -> None:
    """Look rarely until `resume` is called, or until that was a mistake: a job that never says it is ready may make garbage."""
    global _before
    threshold = gc.get_threshold()
    if 0 < threshold[0] < RARELY:
        _before = threshold
        gc.set_threshold(RARELY, *threshold[1:])
        gc.callbacks.append(_after_look)


def resume() -> None:
    """Look as before. What is there by now counts as old: the next look leaves it alone, one through everything does not."""
    if _after_look not in gc.callbacks:
        return
    gc.callbacks.remove(_after_look)
    _look_as_before()
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()


def _look_as_before() -> None:
    global _before
    # Otherwise the program has decided itself.
    if _before is not None and gc.get_threshold()[0] == RARELY:
        gc.set_threshold(*_before)
    _before = None


def _after_look(phase: str, found: Mapping[str, int]) -> None:
    if phase == "stop" and found["collected"] > RARELY // 10:
        _look_as_before()
