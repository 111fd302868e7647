"""The familiar spike, a few dozen times a minute."""

import math
import random
from collections.abc import Callable

# Time within a beat (0 to 1), height and width of the waves of a beat.
WAVES = ((0.18, 0.14, 0.035), (0.36, -0.12, 0.012), (0.40, 1.05, 0.014), (0.44, -0.24, 0.014), (0.68, 0.30, 0.055))


def create(rate: float, noise: float) -> Callable[[float], float]:
    def read(seconds: float) -> float:
        phase = seconds * rate / 60 % 1
        beat = sum(height * math.exp(-((phase - at) ** 2) / (2 * width**2)) for at, height, width in WAVES)
        return beat + random.gauss(0, noise)

    return read
