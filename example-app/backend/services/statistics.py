"""Figures about a list of values."""

import statistics


def run(values: list[float]) -> dict:
    if not values:
        return {"count": 0}
    return {
        "count": len(values),
        "minimum": min(values),
        "maximum": max(values),
        "mean": statistics.fmean(values),
        "deviation": statistics.pstdev(values),
    }
