"""What comes after the two networks: threshold, suppression, the first M, and Algorithm 1.

The boxes are drawn as a scan leaves them: 30 windows of 8732 default boxes for each detector, of which a few
thousand lie about the twenty joints with a high confidence, and everything else is background.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.table import Row
from detector.boxes import Doubles
from detector.classes import TOP
from detector.ensemble import Candidates, combine, select

WINDOWS, DEFAULT_BOXES = 30, 8732
SURE = 3000  # boxes at or above 0.9 in one scan, some hundred for each joint
SIDE = 110  # of a joint's box, in pixels
ROUNDS = 60


def measure() -> list[Row]:
    joints = np.random.default_rng(0).uniform((100, 200), (1900, 1400), (TOP["ankylosis"], 2))
    first, second = (scan(np.random.default_rng(seed), joints) for seed in (1, 2))
    kept = [each.taken(np.flatnonzero(each.confidence >= 0.9)) for each in (first, second)]
    return [
        Row(
            "post-processing, both detectors, boxes past the threshold on logits, median",
            1000 * median(lambda: together(*kept)),
            "ms",
            10,
            f"{len(kept[0])} + {len(kept[1])} boxes",
        ),
        Row(
            "the same, every default box of every window, median",
            1000 * median(lambda: together(first, second)),
            "ms",
            10,
            f"{len(first)} + {len(second)} boxes",
        ),
    ]


def together(first: Candidates, second: Candidates) -> None:
    combine(select(first, top=TOP["ankylosis"]), select(second, top=TOP["subluxation"]))


def scan(rng: np.random.Generator, joints: Doubles) -> Candidates:
    """All default boxes of one scan over joints with these centres [20, 2]."""
    count = WINDOWS * DEFAULT_BOXES
    centres = rng.uniform((0, 0), (2010, 1670), (count, 2))
    sides = rng.uniform(40, 500, (count, 2))
    foreground = rng.uniform(0, 0.2, count)
    sure = rng.choice(count, SURE, replace=False)
    centres[sure] = joints[rng.integers(len(joints), size=SURE)] + rng.normal(0, 6, (SURE, 2))
    sides[sure] = SIDE + rng.normal(0, 8, (SURE, 2))
    foreground[sure] = rng.uniform(0.9, 1, SURE)
    probabilities = np.column_stack([1 - foreground, 0.98 * foreground, 0.02 * foreground])
    probabilities[sure, 1:] = np.column_stack([foreground[sure], np.zeros(SURE)])
    boxes = np.hstack([centres - sides / 2, centres + sides / 2])
    return Candidates(boxes.astype(np.float32), probabilities.astype(np.float32))


def median(work: Callable[[], None]) -> float:
    """Seconds."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
