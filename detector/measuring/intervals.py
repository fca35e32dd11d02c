"""How sure a score is: bootstrap over patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from detector.metrics import DetectionCounts, FindingCounts, share

Counts = TypeVar("Counts", DetectionCounts, FindingCounts)


@dataclass(frozen=True)
class Interval:
    """A score of all patients together with its interval, each None where undefined.

    undefined: in how many of the `rounds` drawings the score was undefined; those are left out of the
    interval.
    """

    value: float | None
    low: float | None
    high: float | None
    rounds: int
    undefined: int


def by_patient(patients: Sequence[str], counts: Sequence[Counts]) -> list[Counts]:
    """The counts of images, summed for each patient; patients: whose each image is. In order of appearance.

    Raises ValueError where there is not one patient for each of the counts.
    """
    sums: dict[str, Counts] = {}
    for patient, one in zip(patients, counts, strict=True):
        sums[patient] = sums[patient] + one if patient in sums else one
    return list(sums.values())


def intervals(
    patients: Sequence[DetectionCounts] | Sequence[FindingCounts],
    rng: np.random.Generator,
    *,
    rounds: int = 2000,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Percentile bootstrap of every score, drawing as many patients as there are, with replacement.

    A patient's joints and visits resemble each other, so patients are drawn, not joints. The scores are those
    of the summed counts, not means over folds. The same generator state gives the same numbers. No patients:
    empty. An interval from few patients, or where most drawings are undefined, is too narrow: `undefined`
    tells. Where nothing went wrong in any patient it has no width (the rule of three gives a bound then).
    Raises ValueError for a level outside 0 to 1 or no rounds.
    """
    if not 0 < level < 1 or rounds < 1:
        raise ValueError(f"level {level}, rounds {rounds}")
    if not patients:
        return {}
    times = rng.multinomial(len(patients), np.full(len(patients), 1 / len(patients)), size=rounds)
    each = [one.fractions() for one in patients]
    result = {}
    for name in each[0]:
        parts = np.array([one[name] for one in each], dtype=np.float64)  # [patients, 2]
        part, whole = (times @ parts).T
        drawn = part[whole > 0] / whole[whole > 0]
        tails = ((1 - level) / 2, (1 + level) / 2)
        low, high = np.quantile(drawn, tails).tolist() if drawn.size else (None, None)
        value = share(*parts.sum(axis=0).tolist())
        result[name] = Interval(value, low, high, rounds, rounds - drawn.size)
    return result
