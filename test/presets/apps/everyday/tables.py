"""numpy and pandas: linear algebra, random numbers, groups, dates and text files."""

import io

import numpy
import pandas
from answering import answering


def check():
    solved = numpy.linalg.solve(numpy.array([[3.0, 1.0], [1.0, 2.0]]), numpy.array([9.0, 8.0]))
    drawn = numpy.random.default_rng(1).normal(size=1000)
    read = pandas.read_csv(io.StringIO("day,amount\n2026-01-01,1\n2026-01-01,2\n2026-01-02,4\n"), parse_dates=["day"])
    return {
        "solved": solved.round(6).tolist(),
        "drawn": bool(abs(drawn.mean()) < 0.2),
        "sums": {str(day.date()): int(amount) for day, amount in read.groupby("day")["amount"].sum().items()},
    }


app = answering(check)
