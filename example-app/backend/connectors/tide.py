"""A slow swing with ripples on it."""

import math
from collections.abc import Callable


def create(level: float, swing: float, period: float, ripple: float) -> Callable[[float], float]:
    def read(seconds: float) -> float:
        turn = 2 * math.pi * seconds
        return level + swing * math.sin(turn / period) + ripple * (math.sin(turn * 0.9) + 0.5 * math.sin(turn * 2.3))

    return read
