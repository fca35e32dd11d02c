"""Whether one way of finding joints is better than another on the same images: paired by patient.

Two ways err on the same images, so their intervals may overlap where their difference is plain. Each
difference has its own interval here: patients are drawn with replacement, and both ways are scored on the
same drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.classes import FINDINGS
from detector.evaluate import ImageResult
from detector.measuring.intervals import Interval, by_patient
from detector.measuring.matching import Outcome
from detector.metrics import DetectionCounts, FindingCounts, detection_counts, finding_counts, share

SEED, ROUNDS = 0, 2000
TAILS = (0.025, 0.975)

Patients = Sequence[DetectionCounts] | Sequence[FindingCounts]


@dataclass(frozen=True)
class Difference:
    """Two ways, one score. finding: whose detector or whose score, "" for both. first, second: the score of
    each way. difference: first less second, with its 95 % interval."""

    finding: str
    score: str
    first: float | None
    second: float | None
    difference: Interval


def differing(
    finding: str, score: str, first: Patients, second: Patients, *, rounds: int = ROUNDS
) -> Difference:
    """Of one score, from the counts of the same patients in the same order.

    A drawing in which either way has no score is left out. Raises ValueError for other numbers of patients,
    or none.
    """
    if len(first) != len(second) or not first:
        raise ValueError(f"{len(first)} patients against {len(second)}")
    rng = np.random.default_rng(SEED)
    times = rng.multinomial(len(first), np.full(len(first), 1 / len(first)), size=rounds)
    parts = [np.array([one.fractions()[score] for one in side], np.float64) for side in (first, second)]
    drawn = [(times @ each).T for each in parts]  # part and whole of each way: [2, rounds]
    defined = (drawn[0][1] > 0) & (drawn[1][1] > 0)
    one, other = (part[defined] / whole[defined] for part, whole in drawn)
    low, high = np.quantile(one - other, TAILS).tolist() if defined.any() else (None, None)
    here, there = (share(*each.sum(axis=0).tolist()) for each in parts)
    value = None if here is None or there is None else here - there
    return Difference(
        finding, score, here, there, Interval(value, low, high, rounds, rounds - int(defined.sum()))
    )


def against_alone(images: Sequence[ImageResult], *, rounds: int = ROUNDS) -> tuple[Difference, ...]:
    """The ensemble less each detector alone: detection rate and mean IoU on the joints which that detector is
    to find (18 of 20 for subluxation), and F of its finding."""
    patients = [one.image.patient for one in images]
    found: list[Difference] = []
    for finding in FINDINGS:
        both = by_patient(patients, [on_judged(one.ensemble, finding) for one in images])
        alone = by_patient(patients, [detection_counts([one.alone[finding]]) for one in images])
        found += [differing(finding, score, both, alone, rounds=rounds) for score in ("rate", "mean_iou")]
        told = by_patient(patients, [finding_counts([one.ensemble], finding) for one in images])
        told_alone = by_patient(patients, [finding_counts([one.alone[finding]], finding) for one in images])
        found.append(differing(finding, "f", told, told_alone, rounds=rounds))
    return tuple(found)


def on_judged(outcome: Outcome, finding: str) -> DetectionCounts:
    """The ensemble on those joints only which a finding is judged on; boxes elsewhere are not counted."""
    judged = outcome.truth.labels[:, FINDINGS.index(finding)] >= 0
    return DetectionCounts(
        images=1,
        joints=int(judged.sum()),
        detected=int((judged & outcome.detected).sum()),
        iou_sum=float(np.nansum(outcome.iou[judged])),
    )


SCAN_SCORES = (
    ("", "rate"), ("", "false_boxes_an_image"), ("", "mean_iou"), ("ankylosis", "f"), ("subluxation", "f"),
)  # fmt: skip
"""What two scans are compared by. Mean IoU is shown, and decides nothing: half a hundredth of it is no other
accuracy."""


VERSION_SCORES = (
    ("", "rate"), ("", "false_boxes_an_image"), ("", "mean_iou"),
    ("ankylosis", "f"), ("ankylosis", "recall"), ("ankylosis", "specificity"),
    ("subluxation", "f"), ("subluxation", "recall"), ("subluxation", "specificity"),
)  # fmt: skip
"""What two versions are compared by."""


def between(
    first: Sequence[ImageResult],
    second: Sequence[ImageResult],
    *,
    scores: Sequence[tuple[str, str]] = SCAN_SCORES,
    rounds: int = ROUNDS,
) -> tuple[Difference, ...]:
    """One ensemble less another, by scan or version, on the same images. scores: finding ("" of detection)
    and score, the order of what is returned."""
    patients = [one.image.patient for one in first]
    sides = first, second
    detection = [by_patient(patients, [detection_counts([one.ensemble]) for one in side]) for side in sides]
    told = {
        finding: [
            by_patient(patients, [finding_counts([one.ensemble], finding) for one in side]) for side in sides
        ]
        for finding in FINDINGS
    }
    found: list[Difference] = []
    for finding, score in scores:
        if finding:
            found.append(differing(finding, score, *told[finding], rounds=rounds))
        else:
            found.append(differing(finding, score, *detection, rounds=rounds))
    return tuple(found)
