"""Which of two scans is to be the default: the more accurate one, or the faster one where their intervals
overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from detector.measuring.comparison import SCAN_SCORES, Difference
from detector.measuring.intervals import Interval
from detector.measuring.scoring import ENSEMBLE, Evaluation

DECIDING = tuple(score for score in SCAN_SCORES if score != ("", "mean_iou"))
FEWER_IS_BETTER = ("false_boxes_an_image",)


@dataclass(frozen=True)
class Compared:
    """One score of both scans. intervals: of each. better: the scan whose interval lies wholly on the better
    side of the other's, None where they overlap or one is undefined."""

    finding: str
    score: str
    intervals: Mapping[str, Interval]
    difference: Difference
    better: str | None


@dataclass(frozen=True)
class Choice:
    """better: the more accurate scan, None where none is. faster: by the median of a scan. chosen: the scan
    to take, None where each is better in something. seconds: median of a scan."""

    scores: tuple[Compared, ...]
    seconds: Mapping[str, float]
    better: str | None
    faster: str
    chosen: str | None
    sentence: str


def choose(evaluations: Mapping[str, Evaluation], differences: tuple[Difference, ...]) -> Choice:
    """Of two scans of the same images, by name; differences: `comparison.between` of the first and second.

    A scan is the more accurate one if the intervals of a score do not overlap, in its favour, for at least
    one of detection rate, false boxes and both F, and none does in the other's.
    """
    compared = tuple(compare(evaluations, one) for one in differences)
    winners = {
        one.better for one in compared if one.better is not None and (one.finding, one.score) in DECIDING
    }
    seconds = {name: one.seconds for name, one in evaluations.items()}
    faster = min(seconds, key=lambda name: seconds[name])
    if len(winners) == 1:
        (better,) = winners
        words = f'"{better}" is the more accurate scan.'
        return Choice(compared, seconds, better, faster, better, words)
    if winners:
        words = "Each scan is the more accurate one in something: choose by what matters more."
        return Choice(compared, seconds, None, faster, None, words)
    words = (
        f'Neither scan is the more accurate one, their intervals overlap: take the faster one, "{faster}".'
    )
    return Choice(compared, seconds, None, faster, faster, words)


def compare(evaluations: Mapping[str, Evaluation], difference: Difference) -> Compared:
    found = {
        name: interval_of(one, difference.finding, difference.score) for name, one in evaluations.items()
    }
    (first, one), (second, other) = found.items()
    order = above(one, other)
    if difference.score in FEWER_IS_BETTER:
        order = -order
    better = {1: first, 0: None, -1: second}[order]
    return Compared(difference.finding, difference.score, found, difference, better)


def interval_of(evaluation: Evaluation, finding: str, score: str) -> Interval:
    if finding:
        return evaluation.findings[finding].intervals[score]
    return evaluation.detection[ENSEMBLE].intervals[score]


def above(one: Interval, other: Interval) -> int:
    """1 where the first lies wholly above the second, -1 below, 0 where they share a number or one is
    undefined."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return 0
    return int(one.low > other.high) - int(other.low > one.high)
