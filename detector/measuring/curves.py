"""Curves of one finding as plain arrays: precision and recall, ROC, calibration; and a histogram of overlaps.
 `chance` and `present` are those of `metrics.Answers`: float [n], 0 to 1, how likely the finding is; and bool
[n], whether it is there. `missed` is how many joints with the finding were not detected, which no threshold
finds. Other numbers, or arrays that are not of one length, raise ValueError.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.boxes import Doubles
from detector.ensemble import descending

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """One point for each different chance, highest first: present is what is at or above the threshold.

    threshold, precision, recall: float64 [T]; recall NaN where nothing is to be found. average_precision: the
    sum of the steps of recall times the precision there, None where nothing is to be found.
    """

    threshold: Doubles
    precision: Doubles
    recall: Doubles
    average_precision: float | None


@dataclass(frozen=True, eq=False)
class Roc:
    """From (0, 0) at threshold infinity, one point for each different chance, and (1, 1).

    threshold, false_positive_rate, true_positive_rate: float64 [T], a rate NaN where there is nothing of
    which it is one. area: by trapezia, so that a tie counts half; None where either rate is undefined.
    """

    threshold: Doubles
    false_positive_rate: Doubles
    true_positive_rate: Doubles
    area: float | None


@dataclass(frozen=True, eq=False)
class Calibration:
    """edges: float64 [B + 1]. count: int64 [B]. chance, observed: float64 [B], the mean chance in the bin and
    the share in which the finding was present, NaN in an empty bin. error: mean |chance - observed|, each bin
    weighted by its count (expected calibration error), None without any joint.
    """

    edges: Doubles
    count: Counts
    chance: Doubles
    observed: Doubles
    error: float | None


@dataclass(frozen=True, eq=False)
class Histogram:
    """edges: float64 [B + 1], each bin with its lower edge, the last with both. count: int64 [B]."""

    edges: Doubles
    count: Counts


def precision_recall(chance: Doubles, present: Bools, *, missed: int = 0) -> PrecisionRecall:
    """Missed joints are to be found too: recall ends below 1, and they add nothing to the average."""
    threshold, hits, false = steps(chance, present)
    recall = rates(hits, int(present.sum()) + missed)
    precision = hits / (hits + false)
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return PrecisionRecall(threshold, precision, recall, area if present.any() or missed else None)


def roc(chance: Doubles, present: Bools, *, missed: int = 0) -> Roc:
    """Missed joints count as called last of all, after every detected one, at threshold minus infinity."""
    threshold, hits, false = steps(chance, present)
    ends = [np.inf], [-np.inf] if missed else []
    positives = int(present.sum()) + missed
    negatives = len(present) - int(present.sum())
    true_rate = rates(np.concatenate([[0], hits, [positives] if missed else []]), positives)
    false_rate = rates(np.concatenate([[0], false, [negatives] if missed else []]), negatives)
    area = float(np.trapezoid(true_rate, false_rate)) if positives and negatives else None
    return Roc(np.concatenate([ends[0], threshold, ends[1]]), false_rate, true_rate, area)


def calibration(chance: Doubles, present: Bools, *, bins: int = 10) -> Calibration:
    """Bins of equal width from 0 to 1, each with its lower edge, the last with both. Detected joints only."""
    checked(chance, present)
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges[1:-1], chance, side="right")
    count = np.bincount(place, minlength=bins)
    mean, observed = np.full(bins, np.nan), np.full(bins, np.nan)
    filled = count > 0
    mean[filled] = np.bincount(place, weights=chance, minlength=bins)[filled] / count[filled]
    observed[filled] = np.bincount(place, weights=present, minlength=bins)[filled] / count[filled]
    gaps = np.abs(mean - observed)[filled] * count[filled]
    return Calibration(edges, count, mean, observed, float(gaps.sum() / len(chance)) if len(chance) else None)


def iou_histogram(iou: Doubles, *, bins: int = 20) -> Histogram:
    """How many joints overlap their box how much, 0 to 1 (`Outcome.iou`), without missed joints (NaN)."""
    count, edges = np.histogram(iou[~np.isnan(iou)], bins=bins, range=(0.0, 1.0))
    return Histogram(edges, count)


def steps(chance: Doubles, present: Bools) -> tuple[Doubles, Counts, Counts]:
    """Each different chance, highest first, and how many at or above it are present, and are not."""
    checked(chance, present)
    order = descending(chance)
    sorted_chance, hit = chance[order], present[order]
    last = np.flatnonzero(np.append(np.diff(sorted_chance) != 0, True)[: len(chance)])
    hits = np.cumsum(hit, dtype=np.int64)[last]
    return sorted_chance[last], hits, last + 1 - hits


def rates(part: NDArray[np.floating] | Counts, whole: int) -> Doubles:
    """part / whole, all NaN where there is no whole."""
    return part / whole if whole else np.full(len(part), np.nan)


def checked(chance: Doubles, present: Bools) -> None:
    if chance.ndim != 1 or chance.shape != present.shape:
        raise ValueError(f"chances {chance.shape} for truths {present.shape}")
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError("a chance must be a number from 0 to 1")
