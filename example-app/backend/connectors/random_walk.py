"""Goes nowhere in particular, within limits."""

import random
from collections.abc import Callable


def create(start: float, step: float, low: float, high: float) -> Callable[[float], float]:
    value = start

    def read(_seconds: float) -> float:
        nonlocal value
        value = min(high, max(low, value + random.gauss(0, step)))
        return value

    return read
