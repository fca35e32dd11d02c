"""Drawing one phantom of the usual size, as the sample study does it at the first start."""

from __future__ import annotations

import statistics
import time

from benchmarks.table import Row
from detector.phantom import draw

COUNT = 12


def measure() -> list[Row]:
    draw(0)
    taken = []
    for seed in range(1, COUNT + 1):
        start = time.perf_counter()
        draw(seed)
        taken.append(time.perf_counter() - start)
    return [Row("one phantom drawn, 2010 x 1670, median", statistics.median(taken), "s", 1.2)]
