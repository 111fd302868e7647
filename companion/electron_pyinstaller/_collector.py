"""Python's garbage collector while a program comes up. Nearly everything that imports make stays, and looking through it
again and again takes a sixth of a start. Only for programs of which it is known when that is over: others may make large garbage.
"""

from __future__ import annotations

import gc
from typing import Optional

RARELY = 500_000
"""Objects between two looks: as many as a large program makes until it is ready."""

_before: Optional[tuple[int, int, int]] = None


def rest() -> None:
    """Look rarely until `resume` is called."""
    global _before
    threshold = gc.get_threshold()
    if 0 < threshold[0] < RARELY:
        _before = threshold
        gc.set_threshold(RARELY, *threshold[1:])


def resume() -> None:
    """Look as before. What is there by now counts as old: the next look leaves it alone, one through everything does not."""
    global _before
    if _before is None:
        return
    # Otherwise the program has decided itself.
    if gc.get_threshold()[0] == RARELY:
        gc.set_threshold(*_before)
    _before = None
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()
