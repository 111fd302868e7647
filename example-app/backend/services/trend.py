"""Where the values are going: the slope of the best straight line, per sample."""


def run(values: list[float]) -> dict:
    count = len(values)
    if count < 2:
        return {"slope": 0.0, "direction": "steady"}
    middle = (count - 1) / 2
    mean = sum(values) / count
    slope = sum((index - middle) * (value - mean) for index, value in enumerate(values))
    slope /= sum((index - middle) ** 2 for index in range(count))
    spread = (max(values) - min(values)) or 1.0
    steady = abs(slope) * count < spread / 10
    return {"slope": slope, "direction": "steady" if steady else "rising" if slope > 0 else "falling"}
