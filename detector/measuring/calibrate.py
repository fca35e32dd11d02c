"""The least confidence of a box, t_conf, for a scan other than the paper's.

The paper's 0.9 holds for its windows (Individual SSD predictions). One pass over a whole radiograph sees
other context at the places where windows end, so its confidences are others and it has a threshold of its
own, chosen on validation images: patients that were neither trained on nor are reported on. Nothing but
t_conf is chosen here; both detectors share it, and every other threshold stays the paper's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detector.classes import FINDINGS, T_CONF, TOP
from detector.ensemble import Candidates, combine, select
from detector.measuring.matching import Found, Outcome, Truth, match
from detector.metrics import DetectionCounts, FindingCounts, detection_counts, finding_counts, share

THRESHOLDS = tuple(round(0.02 * n, 2) for n in range(1, 50))
"""0.02 to 0.98; 0.9 is one of them."""

WINDOWS = "windows"

Raw = Mapping[str, Candidates]
"""Finding -> everything its detector says of one image, in image pixels, before `ensemble.select`: at least
every box as confident as the lowest threshold."""


@dataclass(frozen=True)
class Tried:
    """What the ensemble does at a threshold, on all validation images."""

    t_conf: float
    detection: DetectionCounts
    findings: Mapping[str, FindingCounts]

    @property
    def detection_f(self) -> float | None:
        """2 TP / (2 TP + FP + FN) of detection, with false boxes and missed joints; None without either joint
        or box."""
        hits, missed = self.detection.detected, self.detection.joints - self.detection.detected
        return share(2 * hits, 2 * hits + missed + self.detection.false_boxes)


def calibrate(
    scan: str,
    raw: Sequence[Raw],
    truths: Sequence[Truth],
    *,
    thresholds: Sequence[float] = THRESHOLDS,
) -> Tried:
    """The threshold of a scan ("windows" or "whole"), from what it said of validation images, and what that
    does there.

    The one with the largest F of detection is taken; of those with the same F the ones that miss fewest
    joints; of these the middle one of the longest row of neighbours, so that a little more or less confidence
    on other images changes nothing (of two middle ones the higher, of two such rows the higher).
    The scan "windows" keeps the paper's 0.9.

    Raises ValueError without a joint to find, without thresholds, or for other numbers of images and truths.
    """
    if scan == WINDOWS:
        thresholds = (T_CONF,)
    if len(raw) != len(truths) or not any(truth.names for truth in truths) or not thresholds:
        raise ValueError(f"{len(raw)} images, {len(truths)} truths, {len(thresholds)} thresholds")
    rising = sorted(thresholds)
    chosen = [best_of(one, rising[0]) for one in raw]
    tried = tuple(at_threshold(t_conf, chosen, truths) for t_conf in rising)
    merits = [(one.detection_f or 0.0, one.detection.detected) for one in tried]
    return tried[middle([merit == max(merits) for merit in merits])]


def best_of(raw: Raw, t_conf: float) -> Raw:
    """What `select` leaves at the lowest threshold.

    At a higher one it leaves the beginning of the same row: a box is removed by more confident ones only, and
    the M most confident are its first.
    """
    return {finding: select(raw[finding], t_conf=t_conf, top=TOP[finding]) for finding in FINDINGS}


def at_threshold(t_conf: float, chosen: Sequence[Raw], truths: Sequence[Truth]) -> Tried:
    outcomes = [
        ensemble_at(t_conf, candidates, truth) for candidates, truth in zip(chosen, truths, strict=True)
    ]
    findings = {finding: finding_counts(outcomes, finding) for finding in FINDINGS}
    return Tried(t_conf, detection_counts(outcomes), findings)


def ensemble_at(t_conf: float, candidates: Raw, truth: Truth) -> Outcome:
    kept = [
        candidates[finding].taken(np.flatnonzero(candidates[finding].confidence >= np.float32(t_conf)))
        for finding in FINDINGS
    ]
    return match(truth, Found.by_ensemble(combine(*kept)))


def middle(good: Sequence[bool]) -> int:
    """Place of the middle of the longest row of true values; there is at least one."""
    longest, length = 0, 0
    for end in range(len(good)):
        row = 0
        while row <= end and good[end - row]:
            row += 1
        if row and row >= length:
            longest, length = end, row
    return longest - (length - 1) // 2
